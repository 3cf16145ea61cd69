import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// The one that writes to a ledger: proposes, cosigns and commits one block at a time.
///
/// Not for use from two threads at once. Opening it recovers from whatever a crash left behind.
public final class LedgerWriter {
  /// How a ledger is written to.
  public struct Options: Sendable {
    /// Whether a person has confirmed that the clock is right although it seems to have jumped.
    public var isClockConfirmed = false
    /// Told why the clock has come into doubt, so that nothing is recorded, and with nil that it is believed again. Called on the
    /// thread that found out.
    public var onClockDoubt: @Sendable (Refusal?) -> Void = { _ in }
    /// The folder STATE, in which is kept what was signed last; nil for `ZHENG_STATE`, else `$XDG_STATE_HOME/zheng`, else
    /// `~/.local/state/zheng`.
    public var stateFolder: String?
    /// Whether a person wants to go on from the newest block here, whatever this machine has signed last.
    public var adoptsHead = false
    /// The name of the validator that this process is, where the ledger has several, which decide its blocks together: then nothing
    /// is appended here before the others have agreed to it. Nil where this process decides alone.
    public var validator: String?
    /// Whether what was signed last is kept outside of the directory; who writes to copies of a ledger, as tests do, says no.
    package var keepsLastSigned = true
    /// With fewer bytes left on the disk nothing is taken, `low-space`; 0 to take whatever fits.
    public var leastFreeByteCount: UInt64 = 0
    /// When a segment of entries is full, in bytes.
    package var segmentLimit = EntryLog.standardSegmentLimit
    /// What breaks on purpose.
    package var faults: CommitFaults = { _ in nil }
    /// The clock.
    package var now: @Sendable () -> ProposalClock.Moment = { .now() }

    /// The ordinary options.
    public init() {}
  }

  /// The ledger's directory.
  public let folder: LedgerFolder
  /// What opening did about the traces of a crash, for people.
  public private(set) var notes: [String] = []
  /// Whether the ledger has several validators, which decide together.
  var isShared: Bool { options.validator != nil }
  /// Whether to go on from the newest block here.
  var isAdoptingHead: Bool { options.adoptsHead }
  /// The state after the last block that is committed.
  public var state: LedgerState { disk.sync { files.state } }
  /// The newest checkpoint, as it is stored.
  public var checkpoint: SignedNote { disk.sync { files.checkpoint } }

  /// The height of the block that this machine had signed last when the ledger was opened; nil where that is not known.
  public let signedHeight: UInt64?

  private let directory: Directory
  private let lock: WriterLock
  let checkpoints: CheckpointLog
  /// Those of the roster in force for the next block.
  var keys: NodeKeys
  let options: Options
  let lastSigned: LastSigned?
  let files: BlockFiles
  /// On which `files` is used: blocks are put on the disk here, one at a time, while the next is judged.
  let disk = DispatchQueue(label: "zheng.disk")
  /// The state after the last block that was judged.
  var judged: LedgerState
  /// Its statements, which nobody else may know of yet.
  var unsettled: BlockStatements
  /// Its files belong to `files`.
  let derived: Derived
  /// By which blocks are dated.
  package let clock: ProposalClock
  /// Counts what is committed.
  let meter = CommitMeter()
  var hasher = TreeHasher()
  /// What made an end to judging.
  var broken: (any Error)?
  /// Of the roster in force for the newest block: it seldom changes.
  private var rosterTree: RosterTree?
  let recent: RecentStatements
  /// The statements that were judged good and wait for the validators to decide, as if they were one block.
  var waiting: BlockFilling?

