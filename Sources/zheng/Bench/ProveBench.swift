import ArgumentParser
import Measures

/// `zheng bench prove`.
struct ProveBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Measure proofs from tiles on disk: how long one takes, and its check.",
    discussion: """
      The tiles of a large log, whose leaf hashes are made from counters, are written to a temporary folder; \
      inclusion and consistency proofs at random places are read from them, each timed alone. Then a ledger, LEDGER \
      or a generated one, is opened and a record of it proven, which is what `zheng prove` does. The tiles are in \
      the system's cache.

        zheng bench prove
        zheng bench prove ledger --leaves 100000000
      """)

  @Argument(help: "A ledger to open, whose records are proven.", completion: .directory) var ledger: String?
  @Option(help: "How many leaves the log has.") var leaves: UInt64 = 10_000_000
  @Option(help: "How many proofs of each kind per round.") var proofs = 2000
  @Option(help: "How many records the generated ledger has.") var records = 20_000
  @Option(help: "Where to write tiles.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (2...1_000_000_000).contains(leaves) else {
      throw ValidationError("--leaves may be 2 to 1000000000")
    }
    guard (1...1_000_000).contains(proofs) else { throw ValidationError("--proofs may be 1 to 1000000") }
    guard (1...100_000_000).contains(records) else {
      throw ValidationError("--records may be 1 to 100000000")
    }
  }

  func measurement() throws -> ProveMeasurement {
    ProveMeasurement(
      ledger: try ledger.map(DirectoryArgument.folder), leaves: leaves, proofs: proofs, records: records,
      folder: folder)
  }
}
