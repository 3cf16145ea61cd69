import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// A block that was judged and signed, and is to be put on the disk.
struct SignedBlock: Sendable {
  let block: ValidatedBlock
  /// The state before it.
  let parent: LedgerState
  /// The tree of the roster that is in force for it.
  let rosterTree: RosterTree
  /// Its entries as they will lie on the disk, the header last.
  let run: EntryRun
  /// Its cosigned checkpoint.
  let note: SignedNote
  /// When it was proposed or, where others did that, committed; nil where the clock is in doubt.
  let moment: ProposalClock.Moment?

  /// What is kept of it outside of the directory.
  var lastSigned: LastSigned.Block? {
    run.checked.last.map {
      .init(
        height: block.header.height, header: $0.leaf, size: block.checkpoint.size,
        root: block.checkpoint.root,
        moment: moment?.text ?? "-")
    }
  }
}

/// Entries laid one after the other as they lie on the disk.
struct EntryRun: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Where each entry lies in them, without its prefix.
  private(set) var ranges: [Range<Int>] = []
  private(set) var checked: [CheckedEntry] = []

  /// - Parameters:
  ///   - count: about how many entries will be appended.
  ///   - byteCount: about how many bytes they have.
  init(expecting count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount + 2 * count)
    ranges.reserveCapacity(count)
    checked.reserveCapacity(count)
  }

  /// Entries that lie on the disk.
  init(_ bytes: [UInt8], _ ranges: [Range<Int>], _ checked: [CheckedEntry]) {
    (self.bytes, self.ranges, self.checked) = (bytes, ranges, checked)
  }

  mutating func append(_ entry: Span<UInt8>, _ checked: CheckedEntry) {
    EntryBundle.append(entry, to: &bytes)
    ranges.append(bytes.count - entry.count..<bytes.count)
    self.checked.append(checked)
  }
}

/// The files of a ledger as its writer has them open, and how far they reach: puts one block after the other on the disk, in the
/// steps of `CommitStep`.
///
/// Not for use from two threads at once: the writer has a queue for it.
final class BlockFiles: @unchecked Sendable {
  /// The state after the last block that is committed.
  private(set) var state: LedgerState
  /// The newest checkpoint, as it is stored.
  private(set) var checkpoint: SignedNote
  /// What made an end to writing.
  private(set) var broken: (any Error)?
  /// Why the derived files lack something that is committed; nil where they lack nothing.
  var derivedFailure: (any Error)? { derived.failure }

  private let folder: LedgerFolder
  private var log: EntryLog
  private let checkpoints: CheckpointLog
  private let derived: Derived
  private let faults: CommitFaults
  private let meter: CommitMeter
  /// What was signed last; nil where that is not kept.
  private let lastSigned: LastSigned?
  /// The positions behind the last checkpoint and behind the last entry that it covers.
  private var checkpointEnd: UInt64
  private var position: UInt64
  private var newest: NewestBlock?

  /// - Parameters:
  ///   - state: the state after the block of `head`.
  ///   - position: the position behind the last entry that `head` covers.
  init(
    _ folder: LedgerFolder, _ log: EntryLog, _ checkpoints: CheckpointLog, _ derived: Derived,
    state: LedgerState, head: Head, position: UInt64,
    faults: @escaping CommitFaults, meter: CommitMeter, lastSigned: LastSigned?
  ) {
    (self.meter, self.lastSigned) = (meter, lastSigned)
    (self.folder, self.log, self.checkpoints, self.derived) = (folder, log, checkpoints, derived)
    (self.state, checkpoint, self.faults) = (state, head.note, faults)
    (checkpointEnd, self.position) = (head.end, position)
  }

  // MARK: Opening

  /// What lies beyond the last whole checkpoint.
  ///
  /// - Throws: as `Tail.read`.
  func tail() throws -> Tail {
    try Tail.read(
      log, from: position, size: state.frontier.size, block: state.height,
      hasTornCheckpoint: checkpoints.file.size() > checkpointEnd)
  }

  /// What lies behind the last whole checkpoint; empty where nothing does.
  func tornCheckpoint() throws -> [UInt8] {
    try checkpoints.file.read(at: checkpointEnd, exactly: Int(checkpoints.file.size() - checkpointEnd))
  }

  /// Takes away what lies behind the last whole checkpoint.
  func truncateCheckpoints() throws {
    try checkpoints.file.truncate(to: checkpointEnd)
    try checkpoints.file.sync()
  }

  /// Takes away the entries beyond the last checkpoint.
  func truncateEntries() throws { try log.truncate(to: position) }

  /// Puts on the disk what lies beneath what will be acknowledged, whatever the last process managed.
  func syncAll() throws {
    try log.sync()
    try checkpoints.file.sync()
  }

  /// Takes note of the newest block as the one that was signed last.
  func keepHead(moment: ProposalClock.Moment?) throws {
    guard let lastSigned, lastSigned.newest?.header != state.parent else { return }
    var hasher = TreeHasher()
    try lastSigned.keep(
      .init(
        height: state.height - 1, header: state.parent, size: state.frontier.size,
        root: state.frontier.root(using: &hasher), moment: moment?.text ?? "-"))
  }

