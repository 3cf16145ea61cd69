import Foundation
import GRDB
import GRDBSQLite
import LedgerCrypto
import LedgerStore

/// A prepared statement by SQLite's own calls, for what is done for every record there is: nothing is boxed on its way.
///
/// For use within one access to the database that it was prepared in.
struct RawStatement {
  /// Tells SQLite to copy what is bound.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  // Held, so that the cache can't finalize it.
  private let owner: Statement
  private var statement: SQLiteStatement { owner.sqliteStatement }

  init(_ sql: String, in db: Database) throws {
    owner = try db.cachedStatement(sql: sql)
    reset()
  }

  // MARK: Running

  /// Makes it ready to be run again, with nothing bound.
  func reset() {
    sqlite3_reset(statement)
    sqlite3_clear_bindings(statement)
  }

  /// Runs on to the next row; false at the end.
  func step() throws -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let message = sqlite3_db_handle(statement).flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
      sqlite3_reset(statement)
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  // MARK: Binding, parameters from 1 on

  func bind(_ parameter: Int32, _ number: UInt64) throws {
    try check(sqlite3_bind_int64(statement, parameter, Int64(clamping: number)))
  }

  func bind(_ parameter: Int32, _ digest: Digest) throws {
    let words = (
      digest.words.0.bigEndian, digest.words.1.bigEndian, digest.words.2.bigEndian, digest.words.3.bigEndian
    )
    try withUnsafeBytes(of: words) { bytes in
      try check(
        sqlite3_bind_blob(
          statement, parameter, bytes.baseAddress, Int32(bytes.count), RawStatement.copied))
    }
  }

  /// Binds `text`, which is UTF-8.
  func bind(_ parameter: Int32, text: Span<UInt8>) throws {
    try text.withUnsafeBytes { bytes in
      // SQLite takes no pointer for NULL, and an empty span may have none.
      guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else {
        return try check(sqlite3_bind_text(statement, parameter, "", 0, RawStatement.copied))
      }
      try check(
        sqlite3_bind_text(statement, parameter, start, Int32(bytes.count), RawStatement.copied))
    }
  }

  private func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }

  // MARK: Columns, from 0 on

  /// The number in `column`, not below 0.
  func number(_ column: Int32) -> UInt64 { UInt64(clamping: sqlite3_column_int64(statement, column)) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  func holds(_ column: Int32, _ number: UInt64) -> Bool {
    sqlite3_column_type(statement, column) == SQLITE_INTEGER
      && sqlite3_column_int64(statement, column) == Int64(clamping: number)
  }

  func holds(_ column: Int32, _ digest: Digest) -> Bool {
    guard sqlite3_column_type(statement, column) == SQLITE_BLOB,
      let stored = sqlite3_column_blob(statement, column)
    else { return false }
    let bytes = UnsafeBufferPointer(
      start: stored.assumingMemoryBound(to: UInt8.self), count: Int(sqlite3_column_bytes(statement, column)))
    return bytes.count == Digest.byteCount && Digest(Span(_unsafeElements: bytes)) == digest
  }

  func holds(_ column: Int32, text: Span<UInt8>) -> Bool {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
      let stored = sqlite3_column_text(statement, column),
      Int(sqlite3_column_bytes(statement, column)) == text.count
    else { return false }
    return text.withUnsafeBytes { text in
      guard let start = text.baseAddress else { return true }
      return memcmp(stored, start, text.count) == 0
    }
  }
}
