import Foundation
import GRDB
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

extension SQLiteIndex {
  /// What is known of the last indexed block, or nil where the index is empty.
  func head() throws -> BlockRow? {
    try read { try BlockRow.fetch($0, "ORDER BY height DESC LIMIT 1", []) }
  }

  /// The last indexed block and the leaf hash of its header, as of one moment.
  func headAndHeader() throws -> (head: BlockRow, header: Digest)? {
    try read { db in
      guard let head = try BlockRow.fetch(db, "ORDER BY height DESC LIMIT 1", []),
        let hash = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'header'"),
        let header = Digest(hash)
      else { return nil }
      return (head, header)
    }
  }

  /// The block at `height`.
  func block(height: UInt64) throws -> BlockRow? {
    try read { try BlockRow.fetch($0, "WHERE height = ?", [Int64(clamping: height)]) }
  }

  /// The block that holds entry `index`.
  func block(of index: UInt64) throws -> BlockRow? {
    try read { try BlockRow.fetch($0, "WHERE size > ? ORDER BY size LIMIT 1", [Int64(clamping: index)]) }
  }

  /// The condition that a row of `records` is that of the statement whose id is parameter 1.
  private static let isRecord = "substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1"

  /// The index of the entry with the statement id `id`.
  func entry(of id: Digest) throws -> UInt64? {
    try read { db in
      let statement = try RawStatement("SELECT entry FROM records WHERE \(SQLiteIndex.isRecord)", in: db)
      defer { statement.reset() }
      try statement.bind(1, id)
      return try statement.step() ? statement.number(0) : nil
    }
  }

  /// The first `limit` entries from `first` on that the list at `key` has, ascending.
  func entries(listedAt key: StateKey, from first: UInt64, limit: Int) throws -> [UInt64] {
    var hasher = StateHasher()
    let path = hasher.path(of: key)
    return try read { db in
      try Int64.fetchAll(
        db.cachedStatement(
          sql: "SELECT entry FROM listed WHERE path = ? AND entry >= ? ORDER BY entry LIMIT ?"),
        arguments: [SQLiteIndex.listPath(path), Int64(clamping: first), limit]
      ).map { UInt64(clamping: $0) }
    }
  }

  /// The items of the roster with this root.
  func rosterItems(_ root: Digest) throws -> [UInt8]? {
    try read { db in
      try Data.fetchOne(db, sql: "SELECT items FROM rosters WHERE root = ?", arguments: [Data(root.bytes)])
        .map(Array.init)
    }
  }
}

extension BlockRow {
  static func fetch(_ db: Database, _ clause: String, _ arguments: StatementArguments) throws -> BlockRow? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT height, first, size, time, checkpoint FROM blocks \(clause)"),
      arguments: arguments
    ).map(BlockRow.init)
  }

  private init(_ row: Row) {
    func number(_ column: Int) -> UInt64 { UInt64(clamping: row[column] as Int64) }
    self.init(height: number(0), first: number(1), size: number(2), time: number(3), checkpoint: number(4))
  }
}
