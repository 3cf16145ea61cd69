import Dispatch
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import Synchronization

/// Writes the index behind the commits, and answers for what is not in it yet.
///
/// Nothing about the index makes a commit fail: what can't be written now waits in memory, and is tried again.
final class Indexer: BlockFollower {
  /// How many records may wait for the index before a commit waits for one try.
  private static let mostWaiting = 1 << 16
  /// How many may wait in memory for an index that can't be written.
  private static let mostKept = 1 << 20
  /// How long a block waits for others, in s, so that they share a transaction. Ids come in no order, each to a page of its own, and a
  /// transaction writes each page that it has touched twice: in transactions of thousands a record costs a third of what it costs
  /// in those of hundreds.
  private static let patience = 0.25

  private struct Waiting {
    /// Those that are not in the index, oldest first; the first may be on their way there.
    var blocks: [CommittedBlock] = []
    var records = 0
    /// Where the statements of the first `listed` blocks stand: mostly nobody asks before they are indexed.
    private var list: [Digest: UInt64] = [:]
    private var listed = 0
    /// Whether a transaction is to come, or under way.
    var isScheduled = false
    /// Whether nobody may write any more.
    var isClosed = false
    /// What the last try failed with, and how many have failed since one succeeded.
    var failure: (any Error)?
    var failures = 0

    /// Where the statements stand that are not in the index.
    var places: [Digest: UInt64] {
      mutating get {
        for block in blocks[listed...] {
          for (offset, checked) in block.checked.dropLast().enumerated() {
            guard case .decoded(let decoded) = checked.content else { continue }
            list[decoded.id] = block.first + UInt64(offset)
          }
        }
        listed = blocks.count
        return list
      }
    }

    /// Lets go of the first `count` blocks.
    mutating func removeFirst(_ count: Int) {
      for block in blocks.prefix(min(count, listed)) {
        for case .decoded(let decoded) in block.checked.map(\.content) { list[decoded.id] = nil }
      }
      records -= blocks.prefix(count).reduce(0) { $0 + $1.count }
      blocks.removeFirst(count)
      listed = max(0, listed - count)
    }
  }

  let index: SQLiteIndex
  /// One for readers, whose searches may take long.
  private let searches: SQLiteIndex
  private let waiting = Mutex(Waiting())
  private let queue = DispatchQueue(label: "zheng.index")

  /// - Parameter searches: another connection to `index`, or `index` itself.
  init(_ index: SQLiteIndex, searches: SQLiteIndex) { (self.index, self.searches) = (index, searches) }

  var path: String { index.path }

  /// Takes a block that was committed. Waits for a try where much is waiting.
  func add(_ block: CommittedBlock) {
    let (mustSchedule, mustWait) = waiting.withLock { waiting in
      waiting.blocks.append(block)
      waiting.records += block.count
      defer { waiting.isScheduled = true }
      return (!waiting.isScheduled, waiting.records > Indexer.mostWaiting)
    }
    if mustSchedule { schedule() }
    if mustWait { flush() }
  }

  /// Fails before a block is committed for which there would be no room here.
  func requireRoom() throws {
    try waiting.withLock { waiting throws in
      guard waiting.records > Indexer.mostKept, let failure = waiting.failure else { return }
      throw Failure(
        "write", index.path,
        reason: "\(waiting.records) entries wait for the index, which can't be written; \(failure)")
    }
  }

  private func schedule() {
    // Whoever keeps it busy is tried less and less often.
    let failures = waiting.withLock { $0.failures }
    queue.asyncAfter(deadline: .now() + Indexer.patience * Double(1 << min(failures, 5))) { [self] in
      _ = write()
      let mustSchedule = waiting.withLock { waiting in
        waiting.isScheduled = !waiting.isClosed && !waiting.blocks.isEmpty
        return waiting.isScheduled
      }
      if mustSchedule { schedule() }
    }
  }

  /// Waits until all that was added is in the index, or a try has failed.
  ///
  /// - Returns: whether all of it is.
  @discardableResult
  func flush() -> Bool {
    queue.sync { while write() {} }
    return waitingCount == 0
  }

  /// As `flush()`, and writes nothing afterwards, so that the lock may be let go.
  func close() {
    flush()
    queue.sync { waiting.withLock { $0.isClosed = true } }
  }

  /// Why the index lacks what waits; nil where nothing waits or nothing has failed.
  var failure: (any Error)? { waiting.withLock { $0.blocks.isEmpty ? nil : $0.failure } }

