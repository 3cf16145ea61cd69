import Ledger
import LedgerCrypto
import TransparencyLog

/// The truth of a ledger, opened for reading.
struct Truth {
  let directory: Directory
  let checkpoints: CheckpointLog
  let log: EntryLog
  let head: Head
  let ledgerID: Digest
  let folder: LedgerFolder

  /// - Throws: `Failure`, or the `Fault` that keeps it from being read.
  init(_ folder: LedgerFolder) throws {
    try folder.requireLedger()
    self.folder = folder
    directory = try Directory(folder.path)
    // The head comes first: whatever else is read later reaches at least as far.
    checkpoints = try CheckpointLog(in: directory, writing: false)
    let offsets = try? OffsetsFile(in: directory, writing: false)
    let log = try EntryLog(in: directory, writing: false, offsets: offsets)
    (head, ledgerID) = (try Head.find(checkpoints, log, folder), try LedgerState.founding(of: log).ledgerID)
    self.log = try EntryLog(in: directory, writing: false, offsets: offsets)
  }

  /// The entries, each compared with the signed tree before it is given.
  func entries(_ tiles: TileFiles, _ offsets: OffsetsFile) throws -> CheckedEntries {
    CheckedEntries(folder, log, offsets, CheckedTree(folder, tiles, size: head.size, root: head.root))
  }

  /// The derived files, and whether they can be used as they are.
  ///
  /// - Throws: the fault `truncated` where something derived reaches beyond the truth.
  func stored() throws -> (files: StoredDerived, isUsable: Bool) {
    let files = StoredDerived(in: directory, index: folder.index)
    do { try files.requireNotAhead(of: head.size) } catch {
      // A writer at work makes the truth longer first.
      try files.requireNotAhead(of: Head.find(checkpoints, log, folder).size)
    }
    return (files, try files.reach(head.size) && isOwn(files))
  }

  /// Whether the index is of this ledger: its last header is the one that lies here.
  private func isOwn(_ files: StoredDerived) throws -> Bool {
    do {
      guard let (last, known) = try files.index?.headAndHeader(), last.size > 0 else { return false }
      let place = last.size - 1
      // A writer at work may have gone on since these files were opened.
      guard place < files.tiles.count(level: 0), place < head.size else { return true }
      guard let frame = try checkpoints.frame(at: last.checkpoint) else { return false }
      let position = try log.position(
        skipping: place % 256, from: files.offsets.positions(place / 256..<place / 256 + 1)[0])
      var hasher = TreeHasher()
      let entry = try log.entry(at: position).entry
      let leaf = hasher.leaf(entry.span)
      return try leaf == known && files.tiles.tileHash(level: 0, position: place) == leaf
        && Checkpoint(parsing: SignedNote(parsing: frame.note.span).text).size == last.size
    } catch { return false }
  }

  /// What is derived, worked out in memory; what is stored is used as far as it fits.
  func derived(from stored: StoredDerived) throws -> Derived {
    do { return try caughtUp(Derived(stored, in: directory, index: folder.index, rules: folder.rules)) } catch
    {
      // What is stored does not fit.
      return try caughtUp(Derived(StoredDerived(), in: nil, index: folder.index, rules: folder.rules))
    }
  }

  /// Reads every block again and judges it, into an empty state.
  ///
  /// - Returns: the ledger's state after the newest block.
  /// - Throws: the first `Fault`.
  func replay(into store: StateStore) throws -> LedgerState {
    var replay = try BlockReplay.fromFounding(log, checkpoints, rules: folder.rules, store)
    while try replay.next(before: head.end) != nil {}
    return replay.state
  }

  private func caughtUp(_ derived: Derived) throws -> Derived {
    _ = try derived.catchUp(log, to: head.size)
    _ = try derived.catchUpIndex(folder, log, checkpoints, head: head)
    return derived
  }

  /// Why something was worked out in memory, and what to do about it.
  func note(on stored: StoredDerived) -> String {
    let reason =
      stored.obstacles.first?.description
      ?? "\(directory.path): tiles, offsets or index lag behind the entries, or are another ledger's"
    return
      "\(reason); what they lack was worked out in memory; the next writer, or \(folder.remedies.rebuild), writes it"
  }
}
