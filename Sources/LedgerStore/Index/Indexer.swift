import Dispatch
import Ledger
import LedgerCrypto
import Synchronization

/// Writes the index behind the commits, and answers for the ids that are not in it yet.
final class Indexer: Sendable {
  /// How many records may wait for the index before a commit waits too.
  private static let mostWaiting = 1 << 16
  /// How long a block waits for others, so that they share a transaction. Ids come in no order, each to a page of its own, and a
  /// transaction writes each page that it has touched twice: in transactions of thousands a record costs a third of what it costs
  /// in those of hundreds.
  private static let patience = DispatchTimeInterval.milliseconds(250)

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
    var failure: (any Error)?

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

  init(_ index: LedgerIndex) throws(Failure) {
    self.index = index
    lookups = try LedgerIndex(index.path, writing: false)
  }

  /// Takes a block that was committed. Waits where too much is waiting; throws what the index failed with before.
  func add(_ block: CommittedBlock) throws {
    let (mustSchedule, mustWait) = try waiting.withLock { waiting throws in
      if let failure = waiting.failure { throw failure }
      waiting.blocks.append(block)
      waiting.records += block.count
      defer { waiting.isScheduled = true }
      return (!waiting.isScheduled, waiting.records > Indexer.mostWaiting)
    }
    if mustSchedule { schedule() }
    if mustWait { try flush() }
  }

  private func schedule() {
    queue.asyncAfter(deadline: .now() + Indexer.patience) { [self] in
      _ = write()
      let mustSchedule = waiting.withLock { waiting in
        waiting.isScheduled = waiting.failure == nil && !waiting.blocks.isEmpty
        return waiting.isScheduled
      }
      if mustSchedule { schedule() }
    }
  }

  /// Waits until all that was added is in the index.
  func flush() throws {
    wait()
    try waiting.withLock { waiting throws in
      if let failure = waiting.failure { throw failure }
    }
  }

  /// Waits until all that was added is in the index, or the index has failed.
  func wait() { queue.sync { while write() {} } }

  /// Adds to the index, in one transaction, what waits.
  ///
  /// - Returns: false where nothing does, or the index has failed.
  private func write() -> Bool {
    let blocks = waiting.withLock { $0.failure == nil ? $0.blocks : [] }
    guard !blocks.isEmpty else { return false }
    do {
      try index.add(blocks)
      waiting.withLock { $0.removeFirst(blocks.count) }
      return true
    } catch {
      waiting.withLock { $0.failure = error }
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
}
