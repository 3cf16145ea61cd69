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
    /// When a segment of entries is full, in bytes.
    package var segmentLimit = EntryLog.standardSegmentLimit
    /// What breaks on purpose.
    package var faults: CommitFaults = { _ in nil }
    /// The clock.
    var now: @Sendable () -> ProposalClock.Moment = ProposalClock.Moment.now

    /// The ordinary options.
    public init() {}
  }

  /// The ledger's directory.
  public let folder: LedgerFolder
  /// The state after the last block.
  public private(set) var state: LedgerState
  /// The newest checkpoint, as it is stored.
  public private(set) var checkpoint: SignedNote
  /// What opening did about the traces of a crash, for people.
  public private(set) var notes: [String] = []

  private let lock: WriterLock
  private let keys: NodeKeys
  private let options: Options
  private var log: EntryLog
  private let checkpoints: CheckpointLog
  private var checkpointEnd: UInt64
  private var position: UInt64
  private let derived: Derived
  private var clock: ProposalClock
  private var hasher = TreeHasher()
  private var broken: (any Error)?
  private var newest: NewestBlock?
  /// Of the roster in force for the newest block: it seldom changes.
  private var rosterTree: RosterTree?
  private let searches: LedgerIndex
  private let recent: RecentStatements
  /// Puts entries on the disk while this thread goes on.
  private let syncs = WorkLine<Void, EntryLog, Result<Void, any Error>>(threads: 2) {
  } work: { _, log in
    Result { try log.sync() }
  }

  /// Opens the ledger in `folder` for writing.
  ///
  /// - Throws: `LedgerBusy`, `Failure`, or the `Fault` that keeps it from being opened; then nothing was changed.
  public init(_ folder: LedgerFolder, _ options: Options = Options()) throws {
    try folder.requireLedger()
    self.folder = folder
    self.options = options
    lock = try WriterLock(folder)
    log = try EntryLog(folder.entries, writing: true, segmentLimit: options.segmentLimit)
    checkpoints = try CheckpointLog(folder.checkpoints, writing: true)
    let head = try Head.find(checkpoints, log)
    checkpointEnd = head.end
    let derived = try Derived(folder)
    self.derived = derived
    try derived.requireNotAhead(of: head.size)
    position = try derived.catchUp(log, to: head.size)
    let founding = try LedgerState.founding(of: log)
    keys = try NodeKeys(folder, founding.roster.terms)
    checkpoint = head.note
    state = try derived.catchUpIndex(log, checkpoints, head: head)
    let moment = try derived.indexer.index.lastMoment().flatMap(ProposalClock.Moment.init(text:))
    clock = ProposalClock(last: moment, isConfirmed: options.isClockConfirmed, now: options.now)
    searches = try LedgerIndex(folder.index, writing: false)
    recent = RecentStatements(after: try searches.latestIssued())
    try recover()
    // What lies beneath what will be acknowledged must be on the disk, whatever the last process managed.
    try log.sync()
    try checkpoints.file.sync()
    try derived.indexer.flush()
  }

  deinit {
    // The lock must not be let go while the index is still being written.
    derived.indexer.wait()
  }

  private func recover() throws {
    let end = try checkpoints.file.size()
    let tail = try Tail.read(
      log, from: position, size: state.frontier.size, block: state.height,
      hasTornCheckpoint: end > checkpointEnd)
    if end > checkpointEnd {
      let torn = try checkpoints.file.read(at: checkpointEnd, exactly: Int(end - checkpointEnd))
      try Tail.keep(torn, of: "checkpoint", at: state.height, in: folder)
      try checkpoints.file.truncate(to: checkpointEnd)
      try checkpoints.file.sync()
    }
    switch tail {
    case .none: break
    case .incomplete(let bytes):
      try Tail.keep(bytes, of: "entries", at: state.frontier.size, in: folder)
      try log.truncate(to: position)
      notes.append(
        "\(bytes.count) bytes of an unfinished block, of which nobody was told, were moved to \(folder.aside)"
      )
    case .block(let bytes, let ranges):
      try finish(bytes, ranges)
      notes.append("block \(state.height - 1), written before a crash, was finished")
    }
  }

  /// Signs and commits a block that a crash left without its checkpoint. It is judged whole, as any other.
  private func finish(_ bytes: [UInt8], _ ranges: [Range<Int>]) throws {
    var checker = EntryChecker()
    var checked: [CheckedEntry] = []
    for range in ranges {
      checked.append(checker.check(bytes.span.extracting(range), keys: state.roster.keys))
    }
    guard let last = ranges.last, let lastChecked = checked.last else { return }
    let header = try BlockHeader(
      payload: SignedStatement(decoding: Array(bytes[last])).payload)
    var earlier = WriterRegistry(derived.indexer, recent, block: state.height)
    try earlier.lookUp(checked.lazy.map(\.identity))
    var block = BlockInProgress(
      upon: state, time: header.time, rules: folder.rules, ruleState: derived.ruleState)
    for (range, checked) in zip(ranges, checked).dropLast() {
      let index = block.nextIndex
      do {
        try block.admit(checked, bytes.span.extracting(range), earlier: &earlier, using: &hasher)
      } catch { throw Fault(error, block: state.height, entry: index) }
    }
    if let failure = derived.ruleState.failure { throw failure }
    let validated = try block.validated(lastChecked, bytes.span.extracting(last), using: &hasher)
    try commit(validated, bytes, ranges, checked, at: options.now()) { try log.sync() }
  }

  // MARK: Proposing

  /// A statement that may become a record.
  public struct Candidate: Sendable {
    /// What the entry lies in, shared with those that came with it.
    let bytes: [UInt8]
    /// Where it lies there.
    let range: Range<Int>
    /// What `EntryChecker` says of it.
    public let checked: CheckedEntry

    /// The candidate that lies at `range` of `bytes`.
    public init(_ bytes: [UInt8], at range: Range<Int>, checked: CheckedEntry) {
      (self.bytes, self.range, self.checked) = (bytes, range, checked)
    }

    /// A candidate that came alone.
    public init(entry: [UInt8], checked: CheckedEntry) {
      self.init(entry, at: 0..<entry.count, checked: checked)
    }

    /// The entry.
    public var entry: [UInt8] { Array(bytes[range]) }

    /// The number of bytes of the entry.
    public var byteCount: Int { range.count }
  }

  /// Judges `candidates` by the rules in force and commits those that are accepted as one block; as many as fit.
  ///
  /// - Returns: a verdict for each that was judged, in order: for all, or for fewer where the block was full, but at least
  ///   one. When this returns, what was accepted is on the disk.
  /// - Throws: `Failure` where the disk fails: then nothing of this block is acknowledged, and nothing is written any more;
  ///   the refusal `clock-jump` where the clock is in doubt.
  public func appendBlock(_ candidates: ArraySlice<Candidate>) throws -> [Verdict] {
    if let broken { throw broken }
    guard let parentTime = state.parentTime else {
      throw Fault(.time, block: state.height, "the parent has no time")
    }
    let (time, moment) = try clock.time(after: parentTime)
    var earlier = WriterRegistry(derived.indexer, recent, block: state.height)
    var block = BlockInProgress(
      upon: state, time: time, rules: folder.rules, ruleState: derived.ruleState)
    var run = EntryRun(expecting: candidates.prefix(block.mostStatements))
    var verdicts: [Verdict] = []
    verdicts.reserveCapacity(candidates.count)
    // A span lends its elements: each is large to copy.
    let all = candidates.span
    for number in all.indices {
      if number.isMultiple(of: WriterRegistry.most) {
        let next = candidates.indices.dropFirst(number).prefix(WriterRegistry.most)
        try earlier.lookUp(next.lazy.map { candidates[$0].checked.identity })
      }
      guard block.hasRoom(for: all[number].byteCount) else { break }
      let index = block.nextIndex
      let bytes = all[number].bytes
      let entry = bytes.span.extracting(all[number].range)
      do {
        try block.take(all[number].checked, entry, earlier: &earlier)
        run.append(entry, all[number].checked)
        verdicts.append(.accepted(Receipt(index: index, block: state.height, time: time)))
      } catch {
        let first = error.code == .duplicate ? earlier.lastPlace : nil
        verdicts.append(
          first.map { .duplicate(Receipt(index: $0.index, block: $0.block, time: nil)) } ?? .refused(error))
      }
    }
    // What was judged by a state that can't be read counts for nothing.
    if let failure = derived.ruleState.failure {
      broken = failure
      throw failure
    }
    guard !run.ranges.isEmpty else { return verdicts }
    block.grow(by: run.checked.map(\.leaf), using: &hasher)
    let header = try block.header(using: &hasher).signed(by: keys.logKey)
    var checker = EntryChecker()
    let checked = checker.check(header.span, keys: state.roster.keys)
    run.append(header.span, checked)
    let validated = try block.validated(checked, header.span, using: &hasher)
    do {
      try write(run)
      try commit(validated, run.bytes, run.ranges, run.checked, at: moment) { try syncs.take()?.get() }
    } catch {
      broken = broken ?? error
      throw error
    }
    return verdicts
  }

  /// Writes the entries of a block, and begins to put them on the disk.
  private func write(_ run: EntryRun) throws {
    let frames = run.ranges.map { $0.lowerBound - 2 }
    let failure = fault(in: .writeEntries)
    let bytes = failure.map { Array(run.bytes.prefix($0.byteCount)) } ?? run.bytes
    try log.append(bytes, frames: frames.filter { $0 < bytes.count }, index: state.frontier.size)
    if let failure { throw failure.error }
    if let failure = fault(in: .syncEntries) { throw failure.error }
    syncs.put(log)
  }

  /// Writes the checkpoint of a block whose entries are written, and what is derived.
  ///
  /// - Parameter sync: puts the entries on the disk, or waits until they are: before the checkpoint is written. What is signed
  ///   meanwhile is shown to nobody before.
  private func commit(
    _ block: ValidatedBlock, _ bytes: [UInt8], _ ranges: [Range<Int>], _ checked: [CheckedEntry],
    at moment: ProposalClock.Moment, sync: () throws -> Void
  ) throws {
    // Rounded up: what was cosigned must not seem to have existed before it did.
    let note = try keys.cosign(block, time: (moment.wall + 999) / 1000)
    for place in checked.indices {
      if let statement = checked[place].identity {
        recent.remember(statement.id, issuedAt: statement.issuedAt)
      }
    }
    try sync()
    let noteBytes = note.bytes
    let frame = CheckpointLog.frame(noteBytes)
    if let failure = fault(in: .writeCheckpoint) {
      try checkpoints.file.write(Array(frame.prefix(failure.byteCount)), at: checkpointEnd)
      throw failure.error
    }
    try checkpoints.file.write(frame, at: checkpointEnd)
    if let failure = fault(in: .syncCheckpoint) { throw failure.error }
    try checkpoints.file.sync()
    let committed = CommittedBlock(
      header: block.header, first: state.frontier.size, position: position, bytes: bytes, ranges: ranges,
      checked: checked, checkpointOffset: checkpointEnd, state: block.state, changes: block.changes,
      moment: moment)
    newest = NewestBlock(
      committed, after: state.frontier, roster: state.roster, tree: tree(of: state.roster),
      checkpoint: noteBytes)
    (state, checkpoint) = (block.state, note)
    derived.ruleState.apply(block.changes)
    clock.last = moment
    checkpointEnd += UInt64(frame.count)
    position = committed.end
    do {
      if let failure = fault(in: .writeDerived) { throw failure.error }
      try derived.add(committed)
    } catch {
      // The block is committed and may be acknowledged. What is derived has a gap now, so the next one must not follow.
      broken = error
    }
  }

  private func tree(of roster: Roster) -> RosterTree {
    if let rosterTree, rosterTree.root == roster.root { return rosterTree }
    let tree = RosterTree(roster, using: &hasher)
    rosterTree = tree
    return tree
  }

  /// What a test wants to break in `step`: with which error, and after how many bytes of a write.
  private func fault(in step: CommitStep) -> (error: Failure, byteCount: Int)? {
    switch options.faults(step) {
    case nil: nil
    case .fails(let error): (Failure(step.rawValue, folder.path, errorNumber: error), 0)
    case .fills(let count): (Failure(step.rawValue, folder.path, errorNumber: ENOSPC), count)
    }
  }

  /// A reader of the ledger as it stands: it shares what is open here, and finds the newest records before the index has them.
  ///
  /// - Throws: what broke the writer, if something did.
  public func reader() throws -> LedgerReader {
    if let broken { throw broken }
    return LedgerReader(
      folder, state, checkpoint, log, checkpoints, derived.tiles, derived.offsets, searches,
      .init(indexer: derived.indexer, state: state, newest: newest))
  }

  /// Waits until the index has everything that was committed.
  public func flush() throws { try derived.indexer.flush() }
}

