import ArgumentParser
import Measures

/// `zheng bench hash`.
struct HashBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash", abstract: "Measure SHA-256 by message size, ours against OpenSSL's.",
    discussion: """
      Every way that the ledger hashes, and libcrypto's own calls in loops of nothing else. The Merkle node is compared with \
      OpenSSL's one-shot SHA256(); leaves, by the byte, with EVP on messages of 16 KiB, as `openssl speed -evp sha256 -bytes \
      16384` measures it; every way with EVP on the same message, its algorithm fetched once and its context reused, which is \
      the fastest that OpenSSL offers. Leaves and nodes are hashed many at once by kernels that are checked against OpenSSL \
      when the program starts; each that this machine has is listed. Processor time of one core.

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
