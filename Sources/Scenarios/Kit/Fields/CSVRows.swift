/// The rows of comma-separated values (RFC 4180) in UTF-8, as spreadsheets write them: with or without a byte order mark, lines that end
/// with CR LF or LF, cells in quotes where they hold commas, quotes or line ends.
package struct CSVRows {
  /// A row that is not blank.
  package struct Row: Hashable, Sendable {
    /// The line on which it begins, from 1 on, as an editor counts.
    package let line: Int
    package let cells: [String]
  }

  /// What is no such text.
  package struct Malformed: Error, Hashable {
    package let line: Int
    /// What is wrong, and what to do.
    package let reason: String
  }

  package private(set) var rows: [Row] = []

  private var cells: [String] = []
  private var cell: [UInt8] = []
  /// The line that is read, and the one on which the row and the cell began.
  private var (line, first, quoted) = (1, 1, 1)
  private var state = State.start

  /// Where in a cell the next byte is.
  private enum State { case start, plain, quoted, afterQuote, afterReturn }

  /// Reads all of `bytes`.
  package init(_ bytes: [UInt8]) throws(Malformed) {
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      throw Malformed(line: 1, reason: "this is UTF-16; save it as CSV in UTF-8")
    }
    for byte in bytes.dropFirst(bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0) { try take(byte) }
    switch state {
    case .quoted: throw Malformed(line: quoted, reason: "a quote that opens here is never closed")
    case .start where cells.isEmpty: break
    default: try endRow()
    }
  }

  private mutating func take(_ byte: UInt8) throws(Malformed) {
    if byte == 0 { throw Malformed(line: line, reason: "a zero byte; this is no text") }
    switch (state, byte) {
    case (.quoted, UInt8(ascii: "\"")): state = .afterQuote
    case (.quoted, _):
      if byte == UInt8(ascii: "\n") { line += 1 }
      cell.append(byte)
    case (.afterReturn, UInt8(ascii: "\n")), (.start, UInt8(ascii: "\n")), (.plain, UInt8(ascii: "\n")),
      (.afterQuote, UInt8(ascii: "\n")):
      try endRow()
    case (.afterReturn, _): throw Malformed(line: line, reason: "a carriage return that no line feed follows")
    case (_, UInt8(ascii: "\r")): state = .afterReturn
    case (_, UInt8(ascii: ",")):
      try endCell()
      state = .start
    case (.start, UInt8(ascii: "\"")): (state, quoted) = (.quoted, line)
    case (.afterQuote, UInt8(ascii: "\"")):
      cell.append(byte)
      state = .quoted
    case (.afterQuote, _):
      throw Malformed(
        line: line, reason: "text behind a closing quote; a quote within a cell is written twice")
    case (.plain, UInt8(ascii: "\"")):
      throw Malformed(
        line: line, reason: "a quote in a cell that does not begin with one; quote the whole cell")
    default:
      cell.append(byte)
      state = .plain
    }
  }

  private mutating func endCell() throws(Malformed) {
    guard let text = String(validating: cell, as: UTF8.self) else {
      throw Malformed(line: line, reason: "this is not UTF-8; save it as CSV in UTF-8")
    }
    cells.append(text)
    cell = []
  }

  private mutating func endRow() throws(Malformed) {
    try endCell()
    // What is blank between or behind rows is none.
    if cells != [""] { rows.append(Row(line: first, cells: cells)) }
    cells = []
    line += 1
    (first, state) = (line, .start)
  }
}
