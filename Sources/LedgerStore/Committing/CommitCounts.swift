import Synchronization

/// What the commit path has done since the ledger was opened for writing.
public struct CommitCounts: Hashable, Sendable {
  /// How many blocks were committed.
  public var blocks: UInt64 = 0
  /// How many statements became records with them.
  public var records: UInt64 = 0
  /// How many cuts were made because the oldest statement had waited `block-delay-ms` for others.
  public var waits: UInt64 = 0
  /// Syncs of committed blocks: of entries, of checkpoints, and of what was signed last.
  public var syncs: UInt64 = 0

  static func += (left: inout Self, right: Self) {
    left.blocks += right.blocks
    left.records += right.records
    left.waits += right.waits
    left.syncs += right.syncs
  }
}

/// Counts for those who write and those who ask, on any thread.
final class CommitMeter: Sendable {
  private let total = Mutex(CommitCounts())

  var counts: CommitCounts { total.withLock { $0 } }

  func add(_ counts: CommitCounts) { total.withLock { $0 += counts } }
}
