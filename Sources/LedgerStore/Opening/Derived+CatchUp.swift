import Ledger
import LedgerCrypto
import TransparencyLog

extension Derived {
  /// Adds to the index what it lacks up to `head`, and gives the state after it.
  ///
  /// An index that does not continue into this ledger, or can't be read, is emptied and filled anew.
  ///
  /// - Throws: `Fault`: `derived-mismatch` where the tiles do not give the head's root; the fault of the truth otherwise.
  func catchUpIndex(
    _ log: EntryLog, _ checkpoints: CheckpointLog, head: Head, _ waysOut: WaysOut
  ) throws -> LedgerState {
    var hasher = TreeHasher()
    let reader = TileHashReader(tiles)
    guard try Merkle.root(size: head.size, from: reader, using: &hasher) == head.root else {
      throw Fault(
        .derivedMismatch,
        "the tiles do not hash to the last checkpoint's root; \(waysOut.audit) says where, and if only tiles are damaged \(waysOut.rebuild) mends it"
      )
    }
    var replay: BlockReplay
    if let known = try knownState(reader, checkpoints) {
      let position = try positionOfEntry(known.state.frontier.size, log)
      replay = BlockReplay(
        log, checkpoints, from: known.state, position: position, checkpointOffset: known.checkpointEnd,
        rules: rules, ruleState: ruleState)
    } else {
      do { try follower.removeAll() } catch let failure as Failure { try abandonIndex(failure) }
      replay = try .fromFounding(log, checkpoints, rules: rules, ruleState: ruleState)
    }
    while let block = try replay.next(before: head.end) { addToIndex(block) }
    follower.flush()
    if let failure = ruleState.failure { throw failure }
    return replay.state
  }

  /// The state after the last indexed block; nil where the index has none, or one that is not of this ledger.
  private func knownState(
    _ reader: TileHashReader<TileFiles>, _ checkpoints: CheckpointLog
  ) throws -> (state: LedgerState, checkpointEnd: UInt64)? {
    guard let (row, snapshot) = try follower.headAndSnapshot(),
      let frame = try checkpoints.frame(at: row.checkpoint)
    else { return nil }
    do {
      let stored = try StoredCheckpoint(parsing: frame.note.span)
      let frontier = try Frontier(size: row.size, from: reader)
      let state = try LedgerState(snapshot: snapshot, frontier: frontier)
      guard stored.checkpoint.size == row.size, state.height == row.height + 1,
        try tiles.tileHash(level: 0, position: row.size - 1) == state.parent
      else { return nil }
      return (state, frame.next)
    } catch { return nil }
  }

  /// The position of entry `index`, which may be the one behind the last.
  private func positionOfEntry(_ index: UInt64, _ log: EntryLog) throws -> UInt64 {
    guard offsets.count > 0 else { return 0 }
    let bundle = min(index / 256, offsets.count - 1)
    return try log.position(skipping: index - bundle * 256, from: offsets.positions(bundle..<bundle + 1)[0])
  }
}
