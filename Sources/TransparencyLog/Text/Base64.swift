/// Base64 with padding (RFC 4648 §4), where each byte string has exactly one spelling.
///
/// Padding is required, padding bits are zero, and nothing else may come between: libraries that are lenient here
/// (Foundation, Go's `StdEncoding`) let one signature have several texts.
public enum Base64 {
  /// The text of `bytes`.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    append(bytes.span, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of `text`, or nil unless it is what `encode` writes for them.
  public static func decode(_ text: String) -> [UInt8]? {
    decode(Array(text.utf8).span)
  }

  /// The bytes of the ASCII `text`, or nil unless it is what `encode` writes for them.
  public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    guard !text.isEmpty else { return [] }
    let padding = text[text.count - 1] != pad ? 0 : text[text.count - 2] != pad ? 1 : 2
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    for start in stride(from: 0, to: text.count, by: 4) {
      let digits = start + 4 < text.count ? 4 : 4 - padding
      var group: UInt32 = 0
      for offset in 0..<4 {
        guard offset < digits else {
          group <<= 6
          continue
        }
        let digit = values[Int(text[start + offset])]
        guard digit < 64 else { return nil }
        group = group << 6 | UInt32(digit)
      }
      // What the missing bytes would hold are the padding bits.
      guard digits == 4 || group & (digits == 3 ? 0xff : 0xffff) == 0 else { return nil }
      bytes.append(UInt8(truncatingIfNeeded: group >> 16))
      if digits > 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
      if digits > 3 { bytes.append(UInt8(truncatingIfNeeded: group)) }
    }
    return bytes
  }

  /// Appends the text of `bytes` to `text`.
  static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    let count = (bytes.count + 2) / 3 * 4
    text.append(addingCapacity: count) { output in
      // In full first, so that each digit has its place and none has to ask for room.
      output.append(repeating: pad, count: count)
      let pairs = pairs
      let table = pairs.span
      var places = output.mutableSpan
      var raw = unsafe places.mutableBytes
      for group in 0..<bytes.count / 3 {
        let (from, to) = (group * 3, group * 4)
        let bits = Int(bytes[from]) << 16 | Int(bytes[from + 1]) << 8 | Int(bytes[from + 2])
        let digits = UInt32(table[bits >> 12]) | UInt32(table[bits & 0xfff]) << 16
        raw.storeBytes(of: digits.littleEndian, toByteOffset: to, as: UInt32.self)
      }
      let left = bytes.count % 3
      guard left > 0 else { return }
      let (first, second) = (bytes[bytes.count - left], left == 2 ? bytes[bytes.count - 1] : 0)
      let bits = Int(first) << 16 | Int(second) << 8
      raw.storeBytes(of: digits[bits >> 18], toByteOffset: count - 4, as: UInt8.self)
      raw.storeBytes(of: digits[bits >> 12 & 63], toByteOffset: count - 3, as: UInt8.self)
      if left == 2 { raw.storeBytes(of: digits[bits >> 6 & 63], toByteOffset: count - 2, as: UInt8.self) }
    }
  }

  private static let pad = UInt8(ascii: "=")
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// The two digits of each twelve bits, the first in the low byte.
  private static let pairs: [UInt16] = (0..<4096).map { bits in
    UInt16(digits[bits >> 6]) | UInt16(digits[bits & 63]) << 8
  }
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xff, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()
}
