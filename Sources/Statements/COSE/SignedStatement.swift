public import LedgerCrypto

/// An entry with what it says, owned and readable: for commands, proofs and the index. Equal by its bytes.
///
/// As with `EntryView`, the shape has been checked and the signature has not: see `isSigned(by:)`.
public struct SignedStatement: Hashable, Sendable {
  /// The bytes in the log.
  public let entry: [UInt8]
  /// The ranges of its parts in `entry`.
  public let view: EntryView
  /// SHA-256 of the Sig_structure; does not depend on the signature.
  public let id: Digest

  /// Decodes an entry.
  ///
  /// - Throws: what `EntryView.init(decoding:)` throws.
  public init(decoding entry: [UInt8]) throws(StatementError) {
    view = try EntryView(decoding: entry.span)
    var hasher = SHA256()
    id = view.statementID(of: entry.span, using: &hasher)
    self.entry = entry
  }

  /// The signature algorithm.
  public var algorithm: SignatureAlgorithm { view.algorithm }

  /// The thumbprint of the signer's key, as the entry says.
  public var keyID: Digest { view.keyID }

  /// The media type of the payload: a record kind, or that of a plain record.
  public var contentType: String { Text.string(entry.span.extracting(view.contentType)) }

  /// The issuer and the time; nil only in a block header.
  public var claims: Claims? { view.claims.map { Claims($0, of: entry.span) } }

  /// The payload; may be empty.
  public var payload: [UInt8] { Array(entry[view.payload]) }

  /// The 64 bytes r ‖ s, or of Ed25519.
  public var signature: [UInt8] { Array(entry[view.signature]) }

  /// The bytes that the signature is over (RFC 9052 §4.4).
  public var sigStructure: [UInt8] {
    var bytes: [UInt8] = []
    view.appendSigStructure(of: entry.span, to: &bytes)
    return bytes
  }

  /// Whether the signature is `key`'s; false also where the algorithm does not fit the key.
  ///
  /// Whether `keyID` names this key is for the caller to see to, who found the key by it.
  public func isSigned(by key: PublicKey) -> Bool {
    guard algorithm.keyAlgorithm == key.algorithm else { return false }
    return key.isValid(signature: entry.span.extracting(view.signature), over: sigStructure.span)
  }

  /// Equal by the bytes of the entry.
  public static func == (left: SignedStatement, right: SignedStatement) -> Bool { left.entry == right.entry }

  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
