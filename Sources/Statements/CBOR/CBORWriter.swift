/// Appends deterministic CBOR to bytes (RFC 8949 §4.2.1).
package enum CBORWriter {
  /// Appends a head in the least number of bytes: 1, 2, 3, 5 or 9.
  package static func head(_ major: CBORMajor, _ argument: UInt64, to bytes: inout [UInt8]) {
    let initial = major.rawValue << 5
    let width: Int
    switch argument {
    case 0..<24:
      bytes.append(initial | UInt8(argument))
      return
    case ...0xff: width = 1
    case ...0xffff: width = 2
    case ...0xffff_ffff: width = 4
    default: width = 8
    }
    bytes.append(initial | UInt8(24 + width.trailingZeroBitCount))
    for index in (0..<width).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: argument >> UInt64(index * 8)))
    }
  }

  /// The bytes that a head with this argument takes.
  package static func headByteCount(_ argument: UInt64) -> Int {
    switch argument {
    case 0..<24: 1
    case ...0xff: 2
    case ...0xffff: 3
    case ...0xffff_ffff: 5
    default: 9
    }
  }

  /// Appends a byte string.
  package static func byteString(_ content: Span<UInt8>, to bytes: inout [UInt8]) {
    head(.bytes, UInt64(content.count), to: &bytes)
    bytes.append(copying: content)
  }

  /// Appends a text string.
  package static func textString(_ text: String, to bytes: inout [UInt8]) {
    head(.text, UInt64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }
}
