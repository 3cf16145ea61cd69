import Ledger
import Scenarios

/// A list of files that are to be deposited: comma-separated values whose first line names the columns, in any order.
package struct DepositList {
  /// The most bytes of a list, and its most lines.
  private static let limit = (bytes: 64 << 20, lines: 100_000)

  /// What a column says, under the name of the option that says it of a single deposit.
  package enum Column: String, CaseIterable, Sendable {
    case path, item
    case caseReference = "case"
    case method, category, scope, format, collected, collector, place, tool, source, medium, seal, holder
    case occurred, digest

    /// Their names beside each other.
    package static let names = allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// A line of it.
  package struct Line {
    /// Where it begins in the list, from 1 on.
    package let number: Int
    /// The file, as the list names it.
    package var path = ""
    /// The same from here: a relative path begins in the folder of the list.
    package var file = ""
    /// The item's name; nil for a number of its own.
    package var item: String?
    /// What is claimed of it, without its fingerprint.
    package var deposit: Evidence.Deposit
    /// The digests that are asked for.
    package var wishes: [RequestedDigest]
    /// What is wrong with it.
    package var complaint: WorkflowError?
  }

  package let path: String
  package private(set) var lines: [Line] = []

  /// Reads the list in the file at `path`.
  ///
  /// - Parameters:
  ///   - standards: what holds for each line whose cell is empty or whose column is missing.
  ///   - wishes: the same of the digests.
  /// - Throws: usage, with the line, where it is no such list; what is wrong with single lines is said by them.
  package init(_ path: String, _ standards: Evidence.Deposit, _ wishes: [RequestedDigest]) throws {
    self.path = path
    let bytes = try Files.contents(path, of: "a list", limit: DepositList.limit.bytes)
    let rows: [CSVRows.Row]
    do throws(CSVRows.Malformed) { rows = try CSVRows(bytes).rows } catch {
      throw WorkflowError.usage("\(path):\(error.line): \(error.reason)")
    }
    guard let head = rows.first else {
      throw WorkflowError.usage(
        "\(path): nothing is in it; its first line names the columns, \(Column.names)")
    }
    let columns = try DepositList.columns(head, path)
    guard rows.count - 1 <= DepositList.limit.lines else {
      throw WorkflowError.usage(
        "\(path): \(rows.count - 1) lines, and a list has \(DepositList.limit.lines) at most; cut it in parts"
      )
    }
    lines = rows.dropFirst().map { row in
      var line = Line(number: row.line, deposit: standards, wishes: wishes)
      do throws(WorkflowError) { try line.read(row, columns, in: Files.parent(of: path)) } catch {
        line.complaint = error
      }
      return line
    }
    findRepeated()
  }

  private static func columns(_ head: CSVRows.Row, _ path: String) throws -> [Column] {
    var columns: [Column] = []
    for name in head.cells {
      guard let column = Column(rawValue: name.lowercased()) else {
        let advice =
          name.utf8.contains { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "\t") }
          ? "; its cells are parted by commas" : ""
        throw WorkflowError.usage(
          "\(path):\(head.line): unknown column \(name.quoted)\(advice). The columns are \(Column.names)")
      }
      guard !columns.contains(column) else {
        throw WorkflowError.usage("\(path):\(head.line): the column \(name.quoted) comes twice")
      }
      columns.append(column)
    }
    guard columns.contains(.path) else {
      throw WorkflowError.usage(
        "\(path):\(head.line): no column path, which names the files; the first line names the columns, \(Column.names)"
      )
    }
    return columns
  }

  /// An item has one deposit, and a file one line: a second one is a slip, and would be recorded for ever.
  private mutating func findRepeated() {
    var (files, items, seals): ([String: Int], [String: Int], [String: Int]) = ([:], [:], [:])
    for (place, line) in lines.enumerated() where line.complaint == nil {
      var found: (what: String, before: Int)?
      if let seal = line.deposit.seal, let before = seals[seal] { found = ("seal", before) }
      if let item = line.item, let before = items[item] { found = ("item", before) }
      if let before = files[line.file] { found = ("file", before) }
      if let found {
        lines[place].complaint = .usage("the \(found.what) is that of line \(found.before) already")
      }
      files[line.file] = line.number
      if let item = line.item { items[item] = line.number }
      if let seal = line.deposit.seal { seals[seal] = line.number }
    }
  }
}

extension DepositList.Line {
  fileprivate mutating func read(
    _ row: CSVRows.Row, _ columns: [DepositList.Column], in folder: String
  ) throws(WorkflowError) {
    guard row.cells.count == columns.count else {
      throw .usage(
        "\(Printable.count(row.cells.count, "cell")), and there are \(columns.count) columns; a cell with a comma in it is quoted"
      )
    }
    for (column, cell) in zip(columns, row.cells) where !cell.isEmpty { try read(column, cell) }
    guard !path.isEmpty else { throw .usage("path is empty: the file that is deposited") }
    file = path.utf8.first == UInt8(ascii: "/") || folder == "." ? path : "\(folder)/\(path)"
    if deposit.caseReference.isEmpty {
      throw .usage("case is empty: the case that it belongs to, in the line or for all lines")
    }
    if deposit.method.isEmpty {
      throw .usage("method is empty: how it was collected, in the line or for all lines")
    }
  }

  private mutating func read(_ column: DepositList.Column, _ cell: String) throws(WorkflowError) {
    switch column {
    case .path: path = cell
    case .item: item = cell
    case .caseReference: deposit.caseReference = cell
    case .method: deposit.method = cell
    case .category: deposit.category = try word(column, cell)
    case .scope: deposit.scope = try word(column, cell)
    case .format: deposit.format = cell
    case .collected: deposit.collected = try time(column, cell)
    case .collector: deposit.collectors = parts(cell)
    case .place: deposit.place = cell
    case .tool: deposit.tool = cell
    case .source: deposit.source = cell
    case .medium: deposit.medium = cell
    case .seal: deposit.seal = cell
    case .holder: deposit.holder = cell
    case .occurred: deposit.occurred = try time(column, cell)
    case .digest:
      wishes = []
      for part in parts(cell) {
        guard let wish = RequestedDigest(argument: part) else {
          throw .usage(
            "digest: \(part.quoted) is none of \(RequestedDigest.names), or not such a digest in hex")
        }
        wishes.append(wish)
      }
    }
  }

  private func word<Word: RawRepresentable & CaseIterable>(
    _ column: DepositList.Column, _ cell: String
  ) throws(WorkflowError) -> Word where Word.RawValue == String {
    if let word = Word(rawValue: cell) { return word }
    let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
    throw .usage("\(column.rawValue): \(cell.quoted) is none of \(words)")
  }

  /// The s of a moment.
  private func time(_ column: DepositList.Column, _ cell: String) throws(WorkflowError) -> UInt64 {
    if let range = Timestamp.range(cell) { return range.lowerBound / 1000 }
    throw .usage(
      "\(column.rawValue): \(cell.quoted) is no moment by RFC 3339, such as 2026-07-03T16:00:00+08:00")
  }

  /// What semicolons part, those of Chinese keyboards too.
  private func parts(_ cell: String) -> [String] {
    cell.unicodeScalars.split { $0 == ";" || $0 == "\u{ff1b}" }.map { part in
      var part = part.drop { $0 == " " }
      while part.last == " " { part.removeLast() }
      return String(part)
    }.filter { !$0.isEmpty }
  }
}
