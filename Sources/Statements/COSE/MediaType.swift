/// The media types that header label 3 may hold: one `type/subtype`, with or without parameters.
enum MediaType {
  /// The bytes of a content type.
  static let byteCount = 3...255

  /// Whether `text` is `type/subtype` by the names of RFC 6838 §4.2, then parameters by RFC 9110 §5.6.6, all
  /// printable ASCII. Spaces may be on either side of a semicolon; tabs, empty parameters and spaces at
  /// either end may not.
  static func isValid(_ text: Span<UInt8>) -> Bool {
    guard byteCount.contains(text.count) else { return false }
    var at = 0
    guard name(text, &at), at < text.count, text[at] == UInt8(ascii: "/") else { return false }
    at += 1
    guard name(text, &at) else { return false }
    while at < text.count {
      guard parameter(text, &at) else { return false }
    }
    return true
  }

  /// Steps over a restricted-name: a letter or digit, then up to 126 letters, digits and `!#$&-^_.+`.
  private static func name(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
    let start = at
    while at < text.count, isNameCharacter(text[at], isFirst: at == start) { at += 1 }
    return (1...127).contains(at - start)
  }

  /// Steps over `;`, with spaces around it, and `token=token` or `token="…"`.
  private static func parameter(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
    skipSpaces(text, &at)
    guard at < text.count, text[at] == UInt8(ascii: ";") else { return false }
    at += 1
    skipSpaces(text, &at)
    guard token(text, &at), at < text.count, text[at] == UInt8(ascii: "=") else { return false }
    at += 1
    guard at < text.count, text[at] == UInt8(ascii: "\"") else { return token(text, &at) }
    return quotedString(text, &at)
  }

  private static func skipSpaces(_ text: Span<UInt8>, _ at: inout Int) {
    while at < text.count, text[at] == UInt8(ascii: " ") { at += 1 }
  }

  private static func token(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
    let start = at
    while at < text.count, isTokenCharacter(text[at]) { at += 1 }
    return at > start
  }

  private static func quotedString(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
    at += 1
    while at < text.count {
      let character = text[at]
      at += 1
      switch character {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"):
        guard at < text.count, (0x20...0x7e).contains(text[at]) else { return false }
        at += 1
      case 0x20...0x7e: continue
      default: return false
      }
    }
    return false
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func isNameCharacter(_ byte: UInt8, isFirst: Bool) -> Bool {
    if isLetterOrDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "-"),
      UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"):
      return !isFirst
    default: return false
    }
  }

  /// RFC 9110 §5.6.2.
  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    if isNameCharacter(byte, isFirst: false) { return true }
    switch byte {
    case UInt8(ascii: "%"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "`"), UInt8(ascii: "|"),
      UInt8(ascii: "~"):
      return true
    default: return false
    }
  }
}
