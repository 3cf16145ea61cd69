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
  static func find(_ checkpoints: CheckpointLog, _ log: EntryLog, _ folder: LedgerFolder) throws -> Head {
    let roster = try LedgerState.founding(of: log).roster
    let frame = try checkpoints.last() ?? lastWhole(checkpoints, origin: roster.terms.origin)
    let stored: StoredCheckpoint
    do { stored = try StoredCheckpoint(parsing: frame.note.span) } catch {
      throw Fault(.malformedCheckpoint, "the last checkpoint: \(error)")
    }
    // Mostly the validators are those that founded it.
    var faults = stored.check(roster, height: 0).faults
    if !faults.isEmpty,
      let (changed, height) = try changedRoster(stored.checkpoint.size, frame, checkpoints, log, folder)
    {
      faults = stored.check(changed, height: height).faults
    }
    if let fault = faults.first { throw Fault(fault.code, "the last checkpoint: \(fault.detail)") }
    return Head(
      note: stored.note, size: stored.checkpoint.size, root: stored.checkpoint.root, offset: frame.offset,
      end: frame.next)
  }

  /// The roster in force for the last block, and its height, where its validators are others than the founders': what the index keeps
  /// under the root that the block's header names, or what the entries lead to. Nil where the validators never changed.
  private static func changedRoster(
    _ size: UInt64, _ frame: CheckpointLog.Frame, _ checkpoints: CheckpointLog, _ log: EntryLog,
    _ folder: LedgerFolder
  ) throws -> (Roster, height: UInt64)? {
    if let kept = try keptRoster(size, log, folder) { return kept.0.terms.since > 0 ? kept : nil }
    var replay = try BlockReplay.fromFounding(log, checkpoints, rules: folder.rules, StateStore())
    do { while try replay.next(before: frame.offset) != nil {} } catch is Fault { return nil }
    let (roster, height) = (replay.state.roster, replay.state.height)
    guard roster.terms.since > 0 else { return nil }
    return (roster, height)
  }

  /// As the index keeps it; nil where it does not have it.
  private static func keptRoster(
    _ size: UInt64, _ log: EntryLog, _ folder: LedgerFolder
  ) throws -> (Roster, height: UInt64)? {
    do {
      let directory = try Directory(folder.path)
      let offsets = try OffsetsFile(in: directory, writing: false)
      guard size > 0, (size - 1) / 256 < offsets.count else { return nil }
      let bundle = (size - 1) / 256
      let position = try log.position(
        skipping: (size - 1) % 256, from: offsets.positions(bundle..<bundle + 1)[0])
      let header = try BlockHeader(payload: SignedStatement(decoding: log.entry(at: position).entry).payload)
      guard let items = try folder.index.stored(in: directory).rosterItems(header.roster),
        let roster = try Roster(indexed: items, inForceFrom: header.height), roster.root == header.roster
      else { return nil }
      return (roster, header.height)
    } catch {
      // What is derived can't be read: the entries say it too.
      return nil
    }
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
