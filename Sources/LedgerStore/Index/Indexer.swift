import Dispatch
import Ledger
import LedgerCrypto
import Synchronization

/// Writes the index behind the commits, and answers for what is not in it yet.
///
/// Nothing about the index makes a commit fail: what can't be written now waits in memory, and is tried again.
final class Indexer: Sendable {
  /// How many records may wait for the index before a commit waits for one try.
  private static let mostWaiting = 1 << 16
  /// How many may wait in memory for an index that can't be written.
  private static let mostKept = 1 << 20
  /// How long a block waits for others, in s, so that they share a transaction. Ids come in no order, each to a page of its own, and a
  /// transaction writes each page that it has touched twice: in transactions of thousands a record costs a third of what it costs
  /// in those of hundreds.
  private static let patience = 0.25

  /// Where an earlier statement stands.
  struct Place: Hashable, Sendable {
    let index: UInt64
    let block: UInt64
  }

  /// The rule sets' state as the index has it.
  var stateSnapshot: any StateSnapshot { lookups }

  private struct Waiting {
    /// Those that are not in the index, oldest first; the first may be on their way there.
    var blocks: [CommittedBlock] = []
    var records = 0
    /// Where the statements of the first `listed` blocks stand: mostly nobody asks before they are indexed.
    private var list: [Digest: Place] = [:]
    private var listed = 0
    /// Whether a transaction is to come, or under way.
    var isScheduled = false
    /// Whether nobody may write any more.
    var isClosed = false
    /// What the last try failed with, and how many have failed since one succeeded.
    var failure: (any Error)?
    var failures = 0

    /// Where the statements stand that are not in the index.
    var places: [Digest: Place] {
      mutating get {
        for block in blocks[listed...] {
          for (offset, checked) in block.checked.dropLast().enumerated() {
            guard case .decoded(let decoded) = checked.content else { continue }
            list[decoded.id] = Place(index: block.first + UInt64(offset), block: block.header.height)
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

  let index: LedgerIndex
  /// A connection of its own, so that a look-up does not wait for a block that is being written.
  private let lookups: LedgerIndex
  private let waiting = Mutex(Waiting())
  private let queue = DispatchQueue(label: "zheng.index")

  /// - Parameter lookups: another connection to `index`, or `index` itself.
  init(_ index: LedgerIndex, lookups: LedgerIndex) { (self.index, self.lookups) = (index, lookups) }

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

  /// Where those of the statements `ids` stand that are committed, indexed or not.
  func places(of ids: [Digest]) throws -> [Digest: Place] {
    // What waits is asked first: a block leaves there only after it has come into the index.
    var places: [Digest: Place] = [:]
    waiting.withLock { waiting in
      let known = waiting.places
      for id in ids { if let place = known[id] { places[id] = place } }
    }
    return places.merging(try lookups.places(of: ids)) { waiting, _ in waiting }
  }

  // MARK: What waits
  //
  // A block leaves only after it is in the index: who asks here first and there second misses nothing.

  /// How many entries the index lacks.
  var waitingCount: Int { waiting.withLock { $0.records } }

  /// The latest time that a statement claims which is not in the index yet, in s since the epoch; 0 where there is none.
  var latestIssuedWaiting: UInt64 {
    waiting.withLock { waiting in
      var latest: UInt64 = 0
      for block in waiting.blocks {
        for case .decoded(let decoded) in block.checked.map(\.content) {
          latest = max(latest, decoded.view.claims?.issuedAt ?? 0)
        }
      }
      return latest
    }
  }

  /// Where the statement with this id stands, if it is not in the index yet.
  func waitingPlace(of id: Digest) -> Place? { waiting.withLock { $0.places[id] } }

  /// The block that holds `entry`, if it is not in the index yet.
  func waitingBlock(of entry: UInt64) -> CommittedBlock? {
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

  /// The roster with this root, if a block that is not in the index yet brought it into force.
  func waitingRoster(_ root: Digest) -> Roster? {
    waiting.withLock { waiting in waiting.blocks.first { $0.state.roster.root == root }?.state.roster }
  }

  /// The last values, beneath `prefix` or at it, that blocks which are not in the index yet set; nil where one was removed.
  func waitingValues(under prefix: StateKey) -> [StateKey: [UInt8]?] {
    var values: [StateKey: [UInt8]?] = [:]
    for block in waiting.withLock({ $0.blocks }) {
      for (key, value) in block.changes.values
      where key == prefix || key.bytes.starts(with: prefix.bytes + [0]) {
        values.updateValue(value, forKey: key)
      }
    }
    return values
  }
}
