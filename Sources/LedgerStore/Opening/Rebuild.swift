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
    let directory = try Directory(path)
    let lock = try WriterLock(in: directory, remedies)
    defer { withExtendedLifetime(lock) {} }
    let log = try EntryLog(in: directory, writing: false)
    let checkpointLog = try CheckpointLog(in: directory, writing: false)
    let head = try Head.find(checkpointLog, log, self)
    // What can't be read reaches nowhere: it is what is to be made anew.
    try StoredDerived(in: directory, index: index).requireNotAhead(of: head.size)

    // What an earlier rebuild has left, which was killed.
    try directory.remove(LedgerFolder.rebuilding)
    let scratch = try directory.makeFolder(LedgerFolder.rebuilding)
    do {
      let derived = try Derived(in: scratch, index: index, rules: rules)
      // What is still being indexed would make files in the folder while it is removed.
      defer { derived.follower.close() }
      derived.use(derived.newState())
      var replay = try BlockReplay.fromFounding(log, checkpointLog, rules: rules, derived.state)
      while let block = try replay.next(before: head.end) {
        try derived.add(block)
        progress(block.size, head.size)
      }
      derived.follower.flush()
      if let failure = derived.failure { throw failure }
      if let moment = index.lastMoment(in: directory) { try derived.follower.set(moment) }
    } catch {
      try directory.remove(LedgerFolder.rebuilding)
      throw error
    }
    try index.move(from: scratch, to: directory)
    for name in ["tiles", "offsets", StateFiles.folderName] {
      try directory.remove(name)
      try scratch.move(name, to: directory)
    }
    try directory.remove(LedgerFolder.rebuilding)
    return head.size
  }

  /// Where a rebuild makes what it then puts in its place.
  static let rebuilding = "rebuilding"

  /// Leaves a note, for whoever opens the ledger next for writing, that the index is to be made anew. Only the process that
  /// writes may.
  func noteSuspectIndex() {
    do { try Directory(path).create(LedgerFolder.suspectIndex, []) } catch {
      // It is there already, or cannot be written: the fault that is being told names the way out by hand.
    }
  }

  /// Removes that note, once the index is made anew.
  ///
  /// - Returns: what a person is told.
  func removeSuspicion(in directory: Directory) throws -> String {
    try directory.remove(LedgerFolder.suspectIndex)
    return
      "\(indexFile): a reader had found that it does not fit the ledger; it was made anew from the entries"
  }

  /// The note that the index is to be made anew.
  static let suspectIndex = "index-suspect"
}
