import ArgumentParser
import Measures

/// `zheng bench hash`.
struct HashBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash", abstract: "Measure SHA-256 by message size, against OpenSSL.",
    discussion: """
      Measures every way in which the ledger hashes, and plain loops of libcrypto's own calls. Merkle nodes are \
      compared with OpenSSL's one-shot SHA256(); leaves, per byte, with EVP on messages of 16 KiB, as `openssl speed \
      -evp sha256 -bytes 16384` does; every way also with EVP on the same message, with the algorithm fetched once \
      and its context reused, the fastest that OpenSSL offers. Leaves and nodes are hashed many at once by kernels \
      that are checked against OpenSSL when the program starts; each that this machine has is listed. Processor time \
      of one core.

        zheng bench hash
        zheng bench hash --seconds 30 --plot hash.svg
      """)

  @Option(help: "About how long to measure, in s.") var seconds = 10.0
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measurement() -> HashMeasurement { HashMeasurement(seconds: seconds) }
}
