public import LedgerCrypto

/// What someone is about to sign.
public struct StatementDraft: Hashable, Sendable {
  /// The most bytes that the signed entry may have.
  public static let maximumEntryByteCount = EntryView.maximumEntryByteCount

  /// One media type: a record kind, or that of a plain record.
  public var contentType: String
  /// The issuer and the time; nil only in a block header.
  public var claims: Claims?
  /// What is said.
  public var payload: [UInt8]

  /// A draft with these parts.
  public init(contentType: String, claims: Claims?, payload: [UInt8]) {
    self.contentType = contentType
    self.claims = claims
    self.payload = payload
  }

  /// The statement, signed with `key`: algorithm −7 for a P-256 key, −8 for Ed25519, and as `kid` the key's
  /// thumbprint.
  ///
  /// - Throws: `StatementError` `too-large` if the entry would exceed 65,535 bytes, and `malformed` for a
  ///   content type or claims out of bounds; `CryptoError` if libcrypto cannot sign.
  public func signed(by key: PrivateKey) throws -> SignedStatement {
    try signed(
      by: key, as: SignatureAlgorithm(for: key.publicKey.algorithm), keyID: key.publicKey.thumbprint)
  }

  /// The same with another algorithm and key id than the key's own, for tests of those who must refuse it.
  package func signed(
    by key: PrivateKey, as algorithm: SignatureAlgorithm, keyID: Digest
  ) throws -> SignedStatement {
    // Decoded before it is signed, so that nobody ever signs what the ledger would refuse by its shape.
    var entry = try encoded(algorithm, keyID)
    let view = try EntryView(decoding: entry.span)
    var sigStructure: [UInt8] = []
    view.appendSigStructure(of: entry.span, to: &sigStructure)
    let signature = try key.signature(over: sigStructure)
    // A key of another algorithm is refused for that, not for a high s.
    entry.replaceSubrange(
      view.signature, with: algorithm.keyAlgorithm == .es256 ? ECDSASignature.lowS(signature) : signature)
    return try SignedStatement(decoding: entry)
  }

  /// The entry with 64 zero bytes in place of the signature.
  private func encoded(_ algorithm: SignatureAlgorithm, _ keyID: Digest) throws(StatementError) -> [UInt8] {
    var parameters: [(CBOR, CBOR)] = [
      (1, CBOR(algorithm.rawValue)), (3, .text(contentType)), (4, .bytes(keyID.bytes)),
    ]
    if let claims { parameters.append((15, claims.cbor)) }
    let protected = CBOR.map(CBORMap(parameters)).encoded

    // Counted before anything is built: the payload may be a whole file.
    let around =
      2 + CBORWriter.headByteCount(UInt64(protected.count)) + protected.count + 1 + 2 + signatureByteCount
    let byteCount = around + CBORWriter.headByteCount(UInt64(payload.count)) + payload.count
    guard byteCount <= EntryView.maximumEntryByteCount else {
      throw StatementError(
        .tooLarge,
        """
        the record would take \(byteCount) bytes and the ledger takes at most \
        \(EntryView.maximumEntryByteCount): deposit the file's digest instead of the file
        """)
    }

    var entry: [UInt8] = []
    entry.reserveCapacity(byteCount)
    CBORWriter.head(.tag, 18, to: &entry)
    CBORWriter.head(.array, 4, to: &entry)
    CBORWriter.byteString(protected.span, to: &entry)
    CBORWriter.head(.map, 0, to: &entry)
    CBORWriter.byteString(payload.span, to: &entry)
    CBORWriter.byteString([UInt8](repeating: 0, count: signatureByteCount).span, to: &entry)
    return entry
  }
}
