import Foundation
import GRDB
import Ledger
import LedgerCrypto

/// Compares `index.sqlite` with what the truth says, block by block.
final class IndexAudit {
  /// How many rows are read at once: a block may have many.
  private static let rowCount = 512

  private let index: LedgerIndex
  /// The last block that is indexed.
  let head: BlockRow?
  private var hasher = SHA256()
  /// Sums over what `named` must hold: they do not depend on the order.
  private var namedCount = 0
  private var namedSum: UInt64 = 0
  /// The same over what `fields` must hold.
  private var fieldSum = RowSum()

  init(_ folder: LedgerFolder) throws {
    index = try LedgerIndex(folder.index, writing: false)
    head = try index.head()
  }

  /// The faults of the rows of the block whose entries lie next in `feed`.
  func audit(
    _ feed: EntryFeed, _ entries: BlockAudit.Entries, height: UInt64, time: UInt64?, checkpointOffset: UInt64?
  ) throws -> [Fault] {
    guard let head, height <= head.height else { return [] }
    var faults: [Fault] = []
    let size = feed.index + UInt64(entries.ranges.count)
    if let time, let checkpointOffset {
      let expected = BlockRow(
        height: height, first: feed.index, size: size, time: time, checkpoint: checkpointOffset)
      if try index.block(height: height) != expected {
        faults.append(mismatch(height, nil, "the row of this block differs"))
      }
    }
    var rows: [Int64: RecordRow] = [:]
    for (offset, (range, checked)) in zip(entries.ranges, entries.checked).enumerated() {
      let entry = feed.index + UInt64(offset)
      if offset.isMultiple(of: IndexAudit.rowCount) {
        rows = try index.records(entry..<min(entry + UInt64(IndexAudit.rowCount), size))
      }
      let expected = RecordRow(checked, feed.bytes, range, entry: entry, block: height, using: &hasher)
      if let payload = expected?.payload {
        for digest in NamedDigests.of(feed.bytes.span.extracting(payload)) { addNamed(digest, entry) }
        if expected?.isReserved == true {
          for field in IndexedFields.of(feed.bytes.span.extracting(payload)) {
            fieldSum.add(IndexedFields.fingerprint(String(entry), field.name, field.value))
          }
        }
      }
      let isAltered =
        offset < entries.stored.count && entries.stored[entries.stored.startIndex + offset] != checked.leaf
      // An altered entry is a fault of the truth; what the index remembers of it says nothing new.
      if !isAltered, expected != rows[Int64(entry)] {
        faults.append(mismatch(height, entry, "the row of this entry differs"))
      }
    }
    return faults
  }

  private func addNamed(_ digest: Digest, _ entry: UInt64) {
    namedCount += 1
    namedSum &+= (digest.fingerprint ^ entry) &* 0x9e37_79b9_7f4a_7c15
  }

  /// The faults of the tables as wholes.
  ///
  /// - Parameter ruleState: the rule sets' state, made from the founding on.
  func finish(_ state: LedgerState, _ ruleState: RuleState) throws -> [Fault] {
    guard let head, head.size == state.frontier.size else { return [] }
    var faults: [Fault] = []
    if try index.snapshot() != state.snapshot {
      faults.append(mismatch(head.height, nil, "the rule state differs from the one that the blocks give"))
    }
    let (count, sum) = try index.namedSum()
    if count != namedCount || sum != namedSum {
      faults.append(mismatch(nil, nil, "the table of named digests differs"))
    }
    if try index.rowSum("SELECT CAST(entry AS TEXT), name, value FROM fields") != fieldSum {
      faults.append(mismatch(nil, nil, "the table of payloads' fields differs"))
    }
    faults += try compareRuleState(ruleState.recent, head.height)
    if try index.recordCount() != Int(clamping: head.size - head.height - 1) {
      faults.append(mismatch(nil, nil, "it holds rows of records that there are not"))
    }
    return faults
  }

  private func compareRuleState(
    _ expected: [StateKey: [UInt8]?], _ height: UInt64
  ) throws -> [Fault] {
    var faults: [Fault] = []
    var count = 0
    var isSame = true
    try index.forEachValue { key, value in
      count += 1
      if expected[key] != .some(value) { isSame = false }
    }
    if !isSame || count != expected.count {
      faults.append(
        mismatch(height, nil, "the rule sets' state differs from the one that the statements give"))
    }
    var sum = RowSum()
    for case (let key, let value?) in expected {
      let name = IndexedFields.name(of: key)
      for field in IndexedFields.of(value.span) {
        sum.add(IndexedFields.fingerprint(name, field.name, field.value))
      }
    }
    if try index.rowSum("SELECT key, name, value FROM current") != sum {
      faults.append(mismatch(height, nil, "the table of the state's fields differs"))
    }
    return faults
  }

  private func mismatch(_ height: UInt64?, _ entry: UInt64?, _ what: String) -> Fault {
    Fault(.derivedMismatch, block: height, entry: entry, "\(index.path): \(what)")
  }
}

/// The number of a table's rows, and a sum over them that does not depend on their order.
struct RowSum: Equatable {
  private var count = 0
  private var sum: UInt64 = 0

  mutating func add(_ fingerprint: UInt64) {
    count += 1
    sum &+= fingerprint
  }
}

extension LedgerIndex {
  /// The sum over the rows of three texts that `query` gives.
  func rowSum(_ query: String) throws -> RowSum {
    try read { db in
      var sum = RowSum()
      let rows = try Row.fetchCursor(db, sql: query)
      while let row = try rows.next() { sum.add(IndexedFields.fingerprint(row[0], row[1], row[2])) }
      return sum
    }
  }

  /// The rows of the records among `entries`, by entry.
  func records(_ entries: Range<UInt64>) throws -> [Int64: RecordRow] {
    try read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT entry, block, id, issuer, subject, type, issued, bytes, digest FROM records
          WHERE entry >= ? AND entry < ?
          """)
      var rows: [Int64: RecordRow] = [:]
      let cursor = try Row.fetchCursor(
        statement, arguments: [Int64(clamping: entries.lowerBound), Int64(clamping: entries.upperBound)])
      while let row = try cursor.next() { rows[row[0]] = RecordRow(row) }
      return rows
    }
  }

  /// The number of rows of `named`, and a sum over them that does not depend on their order.
  func namedSum() throws -> (count: Int, sum: UInt64) {
    try read { db in
      var (count, sum) = (0, UInt64(0))
      let cursor = try Row.fetchCursor(db, sql: "SELECT digest, entry FROM named")
      while let row = try cursor.next() {
        count += 1
        let entry = UInt64(clamping: row[1] as Int64)
        let fingerprint = Digest(row[0] as Data)?.fingerprint ?? 0
        sum &+= (fingerprint ^ entry) &* 0x9e37_79b9_7f4a_7c15
      }
      return (count, sum)
    }
  }

  /// The number of rows of `records`.
  func recordCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM records") ?? 0 }
  }
}
