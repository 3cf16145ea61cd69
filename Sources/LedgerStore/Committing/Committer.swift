import Foundation
import Ledger
import LedgerCrypto
import Logging
import Statements
import Synchronization

/// Lets many submit statements to one writer, so that those who come together share a block and its syncs.
///
/// A signature is verified on the submitter's side, with the roster then in force, and is not verified again when the block is
/// cut; key in force, time, duplicates and rules are judged at the cut. One thread of its own cuts, when `CutPolicy` says so; a block is
/// put on the disk by another, so that the next can be judged meanwhile.
///
/// Of many that come together the signatures are verified together, in parts of `partLimit` statements: while one part is being
/// written, the next is verified. Single statements are verified on all cores, as many together as have come.
///
/// What `submit` has returned is on the disk. After the disk has failed everything is refused, and nothing more is written.
/// `stop` must be called before the last reference goes.
public final class Committer: Sendable {
  /// So many single statements are verified together where they are there: each part costs an inversion, and a thread.
  static let leastShare = 8

  /// On so many threads single statements are verified at once.
  static let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

  /// The most statements that are verified, and judged, as one part of those that came together.
  static let partLimit = Load(statements: 1024, bytes: 4 << 20)

  let settings: Settings
  // Used by the committing thread, and where validators decide together by the one that commits what they have decided.
  let writer: Mutex<LedgerWriter?>
  let state: Mutex<State>
  let clock: ProposalClock
  let meter: CommitMeter
  private let space: FreeSpace
  private let alarm = DispatchSemaphore(value: 0)
  let checkers = EntryCheckers()
  /// Told of what was newly judged good, where validators decide together.
  let onWaiting: @Sendable ([[UInt8]]) -> Void
  // Signatures are verified here, so that nobody else's task waits for a thread.
  private let checking = DispatchQueue(label: "zheng.admission", attributes: .concurrent)

  /// Takes `writer` over and begins to commit.
  public convenience init(_ writer: sending LedgerWriter, _ settings: Settings = Settings()) throws {
    precondition(!writer.isShared, "what validators decide together is not committed alone")
    try self.init(writer, settings, waiting: nil) { _ in }
  }

  /// - Parameter waiting: nothing yet, where validators decide together.
  init(
    _ writer: sending LedgerWriter, _ settings: Settings, waiting: WaitingStatements?,
    onWaiting: @escaping @Sendable ([[UInt8]]) -> Void
  ) throws {
    (self.settings, self.onWaiting) = (settings, onWaiting)
    (clock, meter, space) = (writer.clock, writer.meter, writer.space)
    var state = State(settings, reader: try writer.reader(), roster: writer.state.roster)
    state.waiting = waiting
    self.state = Mutex(state)
    self.writer = Mutex(writer)
    let thread = Thread { [self] in run() }
    thread.name = "zheng.commit"
    thread.start()
  }

  /// A reader of the ledger as it stands now.
  public var reader: LedgerReader { state.withLock { $0.reader } }

  /// How it is doing.
  public var condition: Condition {
    state.withLock {
      Condition(
        statementCount: $0.load.statements, queuedCount: $0.queuedCount, isStopping: $0.isStopping,
        failure: $0.failure, counts: meter.counts, clock: clock, space: space)
    }
  }

  func notifyOfChange() { settings.onChange?(condition) }

  // MARK: Submitting

  /// Makes the statement in `entry` a record, and returns when that is final.
  ///
  /// - Parameter source: who sends it, and pays for its own bad signatures; one of its own by default.
  /// - Throws: the `Refusal`; `CommitterUnavailable` where it was not even judged, or where it is not known what became of it.
  public func submit(
    _ entry: [UInt8], from source: SignatureSource = SignatureSource()
  ) async throws -> Commitment {
    try await withCheckedThrowingContinuation { continuation in
      let (unavailable, mustCheck) = state.withLock { state in
        let single = Single(entry: entry, source: source, waiter: .one { continuation.resume(with: $0) })
        return (state.admit(single), state.mustCheck())
      }
      if let unavailable { continuation.resume(throwing: unavailable) }
      if mustCheck { beginToCheck() }
      notifyOfChange()
    }
  }

  private func beginToCheck() { checking.async { self.checkSingles() } }

  /// Verifies single statements, all that have come at a time, until none is left.
  private func checkSingles() {
    while let (singles, keys) = state.withLock({ $0.takeUnchecked() }) {
      var bytes: [UInt8] = []
      var ranges: [Range<Int>] = []
      bytes.reserveCapacity(singles.reduce(0) { $0 + $1.entry.count })
      ranges.reserveCapacity(singles.count)
      for single in singles {
        ranges.append(bytes.count..<bytes.count + single.entry.count)
        bytes += single.entry
      }
      let load = Load(statements: singles.count, bytes: bytes.count)
      var tickets: [Ticket] = []
      var refused: [(Waiter, Refusal)] = []
      tickets.reserveCapacity(singles.count)
      for (number, checked) in checkers.check(
        bytes, ranges[...], keys: keys, sources: singles.map(\.source)
      ).enumerated() {
        let waiter = singles[number].waiter
        if let refusal = checked.refusal {
          refused.append((waiter, refusal))
        } else {
          let candidate = LedgerWriter.Candidate(bytes, at: ranges[number], checked: checked)
          tickets.append(Ticket(candidate: candidate, waiter: waiter))
        }
      }
      enqueue(tickets, of: load, admissions: singles.count)
      for (waiter, refusal) in refused { waiter.finish(.refused(refusal), of: nil, reader) }
    }
  }

