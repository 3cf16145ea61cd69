public import LedgerCrypto

/// The CWT claims of a statement, owned: who says it, about what, on which ledger, when.
///
/// The bounds are those of `ClaimsView`; a draft with others is refused when it is signed.
public struct Claims: Sendable {
  /// 1 `iss`, the member: 1 to 64 bytes, no control characters.
  public let issuer: String
  /// 2 `sub`, what it is about: 1 to 255 bytes, no control characters.
  public let subject: String?
  /// 3 `aud`, the ledger id; nil only in the founding statement.
  public let audience: Digest?
  /// 4 `exp`, seconds since the epoch, at most 2^40: no block of a later time records it.
  public let expiresAt: UInt64?
  /// 6 `iat`, seconds since the epoch, at most 2^40.
  public let issuedAt: UInt64
  /// 7 `cti`, 16 bytes, random: it makes two statements that say the same distinct.
  public let tokenID: [UInt8]

  /// The claims with these values.
  public init(
    issuer: String, subject: String? = nil, audience: Digest?, expiresAt: UInt64? = nil, issuedAt: UInt64,
    tokenID: [UInt8]
  ) {
    self.issuer = issuer
    self.subject = subject
    self.audience = audience
    self.expiresAt = expiresAt
    self.issuedAt = issuedAt
    self.tokenID = tokenID
  }

  init(_ view: ClaimsView, of entry: Span<UInt8>) {
    issuer = Text.string(entry.extracting(view.issuer))
    subject = view.subject.map { Text.string(entry.extracting($0)) }
    audience = view.audience
    expiresAt = view.expiresAt
    issuedAt = view.issuedAt
    tokenID = [UInt8](copying: entry.extracting(view.tokenID))
  }

  /// The map that header label 15 holds.
  var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [(1, .text(issuer)), (6, .unsigned(issuedAt)), (7, .bytes(tokenID))]
    if let subject { pairs.append((2, .text(subject))) }
    if let audience { pairs.append((3, .text(audience.hex))) }
    if let expiresAt { pairs.append((4, .unsigned(expiresAt))) }
    return .map(CBORMap(pairs))
  }
}

extension Claims: Hashable {
  /// Equal where the encodings are equal, so that texts are compared by their bytes.
  public static func == (left: Claims, right: Claims) -> Bool { left.cbor == right.cbor }

  public func hash(into hasher: inout Hasher) { cbor.hash(into: &hasher) }
}
