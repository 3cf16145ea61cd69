import ArgumentParser
import Measures

/// `zheng bench validate`.
struct ValidateBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Measure the audit of a whole ledger, which is what zheng verify does.",
    discussion: """
      Ledgers are made in a temporary folder, or LEDGER is taken. The full audit, in records/s, is compared with what OpenSSL \
      verifies on all cores at once, as `openssl speed -multi` does, were there nothing else to do; the audit of hashes only, in \
      bytes of entries/s, with EVP on messages of 1024 bytes on all cores. Then all cores against one, what a record of a \
      large ledger costs against one of a small ledger, and the memory of a `zheng verify` of its own, looked at from outside.

        zheng bench validate
        zheng bench validate ledger --rounds 5
        zheng bench validate --long           2 million records too; takes a quarter of an hour
      """)

  @Argument(help: "A ledger to audit.", completion: .directory) var ledger: String?
  @Option(help: "How many records of 256 B, and of 1 KiB, the ledgers that are made have.") var records =
    200_000
  @Option(help: "How many records the small ledger has.") var smallRecords = 20_000
  @Option(help: "How many members sign them, in turns.") var members = 16
  @Flag(help: "Compare the small ledger with one of 2 million records.") var long = false
  @Option(help: "Where to make ledgers.", completion: .directory) var folder: String?
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
