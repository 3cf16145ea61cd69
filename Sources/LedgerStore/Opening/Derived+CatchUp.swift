import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

extension Derived {
  /// Adds to state and index what they lack up to `head`, and gives the ledger's state after it.
  ///
  /// An index that does not continue into this ledger, or can't be read, is emptied and filled anew; a state that does not
  /// fit what was signed is made anew.
  ///
  /// - Parameter anew: whether to make the index anew in any case.
  /// - Throws: `Fault`: `derived-mismatch` where the tiles do not give the head's root; the fault of the truth otherwise.
  func catchUpIndex(
    _ folder: LedgerFolder, _ log: EntryLog, _ checkpoints: CheckpointLog, head: Head, anew: Bool = false
  ) throws -> LedgerState {
    var hasher = TreeHasher()
    guard try Merkle.root(size: head.size, from: TileHashReader(tiles), using: &hasher) == head.root else {
      throw Fault(
        .derivedMismatch,
        "the tiles do not hash to the last checkpoint's root; \(folder.remedies.audit) says where, and if only tiles are damaged \(folder.remedies.rebuild) mends it"
      )
    }
    let entries = CheckedEntries(
      folder, log, offsets, CheckedTree(folder, tiles, size: head.size, root: head.root))
    var indexed = anew ? nil : try indexedBlock(entries, checkpoints, head)
    if indexed == nil {
      do { try follower.removeAll() } catch let failure as Failure { try abandonIndex(failure) }
    }
    var replay: BlockReplay
    do {
      replay = try knownReplay(log, checkpoints, entries, upTo: indexed)
    } catch is StateMismatch {
      replay = try newReplay(log, checkpoints)
    }
    do { try follow(&replay, behind: indexed, to: head) } catch is StateMismatch {
      // A leaf or a value that was needed on the way.
      indexed = try follower.head()
      replay = try newReplay(log, checkpoints)
      try follow(&replay, behind: indexed, to: head)
    }
    follower.flush()
    return replay.state
  }

  /// Makes the state anew from the entries, up to the checkpoint that ends before `end`, because what is stored of it does
  /// not fit what was signed.
  ///
  /// - Throws: the first `Fault` of the truth, `Failure`.
  func remakeState(_ log: EntryLog, _ checkpoints: CheckpointLog, end: UInt64) throws {
    let made = newState()
    var replay = try BlockReplay.fromFounding(log, checkpoints, rules: rules, made)
    while try replay.next(before: end) != nil {}
    state.become(made)
    use(state)
  }

  private func newReplay(_ log: EntryLog, _ checkpoints: CheckpointLog) throws -> BlockReplay {
    use(newState())
    return try .fromFounding(log, checkpoints, rules: rules, state)
  }

  private func follow(_ replay: inout BlockReplay, behind indexed: BlockRow?, to head: Head) throws {
    while let block = try replay.next(before: head.end) {
      if indexed.map({ block.header.height > $0.height }) ?? true { follower.add(block) }
    }
  }

  /// The last block that is indexed; nil where there is none, or one that is not of this ledger.
  private func indexedBlock(
    _ entries: CheckedEntries, _ checkpoints: CheckpointLog, _ head: Head
  ) throws -> BlockRow? {
    guard let (row, known) = try follower.headAndHeader(), row.size > 0, row.size <= head.size else {
      return nil
    }
    do {
      guard try entries.header(of: row)?.leaf == known, try frame(of: row, checkpoints) != nil else {
        return nil
      }
      return row
    } catch is Fault { return nil }
  }

  /// The frame of the checkpoint of a block; nil where the row of the index does not name it.
  private func frame(of row: BlockRow, _ checkpoints: CheckpointLog) throws -> CheckpointLog.Frame? {
    guard let frame = try checkpoints.frame(at: row.checkpoint) else { return nil }
    do throws(LogError) {
      return try StoredCheckpoint(parsing: frame.note.span).checkpoint.size == row.size ? frame : nil
    } catch { return nil }
  }

