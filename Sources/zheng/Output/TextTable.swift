/// Rows below each other in columns, for a terminal: Chinese characters are two columns wide there.
struct TextTable {
  private var rows: [[String]]
  /// Lines across all columns, each with the number of rows before it.
  private var lines: [(after: Int, text: String)] = []

  /// A table with a head.
  init(_ head: [String]) { rows = [head] }

  /// Adds a row of as many cells as the head has.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == rows[0].count, "a row has a cell for each column")
    rows.append(cells.map { Printable.text(TextTable.oneLine($0)) })
  }

  /// Adds a line across all columns.
  mutating func add(line: String) { lines.append((rows.count, Printable.text(line))) }

  var isEmpty: Bool { rows.count == 1 }

  /// The lines; a last column is not padded.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { TextTable.width($0[column]) }.max() ?? 0 }
    return rows.enumerated().map { number, row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        guard column + 1 < row.count else { break }
        line += String(repeating: " ", count: widths[column] - TextTable.width(cell) + 2)
      }
      while line.unicodeScalars.last == " " { line.unicodeScalars.removeLast() }
      return ([line] + lines.filter { $0.after == number + 1 }.map(\.text)).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func oneLine(_ text: String) -> String {
    Printable.lines(of: text).joined(separator: " ")
  }

  /// How many columns of a terminal `text` takes.
  static func width(_ text: String) -> Int {
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
}
