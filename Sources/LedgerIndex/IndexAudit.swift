import Foundation
import GRDB
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// Compares `index.sqlite` with what the truth says, block by block.
final class IndexAudit: IndexAuditor {
  private let index: SQLiteIndex
  /// The last block that is indexed.
  let head: BlockRow?
  /// Sums over what `listed` must hold: they do not depend on the order.
  private var listed = PlaceSum()
  /// The same over what `named` must hold.
  private var named = PlaceSum()
  /// The same over what `fields` must hold.
  private var fieldSum = RowSum()

  init(in directory: Directory) throws {
    index = try SQLiteIndex(in: directory, writing: false)
    head = try index.head()
  }

  /// The faults of the rows of a block of `entries`.
  ///
  /// - Parameter first: the index of the first.
  func audit(
    _ entries: BlockAudit.Entries, first: UInt64, height: UInt64, time: UInt64?, checkpointOffset: UInt64?,
    changes: StateChanges
  ) throws -> [Fault] {
    guard let head, height <= head.height else { return [] }
    for (path, records) in changes.lists {
      for record in records { listed.add(path, prefix: SQLiteIndex.pathByteCount, record.index) }
    }
    var faults: [Fault] = []
    let size = first + UInt64(entries.count)
    if let time, let checkpointOffset {
      let expected = BlockRow(
        height: height, first: first, size: size, time: time, checkpoint: checkpointOffset)
      if try index.block(height: height) != expected {
        faults.append(mismatch(height, nil, "the row of this block differs"))
      }
    }
    let differing = try index.read { db in
      var (rows, differing, next) = (try StoredRecords(first..<size, in: db), [UInt64](), first)
      for run in entries.runs {
        differing += try differingRows(run, first: next, height: height, &rows)
        next += UInt64(run.ranges.count)
      }
      return differing
    }
    return faults + differing.map { mismatch(height, $0, "the row of this entry differs") }
  }

  /// The entries of `run`, of which the first has the index `first`, whose row is not what it should be.
  private func differingRows(
    _ run: BlockAudit.Run, first: UInt64, height: UInt64, _ rows: inout StoredRecords
  ) throws -> [UInt64] {
    let bytes = run.bytes.span
    var differing: [UInt64] = []
    for (offset, (range, checked)) in zip(run.ranges, run.checked).enumerated() {
      let index = first + UInt64(offset)
      let entry = bytes.extracting(range)
      let row = RecordRow(index, of: height, checked)
      if let row {
        addFields(index, row.decoded.view, entry.extracting(row.decoded.view.payload), of: entry)
      }
      let isSame = try rows.next(of: index, is: row, of: entry)
      let isAltered =
        offset < run.stored.count && run.stored[run.stored.startIndex + offset] != checked.leaf
      // An altered entry is a fault of the truth; what the index remembers of it says nothing new.
      if !isSame, !isAltered { differing.append(index) }
    }
    return differing
  }

  private func addFields(_ index: UInt64, _ view: EntryView, _ payload: Span<UInt8>, of entry: Span<UInt8>) {
    guard Kind.isReserved(view.contentType, of: entry) else {
      for digest in NamedDigests.of(payload) { named.add(digest, prefix: Digest.byteCount, index) }
      return
    }
    for field in IndexedFields.of(payload) {
      fieldSum.add(IndexedFields.fingerprint(String(index), field.name, field.value))
    }
  }

  /// The faults of the tables as wholes.
  ///
  /// - Parameter values: the values of the rule sets' state, made from the founding on.
  func finish(_ state: LedgerState, _ values: [StateKey: [UInt8]?]) throws -> [Fault] {
    guard let head, head.size == state.frontier.size else { return [] }
    var faults: [Fault] = []
    if try index.headAndHeader()?.header != state.parent {
      faults.append(mismatch(head.height, nil, "it is of a chain with another header"))
    }
    if try !index.shows(state.roster.terms.parameters.utcOffset) {
      faults.append(mismatch(nil, nil, "the clock of its views differs"))
    }
    if try index.placeSum("SELECT path, entry FROM listed") != listed {
      faults.append(mismatch(nil, nil, "the table of listed records differs"))
    }
    if try index.placeSum("SELECT digest, entry FROM named") != named {
      faults.append(mismatch(nil, nil, "the table of named digests differs"))
    }
    if try index.rowSum("SELECT CAST(entry AS TEXT), name, value FROM fields") != fieldSum {
      faults.append(mismatch(nil, nil, "the table of payloads' fields differs"))
    }
    faults += try compareRuleState(values, head.height)
    if try index.recordCount() != Int(clamping: state.frontier.size - state.height) {
      faults.append(mismatch(nil, nil, "it has rows for records that do not exist"))
    }
    return faults
  }

  private func compareRuleState(
    _ expected: [StateKey: [UInt8]?], _ height: UInt64
  ) throws -> [Fault] {
    var faults: [Fault] = []
    if try index.stateKeys() != Set(expected.filter { $0.value != nil }.keys) {
      faults.append(
        mismatch(height, nil, "the keys of the rule sets' state differ from those that the statements give"))
    }
    var sum = RowSum()
    for case (let key, let value?) in expected {
      let name = key.name
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

/// The number of rows of hashes and entries, and a sum over them that does not depend on their order.
struct PlaceSum: Equatable {
  private var count = 0
  private var sum: UInt64 = 0

  /// Adds a row of the first `count` bytes of `digest`, a multiple of 8.
  mutating func add(_ digest: Digest, prefix count: Int, _ entry: UInt64) {
    let words = digest.words
    add([words.0, words.1, words.2, words.3].prefix(count / 8), count, entry)
  }

  /// Adds a row of these bytes, as they are stored.
  mutating func add(_ bytes: UnsafeRawBufferPointer, _ entry: UInt64) {
    let words = stride(from: 0, to: bytes.count - 7, by: 8).lazy.map {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
    }
    add(words, bytes.count, entry)
  }

  private mutating func add(_ words: some Sequence<UInt64>, _ byteCount: Int, _ entry: UInt64) {
    count += 1
    var mixed = entry &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(byteCount)
    for word in words {
      mixed = (mixed ^ word) &* 0xff51_afd7_ed55_8ccd
      mixed ^= mixed >> 32
    }
    sum &+= mixed
  }
}

extension SQLiteIndex {
  /// The sum over the rows of three texts that `query` gives.
  func rowSum(_ query: String) throws -> RowSum {
    try read { db in
      var sum = RowSum()
      let rows = try Row.fetchCursor(db, sql: query)
      while let row = try rows.next() { sum.add(IndexedFields.fingerprint(row[0], row[1], row[2])) }
      return sum
    }
  }

  /// The sum over the rows of a hash and an entry that `query` gives.
  func placeSum(_ query: String) throws -> PlaceSum {
    try read { db in
      var sum = PlaceSum()
      let cursor = try Row.fetchCursor(db, sql: query)
      while let row = try cursor.next() {
        let entry = UInt64(clamping: row[1] as Int64)
        try row.withUnsafeData(atIndex: 0) { data in
          (data ?? Data()).withUnsafeBytes { sum.add($0, entry) }
        }
      }
      return sum
    }
  }

  /// The number of rows of `records`.
  func recordCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM records") ?? 0 }
  }
}
