import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// A copy of a ledger that was checked whole, and that grows by blocks from elsewhere: each is judged as by an audit, signatures
/// and duplicates among the rest, and goes into what is derived. What was judged before is not read again.
///
/// Holds the lock of who writes. Not for use from two threads at once.
package final class FollowedLedger {
  /// What was judged.
  package struct Reached: Sendable {
    package let size: UInt64
    package let root: Digest
    package let blocks: UInt64
  }

  private let folder: LedgerFolder
  private let copy: LedgerCopy
  private let lock: WriterLock
  private let derived: Derived
  private var state: LedgerState
  /// The position behind the last entry that was judged, and behind the last checkpoint's frame.
  private var position, checkpointOffset: UInt64

  /// Brings what is derived of `copy`, all of which was checked just now, up to its newest checkpoint.
  ///
  /// - Parameter folder: where the copy is.
  /// - Throws: `LedgerBusy`, `Failure`, `Fault`.
  package init(_ folder: LedgerFolder, _ copy: LedgerCopy) throws {
    (self.folder, self.copy) = (folder, copy)
    let directory = try Directory(folder.path)
    lock = try WriterLock(in: directory, folder.remedies)
    let head = try Head.find(copy.checkpoints, copy.log, folder)
    derived = try Derived(in: directory, index: folder.index, rules: folder.rules)
    try derived.requireNotAhead(of: head.size)
    position = try derived.catchUp(copy.log, to: head.size)
    state = try derived.catchUpIndex(folder, copy.log, copy.checkpoints, head: head)
    checkpointOffset = head.end
    if let failure = derived.failure { throw failure }
  }

  deinit {
    // The lock must not be let go while the index is still being written.
    derived.follower.close()
  }

  /// What was judged until now.
  package var reached: Reached {
    var hasher = TreeHasher()
    return Reached(size: state.frontier.size, root: state.frontier.root(using: &hasher), blocks: state.height)
  }

  /// Judges what the copy has behind that.
  ///
  /// - Throws: the first `Fault`; what can't be read or written. Then the copy is to be checked whole again.
  package func advance() throws {
    var replay = BlockReplay(
      copy.log, copy.checkpoints, from: state, position: position, checkpointOffset: checkpointOffset,
      rules: folder.rules, derived.state)
    replay.trustsStatements = false
    while let block = try replay.next(before: copy.end) { try derived.add(block) }
    (state, position, checkpointOffset) = (replay.state, replay.position, replay.checkpointOffset)
    derived.follower.flush()
    if let failure = derived.failure { throw failure }
  }
}
