import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// A block upon the newest one while statements are judged for it.
struct BlockFilling {
  var block: BlockInProgress
  var earlier: WriterRegistry
  /// What was accepted; nil where that is not collected.
  fileprivate var run: EntryRun?
  /// The most bytes of all its entries with their lengths, the header's among them.
  fileprivate let byteLimit: Int
  /// Whether it will be committed, unless the disk fails.
  fileprivate let isDecided: Bool
  /// When it was begun.
  let moment: ProposalClock.Moment

  fileprivate func hasRoom(for byteCount: Int) -> Bool {
    guard block.hasRoom(for: byteCount) else { return false }
    let others = block.byteCount + 2 * block.statementCount
    return others + 2 + byteCount <= byteLimit - 2 - BlockHeader.maximumEntryByteCount
  }
}

/// How blocks are judged: those of candidates, and those that are there whole.
extension LedgerWriter {
  /// Runs `body`. Where what is stored of the state does not fit what was signed it is made anew, and `body` runs once more.
  func mendingState<Result>(_ body: () throws -> Result) throws -> Result {
    if let broken { throw broken }
    do { return try body() } catch let mismatch as StateMismatch {
      do {
        settle()
        waiting = nil
        try disk.sync { try files.remakeState() }
        note("\(mismatch); the state was made anew from the entries")
      } catch {
        broken = error
        throw error
      }
      do { return try body() } catch let mismatch as StateMismatch {
        broken = mismatch
        throw mismatch
      }
    }
  }

  private func registry(isDecided: Bool) -> WriterRegistry {
    WriterRegistry(
      derived, recent, after: unsettled, upon: judged, isDecided: isDecided
    ) { [disk, checkpoints] size, root in
      // Behind what is being committed: the parent's checkpoint counts too.
      do {
        return try disk.sync {
          try checkpoints.hasRecent(size: size, root: root, before: checkpoints.file.size())
        }
      } catch {
        // What can't be read is not known: the statement is refused.
        return false
      }
    }
  }

  // MARK: Candidates

  /// A block of this moment upon the newest one, without statements.
  ///
  /// - Parameters:
  ///   - candidates: those that it may be made of; nil where what is accepted is not collected.
  ///   - byteLimit: the most bytes of all its entries with their lengths.
  ///   - isDecided: whether it will be committed, unless the disk fails.
  /// - Throws: `clock-jump`, `low-space`; `Failure`, `StateMismatch`.
  func begin(
    collecting candidates: ArraySlice<Candidate>?, byteLimit: Int = .max, isDecided: Bool
  ) throws -> BlockFilling {
    guard let parentTime = judged.parentTime else {
      throw Fault(.time, block: judged.height, "the parent has no time")
    }
    if let refusal = space.refusal { throw refusal }
    let (time, moment) = try clock.time(after: parentTime)
    try derived.follower.requireRoom()
    try derived.maintainState()
    let block = BlockInProgress(upon: judged, time: time, rules: folder.rules, ruleState: derived.ruleState)
    var run: EntryRun?
    if let candidates {
      let all = candidates.span
      let most = min(all.count, block.mostStatements)
      var byteCount = BlockHeader.maximumEntryByteCount
      for number in 0..<most { byteCount += all[number].byteCount }
      run = EntryRun(expecting: most + 1, byteCount: min(byteCount, byteLimit))
    }
    return BlockFilling(
      block: block, earlier: registry(isDecided: isDecided), run: run, byteLimit: byteLimit,
      isDecided: isDecided, moment: moment)
  }

  /// Judges `candidates` as the next statements of `filling`.
  ///
  /// - Returns: a verdict for each that was judged, in order: for all, or for fewer where the block is full.
  /// - Throws: `StateMismatch`, or what else keeps the state from being read; then no verdict counts.
  func fill(_ filling: inout BlockFilling, _ candidates: ArraySlice<Candidate>) throws -> [Verdict] {
    // A span lends its elements: each is large to copy.
    let all = candidates.span
    var verdicts: [Verdict] = []
    verdicts.reserveCapacity(candidates.count)
    for number in all.indices {
      if number.isMultiple(of: WriterRegistry.most) {
        var ids: [Digest] = []
        for next in number..<min(number + WriterRegistry.most, all.count) {
          guard let statement = all[next].checked.identity else { continue }
          if recent.mayHold(statement.id, issuedAt: statement.issuedAt) { ids.append(statement.id) }
        }
        try filling.earlier.lookUp(ids)
      }
      guard filling.hasRoom(for: all[number].byteCount) else { break }
      let index = filling.block.nextIndex
      let bytes = all[number].bytes
      let entry = bytes.span.extracting(all[number].range)
      do {
        try filling.block.take(all[number].checked, entry, earlier: &filling.earlier)
        filling.run?.append(entry, all[number].checked)
        verdicts.append(
          .accepted(Receipt(index: index, block: judged.height, time: filling.block.time)))
      } catch {
        guard error.code == .duplicate, let first = filling.earlier.lastPlace else {
          verdicts.append(.refused(error))
          continue
        }
        let block = try first.block ?? reader().height(of: first.index)
        verdicts.append(.duplicate(Receipt(index: first.index, block: block, time: nil)))
      }
    }
    try requireState()
    return verdicts
  }

