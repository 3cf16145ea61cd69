public import LedgerCrypto

/// An entry of the log, decoded: offsets into its bytes, and nothing copied. Its shape has been checked
/// whole, its signature not at all.
///
/// An entry is a tagged COSE_Sign1 (RFC 9052 §4.2) of 1 to 65,535 bytes in deterministic CBOR:
///
///     18([ protected bstr, {}, payload bstr, signature bstr of 64 bytes ])
///
/// The protected labels are exactly 1 `alg`, 3 content type, 4 `kid` of 32 bytes and, but for block headers,
/// 15 CWT claims. The s of an ES256 signature is at most n / 2 (n is the order of P-256): s and n − s verify alike, and an entry
/// has one form. All ranges are of the entry's own bytes; a caller that keeps a view keeps the entry too.
public struct EntryView: Hashable, Sendable {
  /// The most bytes that an entry may have: what the two-byte lengths of C2SP entry bundles can say.
  public static let maximumEntryByteCount = 65_535

  /// Label 1.
  public let algorithm: SignatureAlgorithm
  /// Label 4: the thumbprint of the signer's key, as the entry says.
  public let keyID: Digest
  /// Label 3: one media type, printable ASCII, 3 to 255 bytes.
  public let contentType: Range<Int>
  /// The content of the protected bstr.
  public let protected: Range<Int>
  /// The content of the payload bstr; may be empty.
  public let payload: Range<Int>
  /// The 64 bytes r ‖ s, or of Ed25519.
  public let signature: Range<Int>
  /// Label 15; only a block header has none.
  public let claims: ClaimsView?

  /// Decodes an entry.
  ///
  /// - Throws: `too-large` for more than 65,535 bytes, `unsupported-algorithm` for an integer at label 1 that
  ///   is no `SignatureAlgorithm`, `malformed` for whatever else is not of the shape above.
  public init(decoding entry: Span<UInt8>) throws(StatementError) {
    try self.init(withEitherS: entry)
    guard !hasHighS(in: entry) else {
      throw StatementError(
        .malformed,
        "the s of the ES256 signature is above n / 2 (high-s); replace s by n − s, which verifies too")
    }
  }

  /// Whether the signature is ES256 and of its two values of s has the one that is refused.
  func hasHighS(in entry: Span<UInt8>) -> Bool {
    algorithm.keyAlgorithm == .es256 && ECDSASignature.hasHighS(entry.extracting(signature))
  }

  /// Decodes an entry whose s may be high: what a foreign signer made.
  init(withEitherS entry: Span<UInt8>) throws(StatementError) {
    guard entry.count <= EntryView.maximumEntryByteCount else {
      throw StatementError(
        .tooLarge, "an entry of \(entry.count) bytes; at most \(EntryView.maximumEntryByteCount) are allowed")
    }
    var cursor = CBORCursor(0..<entry.count)
    try cursor.expect(.tag, 18, "the tag of a COSE_Sign1", in: entry)
    try cursor.expect(.array, 4, "an array of four", in: entry)
    let protected = try cursor.byteString(1...entry.count, "the protected header", in: entry)
    try cursor.expect(.map, 0, "an empty unprotected header", in: entry)
    payload = try cursor.byteString(0...entry.count, "the payload", in: entry)
    signature = try cursor.byteString(signatureByteCount...signatureByteCount, "the signature", in: entry)
    try cursor.finish("the entry")

    self.protected = protected
    do throws(StatementError) {
      (algorithm, contentType, keyID, claims) = try EntryView.header(protected, entry)
    } catch {
      // For an encoder that does not sort its maps, that is the helpful message, not which label was missed first.
      throw CBOR.orderFault(entry.extracting(protected), at: protected.lowerBound) ?? error
    }
  }

  private static func header(
    _ protected: Range<Int>, _ entry: Span<UInt8>
  ) throws(StatementError) -> (SignatureAlgorithm, Range<Int>, Digest, ClaimsView?) {
    var header = CBORCursor(protected)
    let count = try header.argument(of: .map, "the protected header", in: entry)
    guard count == 3 || count == 4 else {
      throw CBORCursor.malformed("\(count) protected parameters", at: protected.lowerBound)
    }
    // The labels in the one order that is canonical, so that no further check of the order is needed.
    try header.expect(.unsigned, 1, "the label of alg", in: entry)
    let algorithm = try EntryView.algorithm(&header, entry)
    try header.expect(.unsigned, 3, "the label of the content type", in: entry)
    let contentType = try header.textString(MediaType.byteCount, "the content type", in: entry)
    guard MediaType.isValid(entry.extracting(contentType)) else {
      throw CBORCursor.malformed("the content type is not one media type", at: contentType.lowerBound)
    }
    try header.expect(.unsigned, 4, "the label of kid", in: entry)
    let keyID = try header.byteString(Digest.byteCount...Digest.byteCount, "kid", in: entry)
    guard let keyID = Digest(entry, at: keyID.lowerBound) else { fatalError("32 bytes are a digest") }
    var claims: ClaimsView?
    if count == 4 {
      try header.expect(.unsigned, 15, "the label of the claims", in: entry)
      claims = try ClaimsView(&header, of: entry)
    }
    try header.finish("the protected header")
    return (algorithm, contentType, keyID, claims)
  }

  private static func algorithm(
    _ header: inout CBORCursor, _ entry: Span<UInt8>
  ) throws(StatementError) -> SignatureAlgorithm {
    let start = header.offset
    let head = try header.head(entry)
    switch head.major {
    case .negative:
      // Our identifiers are small, so that a larger one need not fit an Int to be refused.
      if head.argument < 64, let known = SignatureAlgorithm(rawValue: -1 - Int(head.argument)) {
        return known
      }
      throw StatementError(.unsupportedAlgorithm, "alg is −1 − \(head.argument), which is not supported")
    case .unsigned:
      throw StatementError(.unsupportedAlgorithm, "alg is \(head.argument), which is not supported")
    default: throw CBORCursor.malformed("alg is not an integer", at: start)
    }
  }

  // MARK: What is signed

  /// Appends the Sig_structure, the bytes that the signature is over (RFC 9052 §4.4, with empty external
  /// data).
  ///
  /// - Parameter entry: the bytes that this view was decoded from.
  public func appendSigStructure(of entry: Span<UInt8>, to buffer: inout [UInt8]) {
    let none: [UInt8] = []
    SigStructure.append(
      protected: entry.extracting(protected), externalAAD: none.span, payload: entry.extracting(payload),
      to: &buffer)
  }

  /// The statement id: SHA-256 of the Sig_structure, so that it does not depend on the signature.
  ///
  /// - Parameter entry: the bytes that this view was decoded from.
  public func statementID(of entry: Span<UInt8>, using hasher: inout SHA256) -> Digest {
    // Entry and Sig_structure differ only around the same two strings, whose heads have one form in each:
    //
    //     d2 84               protected bstr   a0   payload bstr   58 40 signature
    //        84 "Signature1"  protected bstr   40   payload bstr
    //
    // so the strings are hashed in place, with their heads.
    let opening: InlineArray<12, UInt8> = [
      0x84, 0x6a, 0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31,
    ]
    let emptyString: InlineArray<1, UInt8> = [0x40]
    hasher.begin()
    hasher.update(opening.span)
    hasher.update(entry.extracting(2..<protected.upperBound))
    hasher.update(emptyString.span)
    hasher.update(entry.extracting(protected.upperBound + 1..<payload.upperBound))
    return hasher.finalize()
  }
}
