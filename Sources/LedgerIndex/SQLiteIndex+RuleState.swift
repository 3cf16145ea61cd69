import Foundation
import GRDB
import Ledger
import LedgerStore

extension SQLiteIndex {
  /// The first `limit` keys behind `after` of the rule sets' state that begin with the parts of `prefix`, in their order.
  private func keys(under prefix: StateKey, after: StateKey?, limit: Int) throws -> [StateKey] {
    try read { db in
      // The next part begins after a zero byte, so all keys below lie before those with a one in its place.
      try Data.fetchAll(
        db, sql: "SELECT key FROM state WHERE key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?",
        arguments: [
          Data(prefix.bytes + [0]), Data(prefix.bytes + [1]), Data(after?.bytes ?? []), limit,
        ]
      ).map { StateKey(bytes: Array($0)) }
    }
  }

  /// Those of them whose shown fields have all of these values.
  func keys(
    under prefix: StateKey, where fields: [(name: String, value: String)], after: StateKey?, limit: Int
  ) throws -> [StateKey] {
    guard let first = fields.first else { return try keys(under: prefix, after: after, limit: limit) }
    let name = prefix.name
    var sql = "SELECT key FROM current AS c WHERE name = ? AND value = ? AND key >= ? AND key < ?"
    // A 0 comes next after the /.
    var arguments: [String] = [first.name, first.value, name + "/", name + "0"]
    for field in fields.dropFirst() {
      sql += " AND EXISTS (SELECT 1 FROM current WHERE key = c.key AND name = ? AND value = ?)"
      arguments += [field.name, field.value]
    }
    return try read { db in
      // Their texts are in another order than their bytes.
      let found = try String.fetchAll(db, sql: sql, arguments: StatementArguments(arguments))
        .map(IndexedFields.key(named:)).filter { after.map($0.isBehind) ?? true }
      return Array(found.sorted { $1.isBehind($0) }.prefix(limit))
    }
  }

  /// Every key of the rule sets' state.
  func stateKeys() throws -> Set<StateKey> {
    try read { Set(try Data.fetchAll($0, sql: "SELECT key FROM state").map { StateKey(bytes: Array($0)) }) }
  }
}

extension StateKey {
  /// Whether it comes behind `other` in the order of their bytes.
  func isBehind(_ other: StateKey) -> Bool { other.bytes.lexicographicallyPrecedes(bytes) }
}
