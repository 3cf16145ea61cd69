/// What is asked of text from outside before it becomes a `String` or is printed.
enum Text {
  /// Whether `bytes` are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
  static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    do {
      _ = try UTF8Span(validating: bytes)
      return true
    } catch {
      return false
    }
  }

  /// Whether `bytes`, which are UTF-8, hold a control character (Unicode category Cc: C0, DEL, C1).
  static func hasControlCharacter(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices {
      let byte = bytes[index]
      if byte < 0x20 || byte == 0x7f { return true }
      // U+0080...U+009F are C2 80...C2 9F, and C2 is never a continuation byte.
      if byte == 0xc2, index + 1 < bytes.count, bytes[index + 1] < 0xa0 { return true }
    }
    return false
  }

  /// `bytes`, which are UTF-8, as a string.
  static func string(_ bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe String(decoding: buffer, as: UTF8.self)
    }
  }

  /// Whether two texts are the same bytes; Swift's strings would call the composed and the decomposed form equal.
  static func hasSameBytes(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    let (left, right) = (left.utf8Span.span, right.utf8Span.span)
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }

  /// At most 64 characters of `text` in quotation marks, with whatever does not print written as `\u{…}`: for
  /// error sentences that quote what a stranger wrote.
  static func quoted(_ text: String) -> String {
    var quoted = "“"
    for scalar in text.unicodeScalars.prefix(64) {
      quoted.append(visible: scalar)
    }
    return quoted + (text.unicodeScalars.count > 64 ? "…”" : "”")
  }
}

extension Unicode.Scalar {
  /// Whether a reader would not see it, or would see something else moved by it: controls, what Unicode lets a display
  /// leave out (`Default_Ignorable_Code_Point`, bidirectional marks among it), what looks like a space but is not one,
  /// private and unassigned ones.
  package var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
    // The ideographic space is written on purpose in Chinese.
    case .spaceSeparator: self != " " && self != "\u{3000}"
    // The blank Braille pattern is a symbol to Unicode.
    default: properties.isDefaultIgnorableCodePoint || self == "\u{2800}"
    }
  }
}

extension String {
  /// Appends `scalar`, or `\u{…}` in its place where it is hidden.
  package mutating func append(visible scalar: Unicode.Scalar) {
    if scalar.isHidden {
      self += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      unicodeScalars.append(scalar)
    }
  }
}

extension [UInt8] {
  /// Appends the bytes of `span`.
  mutating func append(copying span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { buffer in
      unsafe append(contentsOf: buffer)
    }
  }

  /// The bytes of `span`.
  init(copying span: Span<UInt8>) {
    self = []
    append(copying: span)
  }
}