  /// Takes note of when the newest block was proposed.
  func remember(_ moment: ProposalClock.Moment) throws {
    guard let lastSigned, let newest = lastSigned.newest, newest.header == state.parent else { return }
    try lastSigned.keep(
      .init(
        height: newest.height, header: newest.header, size: newest.size, root: newest.root,
        moment: moment.text))
  }

  // MARK: Committing

  /// Puts `signed` on the disk. When this returns it is committed; what is derived from it is written, or will be at the next start.
  ///
  /// - Parameter areEntriesWritten: whether a crash left its entries where they belong.
  /// - Throws: what the disk fails with; then nothing of the block may be acknowledged, and nothing is written any more.
  func commit(_ signed: SignedBlock, areEntriesWritten: Bool = false) throws {
    if let broken {
      derived.state.setBroken()
      throw broken
    }
    do {
      if !areEntriesWritten { try write(signed.run) }
      if let failure = fault(in: .syncEntries) { throw failure.error }
      try log.sync()
      // Behind the entries, so that what was signed can be finished; beside the checkpoint, since each waits for the disk.
      let keeping = lastSigned.flatMap { lastSigned in
        signed.lastSigned.flatMap { block in
          // A validator that catches up has signed higher ones.
          lastSigned.reaches(block.height) ? nil : BackgroundResult { try lastSigned.keep(block) }
        }
      }
      let checkpoint = Result { try writeCheckpoint(signed.note) }
      try keeping?.value()
      try add(signed, checkpointed: checkpoint.get())
      meter.add(
        CommitCounts(
          blocks: 1, records: UInt64(signed.run.ranges.count - 1), syncs: keeping == nil ? 2 : 3))
      derived.state.setCommitted(signed.block.header.height)
    } catch {
      broken = broken ?? error
      derived.state.setBroken()
      throw error
    }
  }

  /// Makes the state anew that does not fit; nothing may be under way.
  func remakeState() throws { try derived.remakeState(log, checkpoints, end: checkpointEnd) }

  private func write(_ run: EntryRun) throws {
    let frames = run.ranges.map { $0.lowerBound - 2 }
    guard let failure = fault(in: .writeEntries) else {
      return try log.append(run.bytes, frames: frames, index: state.frontier.size)
    }
    let bytes = Array(run.bytes.prefix(failure.byteCount))
    try log.append(bytes, frames: frames.filter { $0 < bytes.count }, index: state.frontier.size)
    throw failure.error
  }

  /// - Returns: the bytes of the note.
  private func writeCheckpoint(_ note: SignedNote) throws -> [UInt8] {
    let bytes = note.bytes
    let frame = CheckpointLog.frame(bytes)
    if let failure = fault(in: .writeCheckpoint) {
      try checkpoints.file.write(Array(frame.prefix(failure.byteCount)), at: checkpointEnd)
      throw failure.error
    }
    try checkpoints.file.write(frame, at: checkpointEnd)
    if let failure = fault(in: .syncCheckpoint) { throw failure.error }
    try checkpoints.file.sync()
    return bytes
  }

  /// Goes on behind `signed`, which is committed.
  private func add(_ signed: SignedBlock, checkpointed note: [UInt8]) throws {
    let (block, parent, run) = (signed.block, signed.parent, signed.run)
    let committed = CommittedBlock(
      header: block.header, first: parent.frontier.size, position: position, bytes: run.bytes,
      ranges: run.ranges, checked: run.checked, checkpointOffset: checkpointEnd, state: block.state,
      changes: block.changes, moment: signed.moment)
    newest = NewestBlock(
      committed, after: parent.frontier, roster: parent.roster, tree: signed.rosterTree, checkpoint: note)
    (state, checkpoint) = (block.state, signed.note)
    checkpointEnd += UInt64(note.count + CheckpointLog.frameByteCount)
    position = committed.end
    // The block is committed and may be acknowledged, whatever becomes of what is derived from it.
    do { try derived.add(committed, unless: fault(in: .writeDerived)?.error) } catch {
      broken = error
      derived.state.setBroken()
    }
  }

  /// What a test wants to break in `step`: with which error, and after how many bytes of a write.
  private func fault(in step: CommitStep) -> (error: Failure, byteCount: Int)? {
    switch faults(step) {
    case nil: nil
    case .fails(let error): (Failure(step.rawValue, folder.path, errorNumber: error), 0)
    case .fills(let count): (Failure(step.rawValue, folder.path, errorNumber: ENOSPC), count)
    }
  }

  // MARK: Reading

  /// A reader of the ledger as it stands: it shares what is open here, and finds the newest records before the index has them.
  ///
  /// - Throws: what made an end to writing.
  func reader() throws -> LedgerReader {
    if let broken { throw broken }
    return LedgerReader(
      folder, state, checkpoint, log, checkpoints, derived.tiles, derived.offsets,
      derived.follower, .init(state: state, newest: newest, values: derived.state))
  }
}
