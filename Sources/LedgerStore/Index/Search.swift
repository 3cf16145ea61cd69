import Foundation
import GRDB
import LedgerCrypto

/// What `list` looks for; a part that is nil does not narrow it.
public struct SearchQuery: Hashable, Sendable {
  /// The member id of the issuer.
  public var issuer: String?
  /// The exact subject.
  public var subject: String?
  /// The exact content type.
  public var type: String?
  /// The earliest block time, in ms since the epoch.
  public var since: UInt64?
  /// The latest block time, in ms since the epoch.
  public var until: UInt64?
  /// A digest that is the payload's SHA-256 or is named in the payload.
  public var digest: Digest?
  /// The first entry that is looked at.
  public var first: UInt64 = 0
  /// The most records.
  public var limit: Int?

  /// A query that finds every record.
  public init() {}
}

/// A record as the index knows it: for lists. What it says is to be believed as far as the ledger's directory is.
public struct RecordSummary: Hashable, Sendable {
  /// The index of the entry.
  public let index: UInt64
  /// The height of its block.
  public let block: UInt64
  /// The block's time, in ms since the epoch.
  public let time: UInt64
  /// The statement id.
  public let id: Digest
  /// The issuer's member id.
  public let issuer: String
  /// What it is about.
  public let subject: String?
  /// The content type.
  public let type: String
  /// The claimed time, in s since the epoch.
  public let issuedAt: UInt64
  /// The number of bytes of the payload.
  public let byteCount: UInt64
  /// The payload's SHA-256.
  public let digest: Digest
}

extension LedgerIndex {
  /// How many records are read at a time.
  private static let pageLength = 1000

  /// Calls `body` with each record that `query` finds, oldest first.
  ///
  /// Records are read by the page, and `body` is called between the reads: however long it takes, it never keeps the index
  /// from being written.
  func search(_ query: SearchQuery, _ body: (RecordSummary) throws -> Void) throws {
    var next = query.first
    var left = query.limit ?? .max
    while left > 0 {
      let page = try page(query, from: next, limit: min(left, LedgerIndex.pageLength))
      for record in page { try body(record) }
      guard let last = page.last, page.count == LedgerIndex.pageLength else { return }
      next = last.index + 1
      left -= page.count
    }
  }

  private func page(_ query: SearchQuery, from first: UInt64, limit: Int) throws -> [RecordSummary] {
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
      let bytes = Data(digest.bytes)
      conditions.append(
        """
        records.entry IN (SELECT entry FROM records WHERE substr(digest, 1, 8) = ? AND digest = ? \
        UNION SELECT entry FROM named WHERE digest = ?)
        """)
      arguments += [bytes.prefix(8), bytes, bytes]
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
          throw Failure("sqlite", path, reason: "a digest of another length; run `zheng rebuild`")
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
