import Workflows

/// Rows below each other in columns, for a terminal: Chinese characters are two columns wide there.
struct TextTable {
  private var rows: [[String]]
  /// Lines across all columns, each with the number of rows before it.
  private var lines: [(after: Int, text: String)] = []

  /// A table with a head.
  init(_ head: [String]) { rows = [head.map(label)] }

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
    let widths = rows[0].indices.map { column in rows.map { Printable.columns($0[column]) }.max() ?? 0 }
    return rows.enumerated().map { number, row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        guard column + 1 < row.count else { break }
        line += String(repeating: " ", count: widths[column] - Printable.columns(cell) + 2)
      }
      while line.unicodeScalars.last == " " { line.unicodeScalars.removeLast() }
      return ([line] + lines.filter { $0.after == number + 1 }.map(\.text)).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func oneLine(_ text: String) -> String {
    Printable.lines(of: text).joined(separator: " ")
  }
}