  /// Opens the ledger in `folder` for writing.
  ///
  /// - Throws: `LedgerBusy`, `Failure`, or the `Fault` that keeps it from being opened; then nothing was changed.
  public init(_ folder: LedgerFolder, _ options: Options = Options()) throws {
    try folder.requireLedger()
    self.folder = folder
    self.options = options
    directory = try Directory(folder.path)
    lock = try WriterLock(in: directory, folder.remedies)
    let log = try EntryLog(
      in: directory, writing: true, offsets: try? OffsetsFile(in: directory, writing: false),
      segmentLimit: options.segmentLimit)
    notes = log.ignored
    if directory.exists(LedgerFolder.rebuilding) {
      try directory.remove(LedgerFolder.rebuilding)
      notes.append(
        "\(directory.path(of: LedgerFolder.rebuilding)): left by a rebuild that was stopped; removed")
    }
    let checkpoints = try CheckpointLog(in: directory, writing: true)
    self.checkpoints = checkpoints
    let head = try Head.find(checkpoints, log, folder)
    derived = try Derived(in: directory, index: folder.index, rules: folder.rules)
    try derived.requireNotAhead(of: head.size)
    let position = try derived.catchUp(log, to: head.size)
    let founding = try LedgerState.founding(of: log)
    let isSuspect = directory.exists(LedgerFolder.suspectIndex)
    judged = try derived.catchUpIndex(folder, log, checkpoints, head: head, anew: isSuspect)
    keys = try options.keys(in: directory, judged.roster.terms, folder.remedies)
    if isSuspect { notes.append(try folder.removeSuspicion(in: directory)) }
    unsettled = BlockStatements(of: judged)
    lastSigned = try LedgerWriter.lastSigned(options, founding.ledgerID, keys.name, of: folder, notes: &notes)
    signedHeight = lastSigned?.newest?.height
    let moment = try lastSigned.map { $0.moment } ?? derived.follower.lastMoment()
    clock = ProposalClock(
      last: moment, parentTime: judged.parentTime, isConfirmed: options.isClockConfirmed,
      confirmedBy: folder.remedies.clockIsRight, now: options.now,
      onChange: options.onClockDoubt)
    // No statement claims a later time than the largest drift allows; that of its own block may have been larger than today's.
    let drift = Parameters.allowedDrift.bounds.upperBound
    recent = RecentStatements(after: judged.parentTime.map { ($0 + drift) / 1000 } ?? 0)
    files = BlockFiles(
      folder, log, checkpoints, derived, state: judged, head: head, position: position,
      faults: options.faults, meter: meter, lastSigned: lastSigned)
    if let lastSigned { try requireLastSigned(lastSigned, files.tail()) }
    try recover()
    // A validator that is behind catches up: what it has signed stays known.
    if !isShared || isAdoptingHead || lastSigned?.reaches(judged.height - 1) != true {
      try files.keepHead(moment: moment)
    }
    try files.syncAll()
    derived.follower.flush()
    derived.state.setCommitted(judged.height - 1)
  }

  deinit {
    settle()
    // The lock must not be let go while the index is still being written.
    derived.follower.close()
  }

  func note(_ text: String) { notes.append(text) }

  private func recover() throws {
    let tail = try files.tail()
    let torn = try files.tornCheckpoint()
    if !torn.isEmpty {
      try Tail.keep(torn, of: "checkpoint", at: judged.height, in: directory)
      try files.truncateCheckpoints()
    }
    switch tail {
    case .none: break
    case .incomplete(let bytes): try moveAside(bytes, "an unfinished block, of which nobody was told,")
    // A header is no decision.
    case .block(let bytes, _) where isShared: try moveAside(bytes, "a block that is not known to be final")
    case .block(let bytes, let ranges):
      do { try finish(bytes, ranges) } catch let mismatch as StateMismatch {
        try files.remakeState()
        note("\(mismatch); the state was made anew from the entries")
        try finish(bytes, ranges)
      }
      notes.append("block \(judged.height - 1), written before a crash, was finished")
    }
  }

  /// Moves the entries beyond the last checkpoint aside.
  private func moveAside(_ bytes: [UInt8], _ what: String) throws {
    try Tail.keep(bytes, of: "entries", at: judged.frontier.size, in: directory)
    try files.truncateEntries()
    note("\(bytes.count) bytes of \(what) were moved to \(folder.aside)")
  }

  /// Signs and commits a block that a crash left without its checkpoint. It is judged whole, as any other.
  private func finish(_ bytes: [UInt8], _ ranges: [Range<Int>]) throws {
    var checker = EntryChecker()
    let keys = judged.roster.keys
    let checked = ranges.map { checker.check(bytes.span.extracting($0), keys: keys) }
    let block = try judgeWhole(EntryRun(bytes, ranges, checked), isDecided: true)
    try files.commit(sign(block, at: options.now()), areEntriesWritten: true)
  }

  /// Sees that the keys are those of the validators in office, and the log key in force.
  ///
  /// - Throws: `Failure` where too few are here for the new quorum, or the new log key is not.
  func renewKeys() throws {
    guard judged.roster.terms.since != keys.since else { return }
    keys = try options.keys(in: directory, judged.roster.terms, folder.remedies)
  }

  // MARK: Proposing

  /// Judges `candidates` by the rules in force and commits those that are accepted as one block; as many as fit.
  ///
  /// - Returns: a verdict for each that was judged, in order: for all, or for fewer where the block was full, but at least
  ///   one. When this returns, what was accepted is on the disk.
  /// - Throws: `Failure` where the disk fails: then nothing of this block is acknowledged, and nothing is written any more;
  ///   the refusal `clock-jump` where the clock is in doubt, `low-space` where the options say so.
  public func appendBlock(_ candidates: ArraySlice<Candidate>) throws -> [Verdict] {
    let (verdicts, signed) = try judge(candidates)
    try disk.sync {
      if let broken = files.broken { throw broken }
      if let signed { try files.commit(signed) }
    }
    return verdicts
  }

