/// Text that is equal when its bytes are.
///
/// `String` calls canonically equivalent texts equal: a Kelvin sign (U+212A) would be the key name `K`. What is
/// signed, and the names of those who sign, are compared as bytes.
struct ExactText: Hashable, Sendable {
  var string: String

  init(_ string: String) {
    self.string = string
    self.string.makeContiguousUTF8()
  }

  static func == (left: ExactText, right: ExactText) -> Bool { left.string.hasSameBytes(as: right.string) }

  func hash(into hasher: inout Hasher) {
    for byte in string.utf8 { hasher.combine(byte) }
    // Ends the text, so that neighbouring texts in one value cannot run together.
    hasher.combine(0xff as UInt8)
  }
}

extension String {
  /// Whether both are the same UTF-8 bytes; `==` also calls canonically equivalent texts equal.
  package func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
