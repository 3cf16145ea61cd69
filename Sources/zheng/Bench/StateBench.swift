import ArgumentParser
import Measures

/// `zheng bench state-tree`.
struct StateBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "state-tree",
    abstract: "Measure the state tree: its upkeep, its proofs, and how long opening takes.",
    discussion: """
      Blocks of 1,000 records, each with three new keys, are applied to a state in a temporary folder. Measured are \
      a record's upkeep, a proof for one key, its check and its size, and opening what is stored. The upkeep is \
      processor time of one core, from a record's keys to the files.

        zheng bench state-tree
        zheng bench state-tree --keys 10000000
      """)

  @Option(help: "How many keys the state has before timing starts.") var keys: UInt64 = 1_000_000
  @Option(help: "How many blocks to apply per round.") var blocks = 20
  @Option(help: "How many proofs per round.") var proofs = 2000
  @Option(help: "Where to write the state.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (1...1_000_000_000).contains(keys) else { throw ValidationError("--keys may be 1 to 1000000000") }
    guard (1...100_000).contains(blocks) else { throw ValidationError("--blocks may be 1 to 100000") }
    guard (1...1_000_000).contains(proofs) else { throw ValidationError("--proofs may be 1 to 1000000") }
  }

  func measurement() throws -> StateMeasurement {
    StateMeasurement(keys: keys, blocks: blocks, proofs: proofs, folder: folder)
  }
}
