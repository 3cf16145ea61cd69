import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

/// A further digest on the command line: `sm3`, or `sm3:HEX` where it is known what it should be.
struct DigestWish: ExpressibleByArgument {
  let algorithm: Evidence.DigestAlgorithm
  /// What someone says it is.
  let expected: [UInt8]?

  init?(argument: String) {
    let parts = argument.utf8.split(
      separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false
    )
    .map { String(Substring($0)) }
    guard let algorithm = Evidence.DigestAlgorithm(rawValue: parts[0].lowercased()) else { return nil }
    self.algorithm = algorithm
    guard parts.count == 2 else {
      expected = nil
      return
    }
    guard let bytes = Hex.decode(parts[1].lowercased()), bytes.count == algorithm.byteCount else {
      return nil
    }
    expected = bytes
  }

  /// Every algorithm's name.
  static let names = Evidence.DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
}

extension Fingerprint {
  /// Sees that it is what `wishes` expect.
  ///
  /// - Throws: not verified, with both digests.
  func require(_ wishes: [DigestWish], of path: String) throws {
    for wish in wishes {
      guard let expected = wish.expected, let found = digests[wish.algorithm], found != expected else {
        continue
      }
      throw CommandError(
        .notVerified, "other-digest",
        "\(path): its \(wish.algorithm.rawValue) is \(Hex.encode(found)), not \(Hex.encode(expected)); it is another file than the one that was meant, or the digest was mistyped"
      )
    }
  }
}