  /// As `appendBlock`, but returns when the block has begun to be put on the disk, so that the next can be judged meanwhile. It
  /// waits until the one before is committed: only one is ever under way.
  ///
  /// - Parameter done: called on another thread when the block is committed, or was not, or when there was nothing to commit and
  ///   all that came before is: with the verdicts, which are final only now, and what has become of the ledger. Within it nothing
  ///   of this writer may be used.
  /// - Returns: how many candidates were judged.
  /// - Throws: as `appendBlock`, also what the block before failed with; then `done` is not called.
  public func beginBlock(
    _ candidates: ArraySlice<Candidate>,
    _ done: @escaping @Sendable ([Verdict], Result<LedgerReader, any Error>) -> Void
  ) throws -> Int {
    let (verdicts, signed) = try judge(candidates)
    if let broken = disk.sync(execute: { files.broken }) { throw broken }
    disk.async { [files] in
      done(
        verdicts,
        Result {
          if let signed { try files.commit(signed) }
          return try files.reader()
        })
    }
    return verdicts.count
  }

  /// Judges `candidates` upon what was judged before, and signs those that are accepted as one block, if there are any.
  private func judge(
    _ candidates: ArraySlice<Candidate>
  ) throws -> (verdicts: [Verdict], signed: SignedBlock?) {
    precondition(!isShared, "what validators decide together is appended when they have decided")
    return try mendingState {
      var filling = try begin(collecting: candidates, isDecided: true)
      try renewKeys()
      let verdicts = try fill(&filling, candidates)
      do {
        guard let block = try seal(&filling) else { return (verdicts, nil) }
        return (verdicts, try sign(block, at: filling.moment))
      } catch let mismatch as StateMismatch {
        throw mismatch
      } catch {
        broken = error
        derived.state.setBroken()
        throw error
      }
    }
  }

  /// Signs `block` for the validators, and goes on behind it. What is signed is shown to nobody before it is on the disk.
  private func sign(_ block: JudgedBlock, at moment: ProposalClock.Moment) throws -> SignedBlock {
    // Rounded up: what was cosigned must not seem to have existed before it did.
    advance(block, try keys.cosign(block.validated, time: (moment.wall + 999) / 1000), at: moment)
  }

  /// Goes on behind `block`, whose changes the state has taken in.
  ///
  /// - Parameter moment: when it was proposed or, where others did that, committed; nil where the clock is in doubt.
  func advance(_ block: JudgedBlock, _ note: SignedNote, at moment: ProposalClock.Moment?) -> SignedBlock {
    let signed = SignedBlock(
      block: block.validated, parent: judged, rosterTree: tree(of: judged.roster), run: block.run, note: note,
      moment: moment)
    (judged, unsettled) = (block.validated.state, block.statements)
    derived.ruleState.apply(block.validated.changes)
    clock.remember(moment, parentTime: block.time)
    return signed
  }

  private func tree(of roster: Roster) -> RosterTree {
    if let rosterTree, rosterTree.root == roster.root { return rosterTree }
    let tree = RosterTree(roster, using: &hasher)
    rosterTree = tree
    return tree
  }

  /// A reader of the ledger as it stands: it shares what is open here, and finds the newest records before the index has them.
  ///
  /// - Throws: what broke the writer, if something did.
  public func reader() throws -> LedgerReader { try disk.sync { try files.reader() } }

  /// Takes note of when the last block was proposed, where this writer did not propose it.
  func remember(_ moment: ProposalClock.Moment) throws {
    try derived.follower.set(moment)
    try disk.sync { try files.remember(moment) }
    clock.remember(moment, parentTime: judged.parentTime ?? moment.wall)
  }

  /// Waits until what was begun is committed, or has failed.
  public func settle() { disk.sync {} }

  /// Waits until what was begun is committed and the index has everything, or can't be written just now.
  ///
  /// - Returns: why derived files lack something that is committed; nil where they lack nothing. Whoever opens the ledger for
  ///   writing next catches them up, and readers do without.
  /// - Throws: what made an end to writing.
  @discardableResult
  public func flush() throws -> (any Error)? {
    settle()
    derived.follower.flush()
    return try disk.sync {
      if let broken = files.broken { throw broken }
      return files.derivedFailure
    }
  }
}
