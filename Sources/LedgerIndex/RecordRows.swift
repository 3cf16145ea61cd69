import GRDB
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// The columns of `records` that come from the statement itself: what fills the table and what audits it.
struct RecordRow {
  let index: UInt64
  let block: UInt64
  let decoded: CheckedEntry.Decoded
  let claims: ClaimsView

  /// nil for what is not a statement.
  init?(_ index: UInt64, of block: UInt64, _ checked: CheckedEntry) {
    guard case .decoded(let decoded) = checked.content, let claims = decoded.view.claims else { return nil }
    (self.index, self.block, self.decoded, self.claims) = (index, block, decoded, claims)
  }
}

/// Adds rows to `records`.
struct RecordInsertion {
  private let statement: RawStatement

  init(in db: Database) throws {
    statement = try RawStatement(
      """
      INSERT INTO records (entry, block, issued, bytes, id, digest, issuer, type, subject)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, in: db)
  }

  /// Adds `row`, which is of `entry`.
  func insert(_ row: RecordRow, of entry: Span<UInt8>) throws {
    let view = row.decoded.view
    try statement.bind(1, row.index)
    try statement.bind(2, row.block)
    try statement.bind(3, row.claims.issuedAt)
    try statement.bind(4, UInt64(view.payload.count))
    try statement.bind(5, row.decoded.id)
    try statement.bind(6, row.decoded.payloadHash)
    try statement.bind(7, text: entry.extracting(row.claims.issuer))
    try statement.bind(8, text: entry.extracting(view.contentType))
    if let subject = row.claims.subject { try statement.bind(9, text: entry.extracting(subject)) }
    _ = try statement.step()
    statement.reset()
  }
}

/// The rows of `records` of a run of entries, in their order, compared where SQLite has them: copies of millions of rows would
/// cost an audit more than all its other looks at the index.
struct StoredRecords {
  private let statement: RawStatement
  private var isAtRow: Bool

  init(_ entries: Range<UInt64>, in db: Database) throws {
    statement = try RawStatement(
      """
      SELECT entry, block, issued, bytes, id, digest, issuer, type, subject FROM records
      WHERE entry >= ? AND entry < ? ORDER BY entry
      """, in: db)
    try statement.bind(1, entries.lowerBound)
    try statement.bind(2, entries.upperBound)
    isAtRow = try statement.step()
  }

  /// Whether the row of entry `index` is `row`, or there is none where that is nil.
  ///
  /// To be asked in the order of the entries, of each once.
  ///
  /// - Parameter entry: the bytes that `row` is of.
  mutating func next(of index: UInt64, is row: RecordRow?, of entry: Span<UInt8>) throws -> Bool {
    guard isAtRow, statement.holds(0, index) else { return row == nil }
    let isSame = row.map { holds($0, of: entry) } ?? false
    isAtRow = try statement.step()
    return isSame
  }

  private func holds(_ row: RecordRow, of entry: Span<UInt8>) -> Bool {
    let view = row.decoded.view
    return statement.holds(1, row.block) && statement.holds(2, row.claims.issuedAt)
      && statement.holds(3, UInt64(view.payload.count)) && statement.holds(4, row.decoded.id)
      && statement.holds(5, row.decoded.payloadHash)
      && statement.holds(6, text: entry.extracting(row.claims.issuer))
      && statement.holds(7, text: entry.extracting(view.contentType))
      && (row.claims.subject.map { statement.holds(8, text: entry.extracting($0)) } ?? statement.isNull(8))
  }
}
