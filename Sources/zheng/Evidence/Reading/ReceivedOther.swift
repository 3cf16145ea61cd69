import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// What a receiver found that is not what was deposited and sealed.
struct ReceivedOther: Hashable {
  /// The SHA-256 that the item has, and the one that was found.
  let expected, digest: Digest?
  /// The seal that the item bears, and the one that was found.
  let expectedSeal: String?, seal: String

  /// What `accept` found, where it is not the item with this digest and this seal.
  init?(_ accept: Evidence.Accept, of digest: Digest?, sealedWith seal: String?) {
    (expected, self.digest, expectedSeal, self.seal) = (digest, accept.digest, seal, accept.seal)
    guard isDigestOther || isSealOther else { return nil }
  }

  private var isDigestOther: Bool { expected != digest }
  private var isSealOther: Bool { expectedSeal.map { !$0.hasSameBytes(as: seal) } ?? true }

  /// Both values of each that differs, a line each.
  var lines: [String] {
    var lines: [String] = []
    if isDigestOther {
      lines.append("received sha-256  \(digest?.hex ?? "none")")
      lines.append("deposited         \(expected?.hex ?? "none")")
    }
    if isSealOther {
      lines.append("received seal     \(seal.quoted)")
      lines.append("sealed with       \(expectedSeal?.quoted ?? "none")")
    }
    return lines
  }

  /// The same in one line.
  var text: String {
    var parts: [String] = []
    if isDigestOther { parts.append("received sha-256 \(digest?.hex ?? "none"), not the deposited one") }
    if isSealOther { parts.append("received seal \(seal.quoted), not \(expectedSeal?.quoted ?? "none")") }
    return parts.joined(separator: "; ")
  }

  /// The same for programs; what does not differ is null.
  var json: JSON {
    [
      "digest": JSON(isDigestOther ? digest?.hex : nil),
      "expectedDigest": JSON(isDigestOther ? expected?.hex : nil),
      "seal": JSON(isSealOther ? seal : nil), "expectedSeal": JSON(isSealOther ? expectedSeal : nil),
    ]
  }
}

extension LedgerReader {
  /// What was received, where `item` is disputed because of it; nil for any other.
  func receivedOther(_ item: Evidence.Item) throws -> ReceivedOther? {
    guard item.state == .disputed, let index = try entryIndex(of: item.last) else { return nil }
    let statement = try evidenceStatement(index)
    guard EvidenceKind(contentType: statement.contentType) == .accept else { return nil }
    return ReceivedOther(
      try Evidence.Accept(decoding: statement.payload), of: item.digests.sha256, sealedWith: item.seal)
  }
}