/// What became of a candidate.
public enum Verdict: Sendable {
  /// It is a record now.
  case accepted(Receipt)
  /// It was one already.
  case duplicate(Receipt)
  /// The rules say no.
  case refused(Refusal)
}

/// Where a record stands.
public struct Receipt: Hashable, Sendable {
  /// The index of its entry.
  public let index: UInt64
  /// The height of its block.
  public let block: UInt64
  /// The time of its block in ms since the epoch, where it was committed just now.
  public let time: UInt64?
}

/// Entries laid one after the other as they will lie on the disk.
private struct EntryRun {
  var bytes: [UInt8] = []
  var ranges: [Range<Int>] = []
  var checked: [CheckedEntry] = []

  /// - Parameter candidates: at most these will be appended, and a header.
  init(expecting candidates: ArraySlice<LedgerWriter.Candidate>) {
    bytes.reserveCapacity(candidates.reduce(1024) { $0 + $1.byteCount + 2 })
    ranges.reserveCapacity(candidates.count + 1)
    checked.reserveCapacity(candidates.count + 1)
  }

  mutating func append(_ entry: Span<UInt8>, _ checked: CheckedEntry) {
    EntryBundle.append(entry, to: &bytes)
    ranges.append(bytes.count - entry.count..<bytes.count)
    self.checked.append(checked)
  }
}

