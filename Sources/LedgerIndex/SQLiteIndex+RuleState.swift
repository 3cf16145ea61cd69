import Foundation
import GRDB
import Ledger
import LedgerStore

extension SQLiteIndex {
  /// The value at `key` of the rule sets' state, or nil where there is none.
  func value(of key: StateKey) throws -> [UInt8]? {
    try read { db in
      try Data.fetchOne(
        db.cachedStatement(sql: "SELECT value FROM state WHERE key = ?"), arguments: [Data(key.bytes)]
      ).map(Array.init)
    }
  }

  /// Every value whose key begins with the parts of `prefix`, in the order of the keys.
  func values(under prefix: StateKey) throws -> [(key: StateKey, value: [UInt8])] {
    try read { db in
      // The next part begins after a zero byte, so all keys below lie before those with a one in its place.
      let rows = try Row.fetchAll(
        db, sql: "SELECT key, value FROM state WHERE key >= ? AND key < ? ORDER BY key",
        arguments: [Data(prefix.bytes + [0]), Data(prefix.bytes + [1])])
      return rows.map { (StateKey(bytes: Array($0[0] as Data)), Array($0[1] as Data)) }
    }
  }

  /// Those values whose key begins with the parts of `prefix` and whose shown fields have all of these values, in the order of
  /// the keys.
  func values(
    under prefix: StateKey, where fields: [(name: String, value: String)]
  ) throws -> [(key: StateKey, value: [UInt8])] {
    guard let first = fields.first else { return try values(under: prefix) }
    let name = IndexedFields.name(of: prefix)
    var sql = "SELECT key FROM current AS c WHERE name = ? AND value = ? AND key >= ? AND key < ?"
    // A 0 comes next after the /.
    var arguments: [String] = [first.name, first.value, name + "/", name + "0"]
    for field in fields.dropFirst() {
      sql += " AND EXISTS (SELECT 1 FROM current WHERE key = c.key AND name = ? AND value = ?)"
      arguments += [field.name, field.value]
    }
    return try read { db in
      let values = try db.cachedStatement(sql: "SELECT value FROM state WHERE key = ?")
      let names = try String.fetchAll(db, sql: sql, arguments: StatementArguments(arguments))
      return try names.map(IndexedFields.key(named:))
        .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        .compactMap { key in
          try Data.fetchOne(values, arguments: [Data(key.bytes)]).map { (key, Array($0)) }
        }
    }
  }

  /// Calls `body` with every value of the rule sets' state.
  func forEachValue(_ body: (_ key: StateKey, _ value: [UInt8]) -> Void) throws {
    try read { db in
      let rows = try Row.fetchCursor(db, sql: "SELECT key, value FROM state")
      while let row = try rows.next() { body(StateKey(bytes: Array(row[0] as Data)), Array(row[1] as Data)) }
    }
  }
}