  /// Makes the statements at `ranges` of `bytes` records, judged in their order, and returns when that is final for all.
  ///
  /// Where they are more than may be under way at once they are taken in parts, each as soon as there is room: nobody waits for
  /// room who keeps what others need. Only where there is none for the first part are they refused at once, as `busy`.
  ///
  /// - Parameter source: who sends them, and pays for its own bad signatures; one of its own by default.
  public func submit(
    _ bytes: [UInt8], at ranges: [Range<Int>], from source: SignatureSource = SignatureSource()
  ) async -> Outcome {
    let batch = BatchVerdicts(count: ranges.count)
    await enter(bytes, ranges, from: source, batch)
    let (verdicts, interruption) = await batch.all()
    return Outcome(verdicts: verdicts, interruption: interruption, reader: reader)
  }

  /// Verifies the signatures of the statements at `ranges` of `bytes` and lets them wait to be judged, in parts.
  ///
  /// - Parameter batch: gathers what becomes of them; nil where nobody waits to hear it: then none waits for room.
  func enter(
    _ bytes: [UInt8], _ ranges: [Range<Int>], from source: SignatureSource, _ batch: BatchVerdicts?
  ) async {
    var rest = ranges[...]
    while let first = rest.indices.first {
      let load = takePart(&rest)
      let part = ranges[first..<first + load.statements]
      switch await admit(load, mayWait: batch != nil && first > 0) {
      case .failure(let reason):
        batch?.end(from: first, reason)
        return
      case .success(let keys):
        let checked = await withCheckedContinuation { continuation in
          checking.async {
            let sources = [SignatureSource](repeating: source, count: part.count)
            continuation.resume(
              returning: self.checkers.check(bytes, part, keys: keys, sources: sources))
          }
        }
        var tickets: [Ticket] = []
        tickets.reserveCapacity(part.count)
        for (number, checked) in zip(part.indices, checked) {
          if let refusal = checked.refusal {
            batch?.set(number, .refused(refusal))
          } else {
            let candidate = LedgerWriter.Candidate(bytes, at: ranges[number], checked: checked)
            tickets.append(
              Ticket(candidate: candidate, waiter: batch.map { Waiter.batch($0, number: number) }))
          }
        }
        enqueue(tickets, of: load)
      }
    }
  }

  /// Takes the next part off `rest`.
  private func takePart(_ rest: inout ArraySlice<Range<Int>>) -> Load {
    let most = Load(
      statements: min(Committer.partLimit.statements, settings.statementLimit),
      bytes: min(Committer.partLimit.bytes, settings.byteLimit))
    var load = Load(statements: 0, bytes: 0)
    while let next = rest.first {
      guard load.statements == 0 || load.statements < most.statements && load.bytes + next.count <= most.bytes
      else { break }
      load.statements += 1
      load.bytes += next.count
      rest.removeFirst()
    }
    return load
  }

  private func admit(_ load: Load, mayWait: Bool) async -> Admission {
    await withCheckedContinuation { continuation in
      let admission: Admission? = state.withLock { state in
        let admission = state.admit(load)
        guard mayWait, case .failure(.busy) = admission else { return admission }
        state.queue(QueuedSubmitter(load: load, continuation: continuation))
        return nil
      }
      if let admission { continuation.resume(returning: admission) }
      notifyOfChange()
    }
  }

  static func resume(_ admitted: [(QueuedSubmitter, Admission)]) {
    for (submitter, admission) in admitted { submitter.continuation.resume(returning: admission) }
  }

  /// Ends the admission of `load`, of which `tickets` go on to be judged.
  ///
  /// - Parameter admissions: in how many parts `load` was admitted.
  private func enqueue(_ tickets: [Ticket], of load: Load, admissions: Int = 1) {
    let (failure, admitted, mustWake) = state.withLock { state in
      let admitted = state.enqueue(tickets, of: load, admissions: admissions)
      return (state.failure, admitted, state.mustWake())
    }
    if mustWake { alarm.signal() }
    Committer.resume(admitted)
    if let failure { for ticket in tickets { ticket.waiter?.fail(.failed(failure)) } }
    notifyOfChange()
  }

  // MARK: The committing thread

