/// A table of several columns for a terminal, on which a Chinese character takes two places.
struct Columns {
  private let titles: [String]
  private var rows: [Row] = []

  private enum Row {
    case cells([String])
    /// A line of its own across all columns.
    case line(String)
  }

  /// A table whose columns have these titles.
  init(_ titles: String...) { self.titles = titles }

  /// Adds a row with a cell for each column; what does not print is escaped.
  mutating func add(_ cells: String...) {
    precondition(cells.count == titles.count, "a row has a cell for each column")
    rows.append(.cells(cells.map { Printable.text($0) }))
  }

  /// Adds a line across all columns.
  mutating func add(line: String) { rows.append(.line(Printable.text(line))) }

  /// The lines. A column in which no row has anything is left out.
  var text: String {
    let cells = rows.compactMap { row -> [String]? in
      guard case .cells(let cells) = row else { return nil }
      return cells
    }
    let shown = titles.indices.filter { column in cells.contains { !$0[column].isEmpty } }
    let widths = shown.map { column in
      ([titles[column]] + cells.map { $0[column] }).map(Columns.width).max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      var line = ""
      for (cell, width) in zip(shown.map { cells[$0] }, widths) {
        line += cell + String(repeating: " ", count: width - Columns.width(cell) + 2)
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    return
      ([line(titles)]
      + rows.map { row in
        switch row {
        case .cells(let cells): line(cells)
        case .line(let text): text
        }
      }).joined(separator: "\n")
  }

  /// How many places `text` takes on a terminal (Unicode TR 11, without its ambiguous ones).
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { width, scalar in
      switch scalar.value {
      case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
        0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff,
        0x20000...0x3fffd:
        return width + 2
      default:
        let category = scalar.properties.generalCategory
        return category == .nonspacingMark || category == .enclosingMark ? width : width + 1
      }
    }
  }
}
