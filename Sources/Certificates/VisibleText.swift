import Ledger
import Scenarios

/// Values as a certificate shows them. Always the same text for the same value: the page is compared with it byte for byte,
/// years later too, so nothing here depends on a locale, a time zone or the Unicode version of a standard library.
enum VisibleText {
  /// `text` with whatever does not print, or turns what is beside it around, written as `\u{…}`; line feeds stay.
  static func shown(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if isInvisible(scalar.value) {
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  // The page's script has the same list.
  private static func isInvisible(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x0a: false
    case 0x00...0x1f, 0x7f...0x9f, 0xad, 0x034f, 0x061c, 0x115f...0x1160, 0x17b4...0x17b5, 0x180e,
      0x200b...0x200f,
      0x2028...0x202e, 0x2060...0x206f, 0x3164, 0xe000...0xf8ff, 0xfe00...0xfe0f, 0xfeff, 0xffa0,
      0xfff9...0xffff,
      0x1d173...0x1d17a, 0xe0000...0x10_ffff:
      true
    default: false
    }
  }

  /// `2026年5月29日 04:26:40`, as clocks at `offset` had it.
  static func time(_ seconds: UInt64, _ offset: UTCOffset) -> String {
    let ahead = UInt64(abs(offset.minutes) * 60)
    // What would overflow stays in UTC; no clock gets there.
    let (later, overflow) = seconds.addingReportingOverflow(ahead)
    let local = offset.minutes < 0 ? seconds - min(seconds, ahead) : overflow ? seconds : later
    let parts = Timestamp.text(seconds: local).dropLast().split(separator: "T")
    let day = parts[0].split(separator: "-").map { $0.drop { $0 == "0" } }
    return "\(day[0])年\(day[1])月\(day[2])日 \(parts[1])"
  }

  /// `base64` in lines of 64 characters.
  static func base64Lines(_ base64: String) -> String {
    var lines = ""
    for (number, character) in base64.utf8.enumerated() {
      if number > 0, number.isMultiple(of: 64) { lines += "\n" }
      lines.unicodeScalars.append(Unicode.Scalar(character))
    }
    return lines
  }
}