  /// Adds to the index, in one transaction, what waits.
  ///
  /// - Returns: false where nothing does, or the try has failed.
  private func write() -> Bool {
    let blocks = waiting.withLock { $0.isClosed ? [] : $0.blocks }
    guard !blocks.isEmpty else { return false }
    do {
      try index.add(blocks)
      waiting.withLock { waiting in
        waiting.removeFirst(blocks.count)
        (waiting.failure, waiting.failures) = (nil, 0)
      }
      return true
    } catch {
      waiting.withLock { waiting in
        waiting.failure = error
        waiting.failures += 1
      }
      return false
    }
  }

  func lastMoment() throws -> ProposalClock.Moment? { try index.lastMoment() }

  func set(_ moment: ProposalClock.Moment) throws { try index.set(moment) }

  func removeAll() throws { try index.removeAll() }
}

// MARK: What is looked up

// A block leaves what waits only after it is in the index: who asks there first and here second misses nothing.
extension Indexer {
  var unindexed: Int { waitingCount }

  func catchUp() {
    // One try: what is committed meanwhile is left to the next.
    if waitingCount > 0 { queue.sync { _ = write() } }
  }

  /// How many entries the index lacks.
  private var waitingCount: Int { waiting.withLock { $0.records } }

  private var lastWaiting: CommittedBlock? { waiting.withLock { $0.blocks.last } }

  func head() throws -> BlockRow? { try lastWaiting?.row ?? searches.head() }

  func headAndHeader() throws -> (head: BlockRow, header: Digest)? {
    if let last = lastWaiting { return (last.row, last.state.parent) }
    return try searches.headAndHeader()
  }

  func entry(of id: Digest) throws -> UInt64? {
    try waiting.withLock { $0.places[id] } ?? searches.entry(of: id)
  }

  func block(height: UInt64) throws -> BlockRow? {
    let waiting = waiting.withLock { waiting in waiting.blocks.first { $0.header.height == height }?.row }
    return try waiting ?? searches.block(height: height)
  }

  func entries(listedAt key: StateKey, from first: UInt64, limit: Int) throws -> [UInt64] {
    var hasher = StateHasher()
    let path = hasher.path(of: key)
    let waiting = waiting.withLock { waiting in
      waiting.blocks.flatMap { $0.changes.records(listedAt: path).map(\.index) }
    }
    let indexed = try searches.entries(listedAt: key, from: first, limit: limit)
    return Array(Set(indexed + waiting.filter { $0 >= first }).sorted().prefix(limit))
  }

  func block(of entry: UInt64) throws -> BlockRow? {
    try waitingBlock(of: entry)?.row ?? searches.block(of: entry)
  }

  private func waitingBlock(of entry: UInt64) -> CommittedBlock? {
    waiting.withLock { waiting in
      var range = waiting.blocks.indices
      while let first = range.first {
        let middle = first + range.count / 2
        let block = waiting.blocks[middle]
        if entry < block.first {
          range = first..<middle
        } else if entry < block.size {
          return block
        } else {
          range = middle + 1..<range.upperBound
        }
      }
      return nil
    }
  }

  func rosterItems(_ root: Digest) throws -> [UInt8]? {
    let waiting = waiting.withLock { waiting in waiting.blocks.first { $0.state.roster.root == root } }
    return try waiting?.state.roster.indexedItems ?? searches.rosterItems(root)
  }

  func keys(
    under prefix: StateKey, where fields: [(name: String, value: String)], after: StateKey?, limit: Int
  ) throws -> [StateKey] {
    let waiting = waitingValues(under: prefix)
    // So many of those that are indexed may be gone again.
    let most = limit > .max - waiting.count ? .max : limit + waiting.count
    let indexed = try searches.keys(under: prefix, where: fields, after: after, limit: most)
    guard !waiting.isEmpty else { return indexed }
    let newer = waiting.compactMap { key, value -> StateKey? in
      guard let value, after.map(key.isBehind) ?? true else { return nil }
      let shown = IndexedFields.of(value.span)
      let isMeant = fields.allSatisfy { field in
        shown.contains { $0.name == field.name && $0.value == field.value }
      }
      return isMeant ? key : nil
    }
    return Array((indexed.filter { waiting[$0] == nil } + newer).sorted { $1.isBehind($0) }.prefix(limit))
  }

  /// The last values beneath `prefix` that blocks which are not in the index yet set; nil where one was removed. Mostly none,
  /// after one try to write them.
  private func waitingValues(under prefix: StateKey) -> [StateKey: [UInt8]?] {
    guard !flush() else { return [:] }
    var values: [StateKey: [UInt8]?] = [:]
    for block in waiting.withLock({ $0.blocks }) {
      for (key, value) in block.changes.values where key.bytes.starts(with: prefix.bytes + [0]) {
        values.updateValue(value, forKey: key)
      }
    }
    return values
  }

  func search(_ query: SearchQuery, from first: UInt64, limit: Int) throws -> [RecordSummary] {
    try searches.search(query, from: first, limit: limit)
  }
}
