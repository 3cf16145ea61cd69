import Foundation
import Statements

/// Text from outside made fit for a terminal.
package enum Printable {
  /// `text` with whatever is hidden, or turns what is beside it around, written as `\u{…}`: a record must not be able
  /// to move the reader's cursor.
  package static func text(_ text: String, keepingNewlines: Bool = false) -> String {
    var printable = ""
    for scalar in text.unicodeScalars {
      if keepingNewlines, scalar == "\n" {
        printable.unicodeScalars.append(scalar)
      } else {
        printable.append(visible: scalar)
      }
    }
    return printable
  }

  /// `12 bytes`, `3.4 MiB`.
  package static func byteCount(_ count: UInt64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    guard count >= 1024 else { return count == 1 ? "1 byte" : "\(count) bytes" }
    var (value, unit) = (Double(count) / 1024, 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return String(format: "%.1f %@", value, units[unit])
  }

  /// `1 record`, `2 records`; `plural` where that is not the word and an s.
  package static func count(_ count: some BinaryInteger, _ what: String, plural: String? = nil) -> String {
    "\(count) \(count == 1 ? what : plural ?? what + "s")"
  }

  /// The lines of `text`; only a line feed ends one, whatever mark follows it.
  package static func lines(of text: String) -> [Substring] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Substring.init)
  }

  /// How many columns of a terminal `text` takes.
  package static func columns(_ text: String) -> Int {
    text.reduce(0) { width, character in
      guard let scalar = character.unicodeScalars.first else { return width }
      return width + (isWide(scalar.value) ? 2 : 1)
    }
  }

  /// The wide and full-width blocks of UAX #11 that our languages use.
  private static func isWide(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff,
      0x20000...0x3fffd:
      true
    default: false
    }
  }

  /// Two columns, the left ones padded to one width; lines of a right one stand below each other.
  package static func table(_ rows: [(String, String)], indent: String = "") -> String {
    let width = rows.map { columns($0.0) }.max() ?? 0
    var lines: [String] = []
    for (label, value) in rows {
      let padded = label + String(repeating: " ", count: width - columns(label))
      for (number, line) in Printable.lines(of: value).enumerated() {
        let left = number == 0 ? padded : String(repeating: " ", count: width)
        lines.append("\(indent)\(left)  \(line)")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// Without the newlines at its end.
  package var trimmingNewlines: String {
    String(self[..<(lastIndex { $0 != "\n" }.map { index(after: $0) } ?? startIndex)])
  }
}