  private func run() {
    while true {
      switch state.withLock({ $0.nextStep() }) {
      case .commit(let batch, let reason):
        settings.logger.debug(
          "a block is cut", metadata: ["statements": "\(batch.count)", "reason": "\(reason)"])
        meter.add(CommitCounts(waits: reason == .aged ? 1 : 0))
        commit(batch)
      case .judge(let late):
        for waiter in late { waiter.fail(.undecided) }
        judgeWaiting()
      case .sleep(nil): alarm.wait()
      case .sleep(let deadline?):
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: deadline).components
        let nanoseconds = Int(clamping: seconds) * 1_000_000_000 + Int(clamping: attoseconds / 1_000_000_000)
        // That the time is over is looked at in the next round, as everything is.
        _ = alarm.wait(timeout: .now() + .nanoseconds(max(0, nanoseconds)))
      case .end: return finish()
      }
    }
  }

  private func commit(_ batch: [Ticket]) {
    let candidates = batch.map(\.candidate)
    writer.withLock { writer in
      guard let writer else { return }
      var done = 0
      while done < batch.count {
        let rest = batch[done...]
        state.withLock { $0.beginBlock() }
        let start = ContinuousClock.now
        do {
          done += try writer.beginBlock(candidates[done...]) { [self] verdicts, outcome in
            finish(rest.prefix(verdicts.count), verdicts, outcome, since: start)
          }
        } catch let refusal as Refusal {
          // The clock is in doubt or the disk nearly full: nothing was judged, and when that has been set right all goes on.
          state.withLock { $0.endBlock() }
          answer(rest, .refused(refusal))
          done = batch.count
        } catch {
          state.withLock { $0.endBlock() }
          fail(rest, error)
          done = batch.count
        }
      }
    }
  }

  /// Answers those whose statements were judged together, when the disk has them or has failed. Called on any thread.
  private func finish(
    _ tickets: ArraySlice<Ticket>, _ verdicts: [Verdict], _ outcome: Result<LedgerReader, any Error>,
    since start: ContinuousClock.Instant
  ) {
    switch outcome {
    case .success(let reader):
      publish(reader, since: start)
      answer(tickets, verdicts)
    case .failure(let error): fail(tickets, error)
    }
    let mustWake = state.withLock { state in
      state.endBlock()
      return state.mustWake()
    }
    if mustWake { alarm.signal() }
  }

  /// Wakes the committing thread where it has something to do.
  func wake() {
    if state.withLock({ $0.mustWake() }) { alarm.signal() }
  }

  private func answer(_ tickets: ArraySlice<Ticket>, _ verdict: Verdict) {
    answer(tickets, tickets.map { _ in verdict })
  }

  private func answer(_ tickets: ArraySlice<Ticket>, _ verdicts: [Verdict]) {
    let reader = release(tickets)
    for (ticket, verdict) in zip(tickets, verdicts) {
      ticket.waiter?.finish(verdict, of: ticket.candidate.checked.identity?.id, reader)
    }
  }

  /// Nothing is acknowledged from now on, not even what may have reached the disk: whoever resends it after the next start
  /// learns what became of it.
  func fail(_ tickets: ArraySlice<Ticket>, _ error: any Error) {
    settings.logger.error("nothing is written any more", metadata: ["error": "\(error)"])
    let (queued, listeners) = state.withLock { state in
      state.failure = error
      return (state.takeQueue(), state.takeListeners())
    }
    for listener in listeners { listener.finish() }
    _ = release(tickets + queued)
    for ticket in tickets + queued {
      ticket.waiter?.fail(.failed(error))
    }
    failWaiting(.failed(error))
  }

  /// Makes room for others, and gives the newest reader.
  private func release(_ tickets: ArraySlice<Ticket>) -> LedgerReader {
    release(
      Load(statements: tickets.count, bytes: tickets.reduce(0) { $0 + $1.candidate.byteCount }))
  }

  /// Makes room for others, and gives the newest reader.
  func release(_ load: Load) -> LedgerReader {
    let (admitted, reader) = state.withLock { state in (state.free(load), state.reader) }
    Committer.resume(admitted)
    return reader
  }

  // MARK: Stopping

  /// Takes nothing more, commits and answers what waits, and returns when the index is complete and the ledger is closed. What waits for
  /// validators to decide is answered `stopping` at once.
  ///
  /// - Throws: what made an end to writing, then or before.
  public func stop() async throws {
    await withCheckedContinuation { continuation in
      let (isStopped, admitted, mustWake) = state.withLock { state in
        state.isStopping = true
        if !state.isStopped { state.stopping.append(continuation) }
        return (state.isStopped, state.free(Load(statements: 0, bytes: 0)), state.mustWake())
      }
      Committer.resume(admitted)
      if mustWake { alarm.signal() }
      if isStopped { continuation.resume() }
      notifyOfChange()
    }
    if let failure = condition.failure { throw failure }
  }

  private func finish() {
    var failure: (any Error)?
    writer.withLock { writer in
      do { try writer?.flush() } catch { failure = error }
      // Gives up the lock.
      writer = nil
    }
    let (waiting, listeners) = state.withLock { state in
      state.isStopped = true
      state.failure = state.failure ?? failure
      defer { state.stopping = [] }
      return (state.stopping, state.takeListeners())
    }
    for listener in listeners { listener.finish() }
    // Where validators decide together nobody knows whether they will.
    failWaiting(.stopping)
    for continuation in waiting { continuation.resume() }
  }
}

extension CheckedEntry {
  /// Why it can't be a statement, where that is so.
  fileprivate var refusal: Refusal? {
    guard case .malformed(let error) = content else { return nil }
    return Refusal(error)
  }
}
