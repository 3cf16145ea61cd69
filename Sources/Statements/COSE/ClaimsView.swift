public import LedgerCrypto

/// The CWT claims of a statement (header label 15, RFC 9597), as offsets into the entry.
///
/// Exactly the labels 1, (2), (3), (4), 6 and 7 of RFC 8392 §4.
public struct ClaimsView: Hashable, Sendable {
  /// 1 `iss`, the member: text of 1 to 64 bytes, no control characters.
  public let issuer: Range<Int>
  /// 2 `sub`, what it is about: text of 1 to 255 bytes, no control characters.
  public let subject: Range<Int>?
  /// 3 `aud`, the ledger: 64 lowercase hex digits. Only the founding statement has none.
  public let audience: Digest?
  /// 4 `exp`, until when it may be recorded: seconds since the epoch, at most 2^40. No block of a later time records it.
  public let expiresAt: UInt64?
  /// 6 `iat`, the time that the member claims: seconds since the epoch, at most 2^40.
  public let issuedAt: UInt64
  /// 7 `cti`: 16 bytes.
  public let tokenID: Range<Int>

  static let issuerByteCount = 1...64
  static let subjectByteCount = 1...255
  static let tokenIDByteCount = 16
  static let latestTime: UInt64 = 1 << 40

  init(_ cursor: inout CBORCursor, of entry: Span<UInt8>) throws(StatementError) {
    let start = cursor.offset
    let count = try cursor.argument(of: .map, "the claims", in: entry)
    try cursor.expect(.unsigned, 1, "the label of iss", in: entry)
    issuer = try ClaimsView.text(&cursor, ClaimsView.issuerByteCount, "iss", entry)

    // The labels in the one order that is canonical, so that no further check of the order is needed.
    var label = try cursor.argument(of: .unsigned, "a label of the claims", in: entry)
    if label == 2 {
      subject = try ClaimsView.text(&cursor, ClaimsView.subjectByteCount, "sub", entry)
      label = try cursor.argument(of: .unsigned, "a label of the claims", in: entry)
    } else {
      subject = nil
    }
    if label == 3 {
      audience = try ClaimsView.audience(&cursor, entry)
      label = try cursor.argument(of: .unsigned, "a label of the claims", in: entry)
    } else {
      audience = nil
    }
    if label == 4 {
      expiresAt = try ClaimsView.time(&cursor, "exp", entry)
      label = try cursor.argument(of: .unsigned, "a label of the claims", in: entry)
    } else {
      expiresAt = nil
    }
    guard label == 6 else { throw CBORCursor.malformed("the label of iat expected in the claims", at: start) }
    issuedAt = try ClaimsView.time(&cursor, "iat", entry)
    try cursor.expect(.unsigned, 7, "the label of cti", in: entry)
    let tokenIDByteCount = ClaimsView.tokenIDByteCount
    tokenID = try cursor.byteString(tokenIDByteCount...tokenIDByteCount, "cti", in: entry)
    let optional = (subject == nil ? 0 : 1) + (audience == nil ? 0 : 1) + (expiresAt == nil ? 0 : 1)
    guard count == 3 + UInt64(optional) else {
      throw CBORCursor.malformed("claims other than iss, sub, aud, exp, iat and cti", at: start)
    }
  }

  private static func time(
    _ cursor: inout CBORCursor, _ what: StaticString, _ entry: Span<UInt8>
  ) throws(StatementError) -> UInt64 {
    let start = cursor.offset
    let time = try cursor.argument(of: .unsigned, what, in: entry)
    guard time <= ClaimsView.latestTime else {
      throw CBORCursor.malformed("\(what) is more than 2^40 seconds", at: start)
    }
    return time
  }

  private static func text(
    _ cursor: inout CBORCursor, _ count: ClosedRange<Int>, _ what: StaticString, _ entry: Span<UInt8>
  ) throws(StatementError) -> Range<Int> {
    let range = try cursor.textString(count, what, in: entry)
    guard !Text.hasControlCharacter(entry.extracting(range)) else {
      throw CBORCursor.malformed("\(what) holds a control character", at: range.lowerBound)
    }
    return range
  }

  private static func audience(
    _ cursor: inout CBORCursor, _ entry: Span<UInt8>
  ) throws(StatementError) -> Digest {
    let range = try cursor.textString(64...64, "aud", in: entry)
    var bytes = InlineArray<32, UInt8>(repeating: 0)
    for index in 0..<32 {
      guard let high = hexValue(entry[range.lowerBound + 2 * index]),
        let low = hexValue(entry[range.lowerBound + 2 * index + 1])
      else { throw CBORCursor.malformed("aud is not 64 lowercase hex digits", at: range.lowerBound) }
      bytes[index] = high << 4 | low
    }
    guard let digest = Digest(bytes.span) else { fatalError("32 bytes are a digest") }
    return digest
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
