import ArgumentParser
import Measures

/// `zheng bench validate`.
struct ValidateBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Measure the audit of a whole ledger, which is what `zheng verify` does.",
    discussion: """
      Ledgers are made in a temporary folder, or LEDGER is used. The full audit, in records/s, is compared with \
      OpenSSL verifying on all cores at once with nothing else to do, as in `openssl speed -multi`; the audit of \
      hashes only, in bytes of entries/s, with EVP on messages of 1024 bytes on all cores. Further measures: all \
      cores against one, a record's cost in a large ledger against a small one, and the memory of a separate `zheng \
      verify`, seen from outside.

        zheng bench validate
        zheng bench validate ledger --rounds 5
        zheng bench validate --long           2 million records too; takes a quarter of an hour
      """)

  @Argument(help: "A ledger to audit.", completion: .directory) var ledger: String?
  @Option(help: "How many records the generated ledgers have, of 256 B and of 1 KiB.") var records =
    200_000
  @Option(help: "How many records the small ledger has.") var smallRecords = 20_000
  @Option(help: "How many members sign them, in turns.") var members = 16
  @Flag(help: "Compare the small ledger with one of 2 million records.") var long = false
  @Option(help: "Where to create ledgers.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (1...100_000_000).contains(records), (1...100_000_000).contains(smallRecords) else {
      throw ValidationError("--records and --small-records may be 1 to 100000000")
    }
    guard (1...1000).contains(members) else { throw ValidationError("--members may be 1 to 1000") }
  }

  func measurement() throws -> ValidateMeasurement {
    ValidateMeasurement(
      ledger: try ledger.map(DirectoryArgument.folder), records: records, smallRecords: smallRecords,
      members: members,
      long: long, folder: folder, verifying: { ["verify", "--json", $0] })
  }
}