  /// A replay from the last block on of which the state is stored; from the founding on where it is of none.
  ///
  /// - Throws: `StateMismatch` where what is stored does not fit.
  private func knownReplay(
    _ log: EntryLog, _ checkpoints: CheckpointLog, _ entries: CheckedEntries, upTo indexed: BlockRow?
  ) throws -> BlockReplay {
    guard let indexed, let stateFolder else { return try newReplay(log, checkpoints) }
    let follower = follower
    func row(_ height: UInt64) throws -> BlockRow? {
      height == indexed.height ? indexed : try follower.block(height: height)
    }
    let stored = try StateStore.open(in: stateFolder.ledger, writing: stateFolder.isWriting) { height in
      guard height <= indexed.height, let row = try row(height) else { return nil }
      return try entries.header(of: row)?.header.state
    }
    guard let stored, let height = stored.height, let last = try row(height),
      let (header, leaf) = try entries.header(of: last),
      let frame = try frame(of: last, checkpoints)
    else { return try newReplay(log, checkpoints) }
    let frontier = try Frontier(size: last.size, from: TileHashReader(tiles))
    let ledger = try LedgerState.founding(of: log).ledgerID
    guard
      let state = try LedgerState(
        after: header, leaf: leaf, of: ledger, stored, frontier: frontier, items: follower.rosterItems)
    else { return try newReplay(log, checkpoints) }
    use(stored)
    return BlockReplay(
      log, checkpoints, from: state, position: try positionOfEntry(last.size, log),
      checkpointOffset: frame.next, rules: rules, stored)
  }

  /// The position of entry `index`, which may be the one behind the last.
  private func positionOfEntry(_ index: UInt64, _ log: EntryLog) throws -> UInt64 {
    guard offsets.count > 0 else { return 0 }
    let bundle = min(index / 256, offsets.count - 1)
    return try log.position(skipping: index - bundle * 256, from: offsets.positions(bundle..<bundle + 1)[0])
  }
}

extension LedgerState {
  /// The state after a block whose state tree is `state`; nil where the roster is not at hand.
  ///
  /// - Parameter items: the items of the roster with a root, as an index keeps them; they are compared with it.
  /// - Throws: `StateMismatch`, `Failure`, a `Refusal` of what is stored.
  init?(
    after header: BlockHeader, leaf: Digest, of ledger: Digest, _ state: StateStore, frontier: Frontier,
    items: (Digest) throws -> [UInt8]?
  ) throws {
    guard let value = try state.committedValue(of: .roster) else { return nil }
    let inForce = try RosterInForce(decoding: value)
    guard let encoded = try items(inForce.root),
      let roster = try Roster(indexed: encoded, inForceFrom: header.height + 1), roster.root == inForce.root
    else { return nil }
    var open: [Digest: OpenProposal] = [:]
    for id in inForce.open {
      guard let value = try state.committedValue(of: .proposal(id)) else { return nil }
      open[id] = try OpenProposal(decoding: value)
    }
    try self.init(after: header, leaf: leaf, of: ledger, roster: roster, open: open, frontier: frontier)
  }
}

extension Roster {
  /// Its items as an index keeps them.
  package var indexedItems: [UInt8] { CBOR.array(items.map(CBOR.bytes)).encoded }

  /// The roster of items that an index has kept; nil where they are none. Whether it is the one that was asked for its root
  /// says.
  package init?(indexed items: [UInt8], inForceFrom height: UInt64) throws {
    do {
      guard case .array(let encoded) = try CBOR(decoding: items) else { return nil }
      let decoded = try encoded.map { item throws(StatementError) -> CBOR in
        guard case .bytes(let bytes) = item else { throw StatementError(.malformed, "an item is not bytes") }
        return try CBOR(decoding: bytes)
      }
      self = try Roster(items: decoded, inForceFrom: height)
    } catch is StatementError { return nil } catch is Refusal { return nil }
  }
}
