import GRDB

/// Keeps the index from being written: another reader that takes its time.
final class IndexBlocker {
  private let database: DatabaseQueue

  init(_ ledger: TestLedger) throws {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    database = try DatabaseQueue(path: ledger.folder.path + "/index.sqlite", configuration: configuration)
    try database.inDatabase { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM records")
    }
  }

  func release() throws { try database.inDatabase { try $0.execute(sql: "ROLLBACK") } }
}
