import Ledger
import LedgerCrypto
import Scenarios

/// What a receiver found that is not what was deposited and sealed.
package struct ReceivedOther: Hashable, Sendable {
  /// The SHA-256 that the item has, and the one that was found.
  package let expected, digest: Digest?
  /// The seal that the item bears, and the one that was found.
  package let expectedSeal: String?, seal: String

  /// What `accept` found, where it is not the item with this digest and this seal.
  package init?(_ accept: Evidence.Accept, of digest: Digest?, sealedWith seal: String?) {
    (expected, self.digest, expectedSeal, self.seal) = (digest, accept.digest, seal, accept.seal)
    guard isDigestOther || isSealOther else { return nil }
  }

  /// Whether the digests differ.
  package var isDigestOther: Bool { expected != digest }
  /// Whether the seals differ.
  package var isSealOther: Bool { expectedSeal.map { !$0.hasSameBytes(as: seal) } ?? true }
}

extension LedgerAccess {
  /// What was received, where `item` is disputed because of it; nil for any other.
  package func receivedOther(_ item: Evidence.Item) async throws -> ReceivedOther? {
    guard item.state == .disputed, let index = try await entryIndex(of: item.last) else { return nil }
    let statement = try await statement(index)
    guard EvidenceKind(contentType: statement.contentType) == .accept else { return nil }
    return ReceivedOther(
      try Evidence.Accept(decoding: statement.payload), of: item.digests.sha256, sealedWith: item.seal)
  }
}
