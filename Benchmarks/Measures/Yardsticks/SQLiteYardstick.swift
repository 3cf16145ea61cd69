import GRDBSQLite
import Workflows

/// A table of SQLite's into which entries are put, by the C library's own calls.
final class SQLiteYardstick {
  private let database: OpaquePointer
  private let statement: OpaquePointer

  static var version: String { String(cString: sqlite3_libversion()) }

  init(_ path: String) throws {
    var opened: OpaquePointer?
    guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else {
      sqlite3_close(opened)
      throw WorkflowError.cannotCreate("\(path): SQLite can't open it")
    }
    var prepared: OpaquePointer?
    let set = """
      PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
      CREATE TABLE entries (number INTEGER PRIMARY KEY, entry BLOB NOT NULL)
      """
    guard sqlite3_exec(opened, set, nil, nil, nil) == SQLITE_OK,
      sqlite3_prepare_v2(opened, "INSERT INTO entries (entry) VALUES (?)", -1, &prepared, nil) == SQLITE_OK,
      let prepared
    else {
      let error = SQLiteYardstick.failure(opened)
      sqlite3_close(opened)
      throw error
    }
    (database, statement) = (opened, prepared)
  }

  deinit {
    sqlite3_finalize(statement)
    sqlite3_close(database)
  }

  /// Inserts a row for each of `entries`, `count` of them in a transaction.
  func insert(_ entries: [[UInt8]], transaction count: Int) throws {
    for start in stride(from: 0, to: entries.count, by: count) {
      try execute("BEGIN")
      for entry in entries[start..<min(start + count, entries.count)] {
        // Neither kept nor changed beyond the call, so that it need not be copied.
        let isDone = entry.withUnsafeBytes { bytes in
          sqlite3_bind_blob(statement, 1, bytes.baseAddress, Int32(bytes.count), nil) == SQLITE_OK
            && sqlite3_step(statement) == SQLITE_DONE && sqlite3_reset(statement) == SQLITE_OK
        }
        guard isDone else { throw SQLiteYardstick.failure(database) }
      }
      try execute("COMMIT")
    }
  }

  private func execute(_ sql: String) throws {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw SQLiteYardstick.failure(database)
    }
  }

  private static func failure(_ database: OpaquePointer) -> WorkflowError {
    WorkflowError(.inputOutput, "io", "SQLite: \(String(cString: sqlite3_errmsg(database)))")
  }
}
