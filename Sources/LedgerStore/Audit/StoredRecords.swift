import Foundation
import GRDB
import GRDBSQLite
import Ledger
import LedgerCrypto
import Statements

/// The rows of `records` of a run of entries, in their order, compared where SQLite has them: copies of millions of rows would
/// cost an audit more than all its other looks at the index.
struct StoredRecords {
  private let cursor: RowCursor
  private let statement: SQLiteStatement
  private var isAtRow: Bool

  init(_ entries: Range<UInt64>, in db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        SELECT entry, block, issued, bytes, id, digest, issuer, type, subject FROM records
        WHERE entry >= ? AND entry < ? ORDER BY entry
        """)
    cursor = try Row.fetchCursor(
      statement, arguments: [Int64(clamping: entries.lowerBound), Int64(clamping: entries.upperBound)])
    self.statement = statement.sqliteStatement
    isAtRow = try cursor.next() != nil
  }

  /// Whether the row of entry `index`, in `block`, is what it should be: none at all where `decoded` is nil or no statement.
  ///
  /// To be asked in the order of the entries, of each once.
  ///
  /// - Parameters:
  ///   - entry: the bytes that `decoded` is of.
  ///   - digest: of the payload.
  mutating func next(
    isFor index: UInt64, of block: UInt64, _ decoded: CheckedEntry.Decoded?, _ entry: Span<UInt8>,
    payload digest: Digest
  ) throws -> Bool {
    let isThere = isAtRow && integer(0, is: index)
    var isSame = !isThere
    if let decoded, let claims = decoded.view.claims {
      let view = decoded.view
      isSame =
        isThere && integer(1, is: block) && integer(2, is: claims.issuedAt)
        && integer(3, is: UInt64(view.payload.count))
        && self.digest(4, is: decoded.id) && self.digest(5, is: digest)
        && text(6, is: entry.extracting(claims.issuer)) && text(7, is: entry.extracting(view.contentType))
        && (claims.subject.map { text(8, is: entry.extracting($0)) } ?? isNull(8))
    }
    if isThere { isAtRow = try cursor.next() != nil }
    return isSame
  }

  // MARK: Columns

  private func integer(_ column: Int32, is expected: UInt64) -> Bool {
    sqlite3_column_type(statement, column) == SQLITE_INTEGER
      && sqlite3_column_int64(statement, column) == Int64(clamping: expected)
  }

  private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  private func text(_ column: Int32, is expected: Span<UInt8>) -> Bool {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
      let stored = sqlite3_column_text(statement, column),
      Int(sqlite3_column_bytes(statement, column)) == expected.count
    else { return false }
    return expected.withUnsafeBytes { expected in
      guard let start = expected.baseAddress else { return true }
      return memcmp(stored, start, expected.count) == 0
    }
  }

  private func digest(_ column: Int32, is expected: Digest) -> Bool {
    guard sqlite3_column_type(statement, column) == SQLITE_BLOB,
      let stored = sqlite3_column_blob(statement, column)
    else { return false }
    let count = Int(sqlite3_column_bytes(statement, column))
    return count == Digest.byteCount
      && Digest(
        Span(
          _unsafeElements: UnsafeBufferPointer(
            start: stored.assumingMemoryBound(to: UInt8.self), count: count)))
        == expected
  }
}
