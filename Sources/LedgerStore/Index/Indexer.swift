import Dispatch
import Ledger
import LedgerCrypto
import Synchronization

/// Writes the index behind the commits, and answers for the ids that are not in it yet.
final class Indexer: Sendable {
  /// How many records may wait for the index before a commit waits too.
  private static let mostWaiting = 1 << 16

  /// Where an earlier statement stands.
  struct Place: Hashable, Sendable {
    let index: UInt64
    let block: UInt64
  }

  private struct Waiting {
    var blocks: [CommittedBlock] = []
    var records = 0
    var places: [Digest: Place] = [:]
    var isDraining = false
    var failure: (any Error)?
  }

  let index: LedgerIndex
  private let waiting = Mutex(Waiting())
  private let queue = DispatchQueue(label: "zheng.index")

  init(_ index: LedgerIndex) { self.index = index }

  /// Takes a block that was committed. Waits where too much is waiting; throws what the index failed with before.
  func add(_ block: CommittedBlock) throws {
    let (mustStart, mustWait) = try waiting.withLock { waiting throws in
      if let failure = waiting.failure { throw failure }
      waiting.blocks.append(block)
      waiting.records += block.count
      for (offset, checked) in block.checked.enumerated() {
        guard case .decoded(let decoded) = checked.content else { continue }
        waiting.places[decoded.id] = Place(index: block.first + UInt64(offset), block: block.header.height)
      }
      defer { waiting.isDraining = true }
      return (!waiting.isDraining, waiting.records > Indexer.mostWaiting)
    }
    if mustStart { queue.async { self.drain() } }
    if mustWait { try flush() }
  }

  /// Waits until all that was added is in the index.
  func flush() throws {
    wait()
    try waiting.withLock { waiting throws in
      if let failure = waiting.failure { throw failure }
    }
  }

  /// Waits until nothing is being written.
  func wait() { queue.sync {} }

  private func drain() {
    while true {
      let blocks = waiting.withLock { waiting in
        defer { (waiting.blocks, waiting.records) = ([], 0) }
        if waiting.blocks.isEmpty || waiting.failure != nil { waiting.isDraining = false }
        return waiting.failure == nil ? waiting.blocks : []
      }
      guard !blocks.isEmpty else { return }
      do {
        try index.add(blocks)
        waiting.withLock { waiting in
          for block in blocks {
            for case .decoded(let decoded) in block.checked.map(\.content) {
              waiting.places[decoded.id] = nil
            }
          }
        }
      } catch {
        waiting.withLock { $0.failure = error }
      }
    }
  }

  /// Where the statement with this id stands, indexed or not.
  func place(of id: Digest) throws -> Place? {
    if let place = waiting.withLock({ $0.places[id] }) { return place }
    guard let entry = try index.entry(of: id) else { return nil }
    guard let block = try index.block(of: entry) else { return nil }
    return Place(index: entry, block: block.height)
  }
}