/// Looks for duplicates among what is committed, indexed or not, and what stands in the block at hand.
private struct WriterRegistry: StatementRegistry {
  /// How many statements are looked up at once: one by one, each would wait for what the index is just writing.
  static let most = 4096

  private let indexer: Indexer
  private let recent: RecentStatements
  private let block: UInt64
  private var committed: [Digest: Indexer.Place] = [:]
  private var here: [Digest: UInt64] = [:]
  /// The place that the last look-up found.
  private(set) var lastPlace: Indexer.Place?

  init(_ indexer: Indexer, _ recent: RecentStatements, block: UInt64) {
    (self.indexer, self.recent, self.block) = (indexer, recent, block)
  }

  /// Finds out which of `statements`, the next to be judged, are committed already.
  mutating func lookUp(_ statements: some Collection<CheckedEntry.Identity?>) throws {
    here.reserveCapacity(here.count + statements.count)
    var ids: [Digest] = []
    for case let statement? in statements where recent.mayHold(statement.id, issuedAt: statement.issuedAt) {
      ids.append(statement.id)
    }
    committed = ids.isEmpty ? [:] : try indexer.places(of: ids)
  }

  mutating func index(of id: Digest) -> UInt64? {
    lastPlace =
      here[id].map { Indexer.Place(index: $0, block: block) } ?? (committed.isEmpty ? nil : committed[id])
    return lastPlace?.index
  }

  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { here[id] = index }
}

extension LedgerWriter {
  /// Brings what is derived up to the last checkpoint, and touches nothing else; needs no keys.
  ///
  /// - Throws: `LedgerBusy` where another process writes; the `Fault` that stands in the way.
  static func catchUp(_ folder: LedgerFolder) throws {
    let lock = try WriterLock(folder)
    let log = try EntryLog(folder.entries, writing: false)
    let checkpoints = try CheckpointLog(folder.checkpoints, writing: false)
    let head = try Head.find(checkpoints, log)
    let derived = try Derived(folder)
    try derived.requireNotAhead(of: head.size)
    _ = try derived.catchUp(log, to: head.size)
    _ = try derived.catchUpIndex(log, checkpoints, head: head)
    withExtendedLifetime(lock) {}
  }
}
