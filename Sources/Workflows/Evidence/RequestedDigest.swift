import LedgerCrypto
import Scenarios

/// A further digest that is asked for: `sm3`, or `sm3:HEX` where it is known what it should be.
package struct RequestedDigest: Sendable {
  package let algorithm: Evidence.DigestAlgorithm
  /// What someone says it is.
  package let expected: [UInt8]?

  package init?(argument: String) {
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
  package static let names = Evidence.DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
}

extension Fingerprint {
  /// Sees that it is what `wishes` expect.
  ///
  /// - Throws: not verified, with both digests.
  package func require(_ wishes: [RequestedDigest], of path: String) throws {
    for wish in wishes {
      guard let expected = wish.expected, let found = digests[wish.algorithm], found != expected else {
        continue
      }
      throw WorkflowError(
        .notVerified, "other-digest",
        "\(path): its \(wish.algorithm.rawValue) is \(Hex.encode(found)), not \(Hex.encode(expected)); it is another file than the one that was meant, or the digest was mistyped"
      )
    }
  }
}
