/// The rules for the texts of notes (C2SP signed-note, "Format").
enum NoteRules {
  /// Whether `name` may name a key: not empty, no Unicode space, no plus, no ASCII control character.
  static func isKeyName(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "+" && !isSpace($0) }
  }

  /// Whether `text` may be signed: it ends in a newline and has no other ASCII control character.
  static func isText(_ text: String) -> Bool {
    text.utf8.last == UInt8(ascii: "\n") && text.utf8.allSatisfy { $0 >= 0x20 || $0 == UInt8(ascii: "\n") }
  }

  /// Unicode's White_Space property, written out so that it does not follow the standard library's version.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
    default: false
    }
  }
}
