import Ledger
import LedgerCrypto
import TransparencyLog

/// Committing what several validators decide together.
///
/// What is submitted is judged by the state as of the newest block and waits here, in the order in which it came, until a block that was
/// decided holds it; it is judged anew after each block. `draft`, `judge` and `commit` keep the calling thread busy, and wait for each
/// other: one caller, on a thread of its own.
extension Committer {
  /// Takes over `writer`, whose options name the validator that it is.
  ///
  /// - Parameter onWaiting: told when statements were newly judged good, with the entries of those that came here by `submit`: they are to
  ///   be passed on to the other validators. None where all were passed on by others: then there is work and nothing to send. Called on
  ///   the committing thread, which it must not keep.
  public convenience init(
    sharing writer: sending LedgerWriter, _ settings: Settings = Settings(),
    onWaiting: @escaping @Sendable ([[UInt8]]) -> Void
  ) throws {
    precondition(writer.isShared, "a validator has a name")
    try self.init(writer, settings, waiting: WaitingStatements(), onWaiting: onWaiting)
  }

  /// Whether a statement that was judged good waits.
  public var isWorkWaiting: Bool { state.withLock { $0.waiting?.isWorkWaiting ?? false } }

  /// The entries that were judged good and wait, at most `count`, those first that have waited longest: for validators that were out of
  /// reach when they came.
  public func waitingEntries(atMost count: Int) -> [[UInt8]] {
    state.withLock { $0.waiting?.entries(atMost: count) ?? [] }
  }

  /// Takes in the statements at `ranges` of `bytes`, which another validator has passed on: nobody waits to hear of them, and they are
  /// not passed on again. Those are dropped that are refused, or for which there is no room.
  public func take(_ bytes: [UInt8], at ranges: [Range<Int>]) async {
    await enter(bytes, ranges, from: SignatureSource(), nil)
  }

  /// Whether the time of `block` is one that this machine's clock confirms.
  public func isTimely(_ block: JudgedBlock) -> Bool { block.isTimely(at: clock.wall) }

  /// A block of what waits, its header signed with this validator's block key; nil where nothing that waits is good now, which is then
  /// refused.
  ///
  /// - Parameter byteCount: the most bytes of all its entries with their lengths.
  /// - Throws: `clock-jump`, `low-space`: it proposes nothing now; `Failure` where it holds no office or its key is not here;
  ///   `CommitterUnavailable`.
  public func draft(byteCount: Int) throws -> JudgedBlock? {
    try writer.withLock { writer throws in
      guard let writer, condition.failure == nil else { throw unavailable }
      let candidates = state.withLock { $0.waiting?.candidates ?? [] }
      if candidates.isEmpty { return nil }
      do {
        if let block = try writer.draft(candidates[...], byteCount: byteCount) { return block }
      } catch { throw given(error, writer.broken) }
      // Otherwise there would seem to be work for ever.
      writer.waiting = nil
      _ = judgeWaiting([], by: writer)
      return nil
    }
  }

  /// Judges a whole block that another validator has made. The signatures of statements that wait here are not verified again.
  ///
  /// - Parameter bytes: as `JudgedBlock.bytes`; how many they may be is the caller's to say.
  /// - Throws: the first `Fault`, where it is no valid block upon the newest one; `CommitterUnavailable` or `Failure` where it could not be
  ///   judged.
  public func judge(_ bytes: [UInt8]) throws -> JudgedBlock {
    try writer.withLock { writer throws in
      guard let writer, condition.failure == nil else { throw unavailable }
      do {
        return try writer.judge(bytes, by: checkers) { leaf in
          state.withLock { $0.waiting?.checked(leaf) }
        }
      } catch { throw given(error, writer.broken) }
    }
  }

  /// Makes `block` final. When this returns it is on the disk, readers have it, its submitters are answered, and the rest of what waits is
  /// judged anew.
  ///
  /// - Parameter note: its checkpoint, cosigned by a quorum.
  /// - Throws: a `Fault` where it is not upon the newest block or the note not its checkpoint, the refusal `beside-last-signed`: then nothing
  ///   has changed; `CommitterUnavailable`, `failed` where nothing is written any more.
  public func commit(_ block: JudgedBlock, _ note: SignedNote) throws {
    try writer.withLock { writer throws in
      guard let writer, condition.failure == nil else { throw unavailable }
      let start = ContinuousClock.now
      let reader: LedgerReader
      do { reader = try writer.commit(block, note) } catch {
        if writer.broken == nil, error is Fault || error is Refusal { throw error }
        fail([], error)
        throw CommitterUnavailable.failed(error)
      }
      publish(reader, since: start)
      var receipts: [Digest: Receipt] = [:]
      for (number, checked) in block.run.checked.enumerated() {
        guard let id = checked.identity?.id else { continue }
        receipts[id] = Receipt(
          index: block.header.first + UInt64(number), block: block.height, time: block.time)
      }
      if let answers = state.withLock({ $0.waiting?.commit(receipts) }) { give(answers) }
      if isWorkWaiting { _ = judgeWaiting([], by: writer) }
    }
    wake()
  }

  // MARK: What waits

  /// Judges a part of what has come.
  func judgeWaiting() {
    let (isNews, passedOn) = writer.withLock { writer -> (isNews: Bool, passedOn: [[UInt8]]) in
      let candidates = state.withLock { $0.waiting?.takeUnjudged() ?? [] }
      guard let writer, !candidates.isEmpty else { return (false, []) }
      return judgeWaiting(candidates, by: writer)
    }
    if isNews { onWaiting(passedOn) }
  }

  /// Judges `candidates`, which were taken, behind what waits, and what waits anew where that is due.
  ///
  /// - Returns: whether anything was newly judged good, and what of it is to be passed on.
  private func judgeWaiting(
    _ candidates: [LedgerWriter.Candidate], by writer: LedgerWriter
  ) -> (isNews: Bool, passedOn: [[UInt8]]) {
    do {
      let verdicts = try writer.judgeWaiting(candidates[...]) {
        state.withLock { $0.waiting?.candidates ?? [] }
      }
      let height = writer.judged.height - 1
      let settled = state.withLock {
        $0.waiting?.settle(again: verdicts.earlier, verdicts.candidates, asOf: height)
      }
      guard let settled else { return (false, []) }
      give(settled.answers)
      return (settled.isNews, settled.passedOn)
    } catch let refusal as Refusal {
      // The clock is in doubt or the disk nearly full: what waits already others have too.
      if let answers = state.withLock({ $0.waiting?.refuse(refusal) }) { give(answers) }
    } catch {
      fail([], error)
    }
    return (false, [])
  }

  /// Answers submitters, and makes room for others.
  private func give(_ answers: WaitingStatements.Answers) {
    let reader = release(answers.freed)
    for answer in answers.verdicts { answer.waiter.finish(answer.verdict, of: answer.id, reader) }
    notifyOfChange()
  }

  /// Tells those that wait for the validators to decide that it will not be known here.
  func failWaiting(_ reason: CommitterUnavailable) {
    guard let (waiters, freed) = state.withLock({ $0.waiting?.removeAll() }) else { return }
    _ = release(freed)
    for waiter in waiters { waiter.fail(reason) }
  }

  /// Why nothing can be done.
  private var unavailable: CommitterUnavailable {
    condition.failure.map(CommitterUnavailable.failed) ?? .stopping
  }

  /// What the caller is told of `error`; where it has broken the writer nothing is written any more.
  private func given(_ error: any Error, _ broken: (any Error)?) -> any Error {
    guard broken != nil else { return error }
    fail([], error)
    return CommitterUnavailable.failed(error)
  }
}
