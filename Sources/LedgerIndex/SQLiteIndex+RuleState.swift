import Foundation
import GRDB
import Ledger
import LedgerStore

extension SQLiteIndex {
  /// The keys of the rule sets' state that begin with the parts of `prefix`, in their order.
  private func keys(under prefix: StateKey) throws -> [StateKey] {
    try read { db in
      // The next part begins after a zero byte, so all keys below lie before those with a one in its place.
      try Data.fetchAll(
        db, sql: "SELECT key FROM state WHERE key >= ? AND key < ? ORDER BY key",
        arguments: [Data(prefix.bytes + [0]), Data(prefix.bytes + [1])]
      ).map { StateKey(bytes: Array($0)) }
    }
  }

  /// Those of them whose shown fields have all of these values.
  func keys(under prefix: StateKey, where fields: [(name: String, value: String)]) throws -> [StateKey] {
    guard let first = fields.first else { return try keys(under: prefix) }
    let name = prefix.name
    var sql = "SELECT key FROM current AS c WHERE name = ? AND value = ? AND key >= ? AND key < ?"
    // A 0 comes next after the /.
    var arguments: [String] = [first.name, first.value, name + "/", name + "0"]
    for field in fields.dropFirst() {
      sql += " AND EXISTS (SELECT 1 FROM current WHERE key = c.key AND name = ? AND value = ?)"
      arguments += [field.name, field.value]
    }
    return try read { db in
      try String.fetchAll(db, sql: sql, arguments: StatementArguments(arguments))
        .map(IndexedFields.key(named:))
        .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
  }

  /// Every key of the rule sets' state.
  func stateKeys() throws -> Set<StateKey> {
    try read { Set(try Data.fetchAll($0, sql: "SELECT key FROM state").map { StateKey(bytes: Array($0)) }) }
  }
}
