import Foundation
import GRDB
import Ledger
import LedgerCrypto
import LedgerStore

extension SQLiteIndex {
  func search(_ query: SearchQuery, from first: UInt64, limit: Int) throws -> [RecordSummary] {
    var conditions = ["records.entry >= ?"]
    var arguments: [(any DatabaseValueConvertible)?] = [Int64(clamping: first)]
    func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments.append(value)
    }
    require("records.issuer = ?", query.issuer)
    require("records.subject = ?", query.subject)
    require("records.type = ?", query.type)
    require("blocks.time >= ?", query.since.map { Int64(clamping: $0) })
    require("blocks.time <= ?", query.until.map { Int64(clamping: $0) })
    if let digest = query.digest {
      var hasher = StateHasher()
      let bytes = Data(digest.bytes)
      conditions.append(
        """
        records.entry IN (SELECT entry FROM listed WHERE path = ? UNION SELECT entry FROM named WHERE digest = ? \
        UNION SELECT entry FROM records WHERE substr(digest, 1, 8) = ? AND digest = ?)
        """)
      arguments += [
        SQLiteIndex.listPath(hasher.path(of: .digest(digest))), bytes,
        bytes.prefix(8), bytes,
      ]
    }
    let sql = """
      SELECT records.entry, records.block, blocks.time, records.id, records.issuer, records.subject, records.type,
        records.issued, records.bytes, records.digest
      FROM records JOIN blocks ON blocks.height = records.block
      WHERE \(conditions.joined(separator: " AND ")) ORDER BY records.entry LIMIT \(limit)
      """
    return try read { db in
      var page: [RecordSummary] = []
      let rows = try Row.fetchCursor(db, sql: sql, arguments: StatementArguments(arguments))
      while let row = try rows.next() {
        guard let id = Digest(row[3] as Data), let digest = Digest(row[9] as Data) else {
          throw Failure(
            "sqlite", path, reason: "a digest of another length; the index can be made anew from the entries")
        }
        page.append(
          RecordSummary(
            index: UInt64(clamping: row[0] as Int64), block: UInt64(clamping: row[1] as Int64),
            time: UInt64(clamping: row[2] as Int64), id: id,
            issuer: row[4], subject: row[5], type: row[6], issuedAt: UInt64(clamping: row[7] as Int64),
            byteCount: UInt64(clamping: row[8] as Int64), digest: digest))
      }
      return page
    }
  }
}
