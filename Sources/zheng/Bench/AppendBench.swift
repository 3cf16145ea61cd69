import ArgumentParser
import Measures

/// `zheng bench append`.
struct AppendBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Measure durable appends of signed statements.",
    discussion: """
      A ledger of 16 members is made in a temporary folder. First it gets sequences of 1,000 presigned statements of \
      256 B from several submitters at once, in this process: every signature is verified, every statement judged, \
      and a sequence is answered when its last statement is on disk. The yardstick is OpenSSL verifying on all cores \
      at once with nothing else to do. The index, which only answers searches, follows beside it; the second figure \
      waits for it.

      Then a node takes single statements over HTTP, one per POST, from clients that wait for each answer. The \
      yardstick is equal requests to the same server library doing nothing with them; the clients take their share \
      of the processor in both. An answer has the record's proof; with Prefer: return=minimal, only its place. A \
      single POST costs what the server library costs: to send many statements, send them in sequences.

        zheng bench append
        zheng bench append --folder /mnt/disk --rounds 9 --plot append.svg
      """)

  @Option(help: "How many sequences to append per turn.") var sequences = 40
  @Option(help: "How many statements per sequence.") var sequence = 1000
  @Option(help: "How many submitters send sequences at once.") var submitters = 8
  @Option(help: "How many single statements to post per turn.") var posts = 10_000
  @Option(help: "How many clients post them at once.") var clients = 64
  @Option(help: "How many members sign, in turn.") var members = 16
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
