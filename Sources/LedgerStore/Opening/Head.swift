import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// The newest whole checkpoint: where the ledger ends.
struct Head: Sendable {
  let note: SignedNote
  let size: UInt64
  let root: Digest
  /// Where its frame begins, and the position behind it.
  let offset: UInt64
  let end: UInt64

  /// Finds the head of a ledger: from the end of `checkpoints`, or, where that ends within a frame, from its beginning.
  ///
  /// - Throws: `Fault` where whole frames lie behind a break, no frame is whole, or its signatures are not the validators'.
  static func find(_ checkpoints: CheckpointLog, _ log: EntryLog) throws -> Head {
    let roster = try LedgerState.founding(of: log).roster
    let frame = try checkpoints.last() ?? lastWhole(checkpoints, origin: roster.terms.origin)
    let stored: StoredCheckpoint
    do { stored = try StoredCheckpoint(parsing: frame.note.span) } catch {
      throw Fault(.malformedCheckpoint, "the last checkpoint: \(error)")
    }
    // Validators stay as founded, so the founding roster judges every checkpoint.
    if let fault = stored.check(roster, height: 0).faults.first {
      throw Fault(fault.code, "the last checkpoint: \(fault.detail)")
    }
    return Head(
      note: stored.note, size: stored.checkpoint.size, root: stored.checkpoint.root, offset: frame.offset,
      end: frame.next)
  }

  private static func lastWhole(_ checkpoints: CheckpointLog, origin: String) throws -> CheckpointLog.Frame {
    var last: CheckpointLog.Frame?
    var offset: UInt64 = 0
    var block: UInt64 = 0
    while let frame = try checkpoints.frame(at: offset) {
      (last, offset) = (frame, frame.next)
      block += 1
    }
    if try checkpoints.nextFrame(after: offset, origin: origin) != nil {
      throw Fault(.malformedCheckpoint, block: block, "a break in the checkpoints, with whole ones behind it")
    }
    guard let last else { throw Fault(.truncated, block: 0, "there is no whole checkpoint") }
    return last
  }
}
