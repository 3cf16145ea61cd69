import Ledger

extension LedgerFolder {
  /// Makes everything that is derived anew from the truth: tiles, offsets, index. Touches nothing of the truth.
  ///
  /// The truth is read whole and its hashes, roots and cosignatures are checked on the way; with any fault in it nothing is
  /// changed, because what is derived may be what shows where the damage lies.
  ///
  /// - Parameter progress: called with the number of entries that are done, and of all.
  /// - Returns: the number of entries.
  /// - Throws: `LedgerBusy`; `Failure`; the `Fault` of the truth, `truncated` where something derived reaches further than it.
  public func rebuild(
    progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws -> UInt64 {
    try requireLedger()
    let lock = try WriterLock(self)
    defer { withExtendedLifetime(lock) {} }
    let log = try EntryLog(entries, writing: false)
    let checkpointLog = try CheckpointLog(checkpoints, writing: false)
    let head = try Head.find(checkpointLog, log)
    try requireNothingAhead(of: head.size)

    let scratch = LedgerFolder(path + "/rebuilding", rules: rules)
    try FileSystem.remove(scratch.path)
    try FileSystem.makeFolder(scratch.path)
    do {
      let derived = try Derived(scratch)
      // What is still being indexed would make files in the folder while it is removed.
      defer { derived.indexer.wait() }
      var replay = try BlockReplay.fromFounding(
        log, checkpointLog, rules: rules, ruleState: derived.ruleState)
      while let block = try replay.next(before: head.end) {
        try derived.add(block)
        progress(block.size, head.size)
      }
      try derived.indexer.flush()
      if let moment = LedgerIndex.lastMoment(at: index) { try derived.indexer.index.set(moment) }
    } catch {
      try FileSystem.remove(scratch.path)
      throw error
    }
    for (made, place) in [
      (scratch.tiles, tiles), (scratch.offsets, offsets), (scratch.index, index),
    ] {
      try FileSystem.remove(place)
      try FileSystem.rename(made, place)
    }
    for suffix in ["-journal", "-wal", "-shm"] { try FileSystem.remove(index + suffix) }
    try FileSystem.remove(scratch.path)
    return head.size
  }

  /// Fails where something derived reaches beyond `size` entries; what can't be read reaches nowhere.
  private func requireNothingAhead(of size: UInt64) throws {
    var reached: [UInt64] = []
    if FileSystem.exists(tiles), try TileFiles(self, writing: false).isAhead(of: size) {
      reached.append(size + 1)
    }
    if FileSystem.exists(offsets),
      try OffsetsFile(offsets, writing: false).count > OffsetsFile.bundleCount(treeSize: size)
    {
      reached.append(size + 1)
    }
    if FileSystem.exists(index) {
      do { reached.append(try LedgerIndex(index, writing: false).head()?.size ?? 0) } catch is Failure {
        // A damaged index is what is to be made anew.
      }
    }
    guard reached.allSatisfy({ $0 <= size }) else {
      throw Fault(
        .truncated,
        "what is derived reaches beyond the last checkpoint, at \(size) entries: the ledger was longer, and a rebuild would hide it"
      )
    }
  }
}