  /// Fails where the state could not be read: what was judged by it counts for nothing.
  private func requireState() throws {
    guard let failure = derived.ruleState.failure else { return }
    if !(failure is StateMismatch) { broken = failure }
    throw failure
  }

  /// Closes `filling` with a header that this validator signs; nil where nothing was accepted.
  func seal(_ filling: inout BlockFilling) throws -> JudgedBlock? {
    guard var run = filling.run.take(), !run.ranges.isEmpty else { return nil }
    let root = try end(&filling, run.checked.map(\.leaf))
    let header = try filling.block.header(state: root, using: &hasher).signed(by: keys.blockKey)
    var checker = EntryChecker()
    run.append(header.span, checker.check(header.span, keys: judged.roster.keys))
    return try close(filling, run, state: root)
  }

  /// Ends the statements of `filling`, whose leaves these are, and gives the root of the state after it.
  private func end(_ filling: inout BlockFilling, _ leaves: [Digest]) throws -> Digest {
    filling.block.grow(by: leaves, using: &hasher)
    filling.block.endStatements()
    return filling.isDecided
      ? try derived.state.apply(filling.block.changes, height: judged.height)
      : try derived.state.root(after: filling.block.changes, height: judged.height)
  }

  /// - Parameter run: all entries of the block that `filling` has ended, the header last.
  private func close(_ filling: BlockFilling, _ run: EntryRun, state root: Digest) throws -> JudgedBlock {
    guard let range = run.ranges.last, let checked = run.checked.last else {
      throw Fault(.malformedEntry, block: judged.height, "a block without entries, not even a header")
    }
    let bytes = run.bytes
    let validated = try filling.block.validated(
      checked, bytes.span.extracting(range), state: root, using: &hasher)
    return JudgedBlock(
      validated: validated, run: run, statements: filling.earlier.here, digest: checked.leaf,
      parentTime: judged.parentTime)
  }

  // MARK: Whole blocks

  /// Judges the block that `run` is, its header last, upon the newest one: one that a crash left, or that another validator made.
  ///
  /// - Parameter isDecided: whether the state takes in what it changes.
  /// - Throws: the first `Fault`; `StateMismatch`, `Failure`.
  func judgeWhole(_ run: EntryRun, isDecided: Bool) throws -> JudgedBlock {
    let header = try header(of: run.bytes, run.ranges)
    var filling = BlockFilling(
      block: BlockInProgress(
        upon: judged, time: header.time, rules: folder.rules, ruleState: derived.ruleState),
      earlier: registry(isDecided: isDecided), run: nil, byteLimit: .max, isDecided: isDecided,
      moment: options.now())
    let bytes = run.bytes
    for number in run.ranges.indices.dropLast() {
      if number.isMultiple(of: WriterRegistry.most) {
        try filling.earlier.lookUp(
          run.checked[number..<min(number + WriterRegistry.most, run.checked.count)].compactMap(\.identity)
            .filter { recent.mayHold($0.id, issuedAt: $0.issuedAt) }.map(\.id))
      }
      let index = filling.block.nextIndex
      do {
        try filling.block.take(
          run.checked[number], bytes.span.extracting(run.ranges[number]), earlier: &filling.earlier)
      } catch {
        // What was judged by a state that can't be read is refused for nothing.
        try requireState()
        throw Fault(error, block: judged.height, entry: index)
      }
    }
    try requireState()
    let root = try end(&filling, run.checked.dropLast().map(\.leaf))
    return try close(filling, run, state: root)
  }

  /// The header with which the block ends whose entries lie at `ranges` of `bytes`.
  ///
  /// - Throws: `malformed-entry`.
  func header(of bytes: [UInt8], _ ranges: [Range<Int>]) throws -> BlockHeader {
    let height = judged.height
    guard let last = ranges.last else {
      throw Fault(.malformedEntry, block: height, "a block without entries, not even a header")
    }
    do throws(StatementError) {
      let statement = try SignedStatement(decoding: Array(bytes[last]))
      guard statement.contentType == Kind.block else {
        throw StatementError(.malformed, "the block's last entry is not a header")
      }
      return try BlockHeader(payload: statement.payload)
    } catch {
      throw Fault(
        .malformedEntry, block: height, entry: judged.frontier.size + UInt64(ranges.count) - 1,
        error.description)
    }
  }
}
