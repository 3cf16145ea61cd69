import Ledger
import LedgerCrypto
import TransparencyLog

/// Blocks that several validators decide together: each is judged upon the newest one that is committed, whoever made it, and changes
/// nothing before it is committed with the checkpoint that a quorum has cosigned.
extension LedgerWriter {
  /// How long, in ms, a statement is judged by one and the same time.
  private static let judgingPeriod: UInt64 = 1000

  /// Judges `candidates` behind those that wait already, upon the newest block and as if all were one.
  ///
  /// - Parameter earlier: those that wait; asked for where they are judged anew, because a block was committed or their time has passed.
  /// - Returns: verdicts on `earlier`, where they were judged anew, and on `candidates`; fewer where the block would be full. Of what is
  ///   accepted the receipt means nothing, and of what waits already the verdict is `duplicate`.
  /// - Throws: `clock-jump`, `low-space`; `Failure`, `StateMismatch`: then nothing is judged.
  func judgeWaiting(
    _ candidates: ArraySlice<Candidate>, behind earlier: () -> [Candidate]
  ) throws -> (earlier: [Verdict]?, candidates: [Verdict]) {
    try mendingState {
      if isJudgingCurrent, var filling = waiting.take() {
        let verdicts = try fill(&filling, candidates)
        waiting = filling
        return (nil, verdicts)
      }
      waiting = nil
      var filling = try begin(collecting: nil, isDecided: false)
      let earlier = earlier()
      let again = try fill(&filling, earlier[...])
      // What came later does not overtake what has no room any more.
      let verdicts = again.count == earlier.count ? try fill(&filling, candidates) : []
      waiting = filling
      return (again, verdicts)
    }
  }

  /// Whether what waits was judged upon the newest block, and not long ago.
  private var isJudgingCurrent: Bool {
    guard let waiting, waiting.block.state.height == judged.height else { return false }
    let now = options.now().wall
    return waiting.moment.wall <= now && now - waiting.moment.wall < Self.judgingPeriod
  }

  /// A block of those of `candidates` that are good now, in their order and as many as there is room for, its header signed with this
  /// validator's block key; nil where none is.
  ///
  /// - Parameter byteCount: the most bytes of all its entries with their lengths.
  /// - Throws: as `judgeWaiting`; `Failure` also where this validator holds no office, or its key is not here.
  func draft(_ candidates: ArraySlice<Candidate>, byteCount: Int) throws -> JudgedBlock? {
    try mendingState {
      try renewKeys()
      var filling = try begin(collecting: candidates, byteLimit: byteCount, isDecided: false)
      _ = try fill(&filling, candidates)
      return try seal(&filling)
    }
  }

  /// Judges a whole block that another validator has made.
  ///
  /// - Parameters:
  ///   - bytes: as `JudgedBlock.bytes`; how many they may be is the caller's to say.
  ///   - checkers: verify the signatures that are not verified yet, on all cores.
  ///   - known: what `EntryChecker` has said of the entry with a leaf hash, where it was checked before.
  /// - Throws: the first `Fault`; `Failure`, `StateMismatch` where it can't be judged.
  func judge(
    _ bytes: [UInt8], by checkers: EntryCheckers, known: (Digest) -> CheckedEntry? = { _ in nil }
  ) throws -> JudgedBlock {
    let height = judged.height
    let most = Int(clamping: judged.roster.terms.parameters[Parameters.blockRecords]) + 1
    let frames = EntryFrames.split(bytes.span, limit: most)
    guard frames.end == bytes.count else {
      throw Fault(.malformedEntry, block: height, "it is not whole, or holds more than \(most) entries")
    }
    let header = try header(of: bytes, frames.ranges)
    guard header.height == height, header.previous == judged.parent else {
      throw Fault(
        .brokenChain, block: height, "the block continues another than the newest here, \(judged.parent)")
    }
    var leaves: [Digest] = []
    hasher.appendLeaves(bytes.span, at: frames.ranges[...], to: &leaves)
    var checked = leaves.map(known)
    let unknown = checked.indices.filter { checked[$0] == nil }
    let found = checkers.check(
      bytes, unknown.map { frames.ranges[$0] }[...], keys: judged.roster.keys)
    for (number, entry) in zip(unknown, found) { checked[number] = entry }
    let run = EntryRun(bytes, frames.ranges, checked.compactMap(\.self))
    return try mendingState { try judgeWhole(run, isDecided: false) }
  }

  /// Makes `block` final: puts it on the disk with its checkpoint.
  ///
  /// - Parameter note: the checkpoint, cosigned by a quorum.
  /// - Returns: a reader that reaches it.
  /// - Throws: a `Fault` where the block is not upon the newest one or the note not the checkpoint of it, the refusal
  ///   `beside-last-signed` where this machine knows another block of its height as final: then nothing has changed. What the disk fails
  ///   with; then nothing is written any more.
  func commit(_ block: JudgedBlock, _ note: SignedNote) throws -> LedgerReader {
    if let broken { throw broken }
    try requireFinal(block, note)
    return try mendingState {
      try derived.follower.requireRoom()
      try derived.maintainState()
      let root = try derived.state.apply(block.validated.changes, height: block.height)
      do {
        if let fault = block.header.fault(state: root) { throw fault }
        for statement in block.run.checked.lazy.compactMap(\.identity) {
          recent.remember(statement.id, issuedAt: statement.issuedAt)
        }
        let signed = advance(block, note, at: clock.doubt == nil ? options.now() : nil)
        waiting = nil
        return try disk.sync {
          try files.commit(signed)
          return try files.reader()
        }
      } catch {
        broken = error
        derived.state.setBroken()
        throw error
      }
    }
  }

  private func requireFinal(_ block: JudgedBlock, _ note: SignedNote) throws {
    let height = judged.height
    guard block.height == height, block.header.previous == judged.parent else {
      throw Fault(
        .brokenChain, block: block.height,
        "the block was judged upon another than the newest here, of height \(height - 1)")
    }
    let stored: StoredCheckpoint
    do { stored = try StoredCheckpoint(parsing: note.bytes.span) } catch {
      throw Fault(.malformedCheckpoint, block: height, error.description)
    }
    if let fault = stored.check(judged.roster, height: height).faults.first { throw fault }
    guard stored.checkpoint == block.checkpoint else {
      throw Fault(
        .rootMismatch, block: height,
        """
        the checkpoint is of \(stored.checkpoint.size) entries with the root \(stored.checkpoint.root), and the block ends at \
        \(block.size) with the root \(block.root)
        """)
    }
    if let newest = lastSigned?.newest, newest.height == height, newest.header != block.digest {
      throw LastSigned.beside(height, folder.remedies)
    }
  }
}
