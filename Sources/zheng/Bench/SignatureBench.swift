import ArgumentParser
import LedgerCrypto
import Measures

/// `zheng bench verify-signature`.
struct SignatureBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-signature",
    abstract: "Measure ES256 verification with tables of known keys, against OpenSSL.",
    discussion: """
      A ledger knows its signers: a key that signs often gets a table, and its signatures are verified in batches. \
      The yardstick is EVP_PKEY_verify of one signature with one key and everything set up beforehand, as in \
      `openssl speed ecdsap256`. Processor time of one core.

        zheng bench verify-signature
        zheng bench verify-signature --keys 100 --seconds 20
      """)

  @Option(help: "How many keys sign, in turns.") var keys = 16
  @Option(help: "How many signatures a batch has.") var batch = 1024
  @Option(help: "About how long to measure, in s.") var seconds = 12.0
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (1...KnownKeys.mostTables).contains(keys) else {
      throw ValidationError("--keys may be 1 to \(KnownKeys.mostTables)")
    }
    guard (keys...65_536).contains(batch) else {
      throw ValidationError("--batch may be the number of keys to 65536")
    }
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measurement() -> SignatureMeasurement {
    SignatureMeasurement(keys: keys, batch: batch, seconds: seconds)
  }
}
