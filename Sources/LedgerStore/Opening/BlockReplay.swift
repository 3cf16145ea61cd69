import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Reads the truth again block by block, from a known state on, and stops at the first fault.
///
/// Hashes, roots, cosignatures and rules are judged; statements' signatures are not verified again unless that is asked for: they
/// were when the block was cosigned, and the roots show that these are the same bytes. `verify` is what trusts nothing.
struct BlockReplay: ~Copyable {
  private let log: EntryLog
  private let checkpoints: CheckpointLog
  private var audit: BlockAudit
  /// The state after the last block.
  private let stored: StateStore
  /// Whether statements are taken as they were when their block was cosigned: their signatures are good, and none was a record before.
  var trustsStatements = true
  private var checker = EntryChecker()
  /// The position behind the last block.
  private(set) var position: UInt64
  /// Where the next checkpoint's frame begins.
  private(set) var checkpointOffset: UInt64
  /// The index of the next entry.
  private var index: UInt64

  /// A replay from the state after some block on.
  ///
  /// - Parameter stored: the state after that block, which follows.
  init(
    _ log: EntryLog, _ checkpoints: CheckpointLog, from state: LedgerState, position: UInt64,
    checkpointOffset: UInt64, rules: [any RuleSet], _ stored: StateStore
  ) {
    (self.log, self.checkpoints, self.stored) = (log, checkpoints, stored)
    audit = BlockAudit(from: state, depth: .everything, rules: rules, ruleState: RuleState(stored))
    (self.position, self.checkpointOffset) = (position, checkpointOffset)
    index = state.frontier.size
  }

  /// A replay from the founding on.
  ///
  /// - Parameter stored: an empty state.
  static func fromFounding(
    _ log: EntryLog, _ checkpoints: CheckpointLog, rules: [any RuleSet], _ stored: StateStore
  ) throws -> BlockReplay {
    let state = try LedgerState.founding(of: log)
    return BlockReplay(
      log, checkpoints, from: state, position: 0, checkpointOffset: 0, rules: rules, stored)
  }

  /// The state after the last block.
  var state: LedgerState { audit.state }

  /// The next block, or nil where no whole checkpoint frame begins before `end`.
  ///
  /// - Throws: the first `Fault` of the block.
  mutating func next(before end: UInt64) throws -> CommittedBlock? {
    guard checkpointOffset < end else { return nil }
    let height = audit.state.height
    guard let frame = try checkpoints.frame(at: checkpointOffset) else {
      throw Fault(.malformedCheckpoint, block: height, "no whole checkpoint lies at byte \(checkpointOffset)")
    }
    let checkpoint: StoredCheckpoint
    do { checkpoint = try StoredCheckpoint(parsing: frame.note.span) } catch {
      throw Fault(.malformedCheckpoint, block: height, error.description)
    }
    guard checkpoint.checkpoint.size > index else {
      throw Fault(.malformedCheckpoint, block: height, "its size is not beyond the block's before it")
    }
    let (bytes, ranges) = try read(checkpoint.checkpoint.size - index, block: height)
    let keys = audit.state.roster.keys
    let checked = ranges.map {
      trustsStatements
        ? checker.trust(bytes.span.extracting($0)) : checker.check(bytes.span.extracting($0), keys: keys)
    }
    var earlier =
      try trustsStatements ? BlockStatementRegistry() : BlockStatementRegistry(and: stored, checked)
    earlier.recent = (checkpoints, frame.offset)
    let outcome = audit.audit(
      .init(bytes, ranges, checked), checkpoint: checkpoint, earlier: &earlier)
    // What was judged by a state that can't be read is refused for nothing.
    if let failure = audit.ruleState.failure { throw failure }
    if let fault = outcome.faults.first { throw fault }
    guard let header = outcome.header else { throw Fault(.malformedEntry, block: height, "no header") }
    if let fault = header.fault(state: try stored.apply(outcome.changes, height: height)) { throw fault }
    try stored.maintain()
    audit.ruleState.forgetRecent()
    let block = CommittedBlock(
      header: header, first: index, position: position, bytes: bytes, ranges: ranges, checked: checked,
      checkpointOffset: frame.offset, state: audit.state,
      changes: outcome.changes)
    (position, checkpointOffset, index) = (block.end, frame.next, block.size)
    return block
  }

  private func read(_ count: UInt64, block: UInt64) throws -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    var window = 1 << 16
    while true {
      bytes = try log.read(at: position, upTo: window)
      let frames = EntryFrames.split(bytes.span, limit: Int(clamping: count))
      if UInt64(frames.ranges.count) == count {
        bytes.removeSubrange(frames.end...)
        return (bytes, frames.ranges)
      }
      guard bytes.count == window else {
        throw Fault(
          .missing, block: block, entry: index + UInt64(frames.ranges.count),
          "the entries end before the block's checkpoint says")
      }
      window *= 4
    }
  }
}

/// The statements of one block: those before it were looked at for duplicates when it was committed, or are known by the state.
struct BlockStatementRegistry: StatementRegistry {
  private var indices: [Digest: UInt64] = [:]
  /// The checkpoints, and where those of the blocks before end.
  var recent: (log: CheckpointLog, end: UInt64)?

  init() {}

  /// - Parameter state: the one before the block, in which the places of the statements `checked` are looked up.
  init(and state: StateStore, _ checked: [CheckedEntry]) throws {
    let ids = Array(Set(checked.compactMap(\.identity?.id)))
    for (id, value) in zip(ids, try state.values(of: ids.map(StateKey.statement))) {
      if let value { indices[id] = try StatementPlace(decoding: value).index }
    }
  }

  func index(of id: Digest) -> UInt64? { indices[id] }
  func isRecent(size: UInt64, root: Digest) -> Bool {
    do { return try recent?.log.hasRecent(size: size, root: root, before: recent?.end ?? 0) ?? false } catch {
      // What can't be read is not known: the statement is refused.
      return false
    }
  }
  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { indices[id] = index }
}

extension LedgerState {
  /// The state that the founding statement of `log` sets.
  ///
  /// - Throws: `Fault` at entry 0.
  static func founding(of log: EntryLog) throws -> LedgerState {
    let entry = try log.entry(at: 0).entry
    do { return try Founding.state(of: SignedStatement(decoding: entry)) } catch let error as StatementError {
      throw Fault(.malformedEntry, block: 0, entry: 0, error.description)
    } catch let refusal as Refusal {
      throw Fault(refusal, block: 0, entry: 0)
    }
  }
}
