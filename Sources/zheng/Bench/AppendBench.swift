import ArgumentParser
import Measures

/// `zheng bench append`.
struct AppendBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Measure durable appends of signed statements.",
    discussion: """
      A ledger of 16 members is made in a temporary folder. First it gets sequences of 1,000 statements of 256 B, signed \
      beforehand, from several submitters at once, in this process: every signature is verified, every statement judged, and a \
      sequence is answered when its last statement is on the disk. That is compared with what OpenSSL verifies on all cores at \
      once, were there nothing else to do. The index, from which nothing but searches are answered, follows beside it; the \
      second figure waits for it.

      Then a node takes single statements over HTTP, one to a POST, from clients that wait for each answer, and that is \
      compared with equal requests to the same server library that does nothing with them. The clients take their share of the \
      processor, in both. An answer comes with the record's proof; with Prefer: return=minimal it says only where the record \
      stands. A single POST costs what the server library costs: who has many statements sends them in sequences.

        zheng bench append
        zheng bench append --folder /mnt/disk --rounds 9 --plot append.svg
      """)

  @Option(help: "How many sequences are appended in a turn.") var sequences = 40
  @Option(help: "How many statements a sequence has.") var sequence = 1000
  @Option(help: "How many submit sequences at once.") var submitters = 8
  @Option(help: "How many single statements are posted in a turn.") var posts = 10_000
  @Option(help: "How many clients post them at once.") var clients = 64
  @Option(help: "How many members sign, in turns.") var members = 16
  @Option(help: "A folder on the disk to measure.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    for (name, value, limit) in [
      ("sequences", sequences, 10_000), ("sequence", sequence, 16_384), ("submitters", submitters, 1000),
      ("posts", posts, 1_000_000), ("clients", clients, 500), ("members", members, 1000),
    ] where !(1...limit).contains(value) { throw ValidationError("--\(name) may be 1 to \(limit)") }
  }

  func measurement() -> AppendMeasurement {
    AppendMeasurement(
      sequences: sequences, sequence: sequence, submitters: submitters, posts: posts, clients: clients,
      members: members, folder: folder)
  }
}
