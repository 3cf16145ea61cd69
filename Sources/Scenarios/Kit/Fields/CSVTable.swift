import Statements

/// Comma-separated values (RFC 4180), in UTF-8 with a byte order mark: without it Excel on a Chinese Windows reads GBK.
package struct CSVTable {
  private var text: [UInt8] = [0xef, 0xbb, 0xbf]

  /// A table with a head.
  package init(_ head: [String]) { add(head) }

  /// Adds a row.
  package mutating func add(_ cells: [String]) {
    for (number, cell) in cells.enumerated() {
      if number > 0 { text.append(UInt8(ascii: ",")) }
      append(cell)
    }
    text += [0x0d, 0x0a]
  }

  /// The lines, each with CR and LF at its end.
  package var bytes: [UInt8] { text }

  /// By bytes: a combining mark behind a quote must not hide it.
  private mutating func append(_ cell: String) {
    let content = (CSVTable.isFormula(cell) ? [UInt8(ascii: "'")] : []) + Array(cell.utf8)
    guard content.contains(where: { ",\"\r\n".utf8.contains($0) }) else {
      text += content
      return
    }
    text.append(UInt8(ascii: "\""))
    for byte in content {
      if byte == UInt8(ascii: "\"") { text.append(byte) }
      text.append(byte)
    }
    text.append(UInt8(ascii: "\""))
  }

  /// Whether a spreadsheet would run it: what a member wrote must stay text. Full-width signs count as their ASCII
  /// ones, and so does a sign behind blanks and scalars that can't be seen.
  private static func isFormula(_ cell: String) -> Bool {
    let first = cell.unicodeScalars.first { scalar in
      !(scalar == " " || scalar == "\u{3000}"
        || scalar.isHidden && scalar != "\t" && scalar != "\r" && scalar != "\n")
    }
    switch first {
    case "=", "+", "-", "@", "\t", "\r", "\n", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}": return true
    default: return false
    }
  }
}
