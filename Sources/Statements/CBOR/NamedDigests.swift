public import LedgerCrypto

/// The SHA-256 digests that a payload names, so that a record can be found by a file that it is about.
public enum NamedDigests {
  /// The digests in `payload`: every byte string of 32 bytes in CBOR, and every run of exactly 64 hex digits
  /// in anything else. All of them: the largest entry holds some 2,000.
  public static func of(_ payload: Span<UInt8>) -> Set<Digest> {
    // One look at the first byte spares decoding text as CBOR: a map or an array, or tagged.
    if let first = payload.isEmpty ? nil : payload[0], first >= 0x80, let value = decoded(payload) {
      var digests: Set<Digest> = []
      collect(value, into: &digests)
      return digests
    }
    return inText(payload)
  }

  private static func decoded(_ payload: Span<UInt8>) -> CBOR? {
    do { return try CBOR(decoding: payload) } catch { return nil }
  }

  private static func collect(_ value: CBOR, into digests: inout Set<Digest>) {
    switch value {
    case .bytes(let bytes): if let digest = Digest(bytes) { digests.insert(digest) }
    case .text(let text): digests.formUnion(inText(Array(text.utf8).span))
    case .array(let items): for item in items { collect(item, into: &digests) }
    case .map(let map): for (_, item) in map.pairs { collect(item, into: &digests) }
    case .tagged(_, let item): collect(item, into: &digests)
    case .unsigned, .negative, .bool, .null: break
    }
  }

  private static func inText(_ text: Span<UInt8>) -> Set<Digest> {
    var digests: Set<Digest> = []
    // Where a run may begin. One of 64 digits must reach 63 places further: looked at from there, backwards, most text is
    // passed over unread.
    var start = 0
    while start + 64 <= text.count {
      var end = start + 64
      while end > start, isHexDigit(text[end - 1]) { end -= 1 }
      guard end == start else {
        start = end
        continue
      }
      end = start + 64
      while end < text.count, isHexDigit(text[end]) { end += 1 }
      // A longer run is no digest.
      if end == start + 64, let digest = digest(text.extracting(start..<end)) { digests.insert(digest) }
      start = end + 1
    }
    return digests
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    // Wrapping, so that anything below the first of a range comes out large.
    byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
  }

  private static func digest(_ digits: Span<UInt8>) -> Digest? {
    var lowercase: [UInt8] = []
    for index in digits.indices { lowercase.append(digits[index] | 0x20) }
    return Digest(hex: String(decoding: lowercase, as: UTF8.self))
  }
}
