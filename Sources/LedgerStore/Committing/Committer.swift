import Foundation
import Ledger
import LedgerCrypto
import Statements
import Synchronization

/// Lets many submit statements to one writer, so that those who come together share a block and its syncs.
///
/// A signature is verified on the submitter's side, with the roster then in force, and is not verified again when the block is
/// cut; key in force, time, duplicates and rules are judged at the cut. One thread of its own cuts: as soon as the disk
/// is free and no statement is being admitted, at the latest `block-delay-ms` after the oldest waiting one, or when
/// `block-records` wait.
///
/// Those who submit single statements mostly come again when they are answered, and each block costs two syncs and a few
/// signatures, however little it holds. So the next is cut when those wait who were not in the one before, or half of all, or
/// `patience` after the last were answered: so that half are admitted while the others are written. Where those who were not in it
/// are few, a quarter of all is waited for. Who comes alone waits for nobody.
///
/// While a block of `worthwhile` statements is being put on the disk the next is judged, if as many wait for it: so few that others
/// had better join them are left until the disk is free.
///
/// Of many that come together the signatures are verified together, in parts of `partLimit` statements: while one part is being
/// written, the next is verified. Single statements are verified on all cores, as many together as have come; while more are hoped
/// for, `usualBatch` at least, since each part costs an inversion and a thread to be woken.
///
/// What `submit` has returned is on the disk. After the disk has failed everything is refused, and nothing more is written.
/// `stop` must be called before the last reference goes.
public final class Committer: Sendable {
  /// How a committer works.
  public struct Settings: Sendable {
    /// How many statements may be under way: being admitted, waiting, or in the block at hand.
    public var statementLimit = 16_384
    /// How many bytes of entries may be under way.
    public var byteLimit = 64 << 20
    /// The longest wait for a fuller block; nil for the roster's `block-delay-ms`.
    public var blockDelay: Duration?

    /// The ordinary settings.
    public init() {}
  }

  /// A statement that is a record.
  public struct Commitment: Sendable {
    /// Its id.
    public let id: Digest
    /// Where it stands.
    public let receipt: Receipt
    /// False where it was a record before it was submitted.
    public let isNew: Bool
    /// A reader that has it, indexed or not.
    public let reader: LedgerReader
  }

  /// How a committer is doing.
  public struct Condition: Sendable {
    /// How many statements are under way.
    public let statementCount: Int
    /// Whether `stop` was called.
    public let isStopping: Bool
    /// What made an end to writing.
    public let failure: (any Error)?
  }

  /// What became of many statements that came together.
  public struct Outcome: Sendable {
    /// Of the first of them, in order, what became of each; of all, unless there was an interruption. Final.
    public var verdicts: [Verdict]
    /// Why the rest were not judged, or it is not known what became of them.
    public var interruption: CommitterUnavailable?
    /// A reader that has all of them that are records, indexed or not.
    public var reader: LedgerReader
  }

  private struct Ticket: Sendable {
    let candidate: LedgerWriter.Candidate
    let waiter: Waiter
  }

  /// Who waits to hear what became of a statement.
  private enum Waiter: Sendable {
    case one(@Sendable (Result<Commitment, any Error>) -> Void)
    case gathering(Gathering, number: Int)

    /// - Parameter id: the statement's; without one it can't have become a record.
    func hear(_ verdict: Verdict, on id: Digest?, _ reader: LedgerReader) {
      switch self {
      case .gathering(let gathering, let number): gathering.set(number, verdict)
      case .one(let done):
        switch (verdict, id) {
        case (.refused(let refusal), _): done(.failure(refusal))
        case (.accepted(let receipt), let id?):
          done(.success(.init(id: id, receipt: receipt, isNew: true, reader: reader)))
        case (.duplicate(let receipt), let id?):
          done(.success(.init(id: id, receipt: receipt, isNew: false, reader: reader)))
        case (_, nil): preconditionFailure("a record without an id")
        }
      }
    }

    func fail(_ reason: CommitterUnavailable) {
      switch self {
      case .gathering(let gathering, let number): gathering.fail(number, reason)
      case .one(let done): done(.failure(reason))
      }
    }
  }

  /// A statement that came alone and is admitted, whose signature nobody verifies yet.
  private struct Single: Sendable {
    let entry: [UInt8]
    let waiter: Waiter
  }

  /// Somebody who waits for room for more.
  private struct RoomSeeker: Sendable {
    let load: Load
    let continuation: CheckedContinuation<Admission, Never>
  }

  /// Leave to go on, with the keys of the roster in force.
  private typealias Admission = Result<[Digest: PublicKey], CommitterUnavailable>

  /// What limits are about.
  private struct Load: Sendable {
    var statements: Int
    var bytes: Int
  }

  private struct State {
    var queue: [Ticket] = []
    /// How many of the queue came alone.
    var singlesInQueue = 0
    /// How many that came alone are to wait before the next block is cut, and until when that is hoped for.
    var expected = 0
    var patienceEnd = ContinuousClock.now
    /// Those that came alone, whose turn to be verified is still to come.
    var unchecked: [Single] = []
    /// How many single statements are being verified, and on how many threads.
    var singlesInCheck = 0
    var checks = 0
    var seekers: [RoomSeeker] = []
    var oldest: ContinuousClock.Instant?
    /// How many are admitted whose signatures are being verified.
    var admitting = 0
    /// What is under way.
    var load = Load(statements: 0, bytes: 0)
    var reader: LedgerReader
    var roster: Roster
    var failure: (any Error)?
    /// How many blocks are being judged or put on the disk.
    var blocks = 0
    var isAsleep = false
    var isStopping = false
    var isStopped = false
    var stopping: [CheckedContinuation<Void, Never>] = []

    /// As many as fill a block.
    var fill: Int { Int(clamping: roster.terms.parameters[Parameters.blockRecords]) }

    /// Whether all who may be waited for are there.
    var isReady: Bool {
      if blocks > 0 { return queue.count >= min(fill, Committer.worthwhile) }
      return queue.count >= fill || singlesInQueue > 0 && singlesInQueue >= expected
        || admitting == 0 && (singlesInQueue >= expected || isStopping || patienceEnd <= .now)
    }

    /// Whether single statements wait to be verified although a core may be free for it.
    var isHolding: Bool { checks < Committer.cores && !unchecked.isEmpty }

    /// Whether single statements may be left to wait for others, so that somebody must look at the end of the patience.
    var mayHold: Bool { isHolding || patienceEnd > .now }

    /// Whether somebody is to begin with them now.
    var mayCheck: Bool {
      guard isHolding else { return false }
      // So many are missing from the next block; what comes beyond them is for the one after it.
      let missing = expected - singlesInQueue - singlesInCheck
      let wanted = missing > 0 ? min(missing, Committer.usualBatch) : Committer.usualBatch
      return unchecked.count >= wanted || expected == 0 || isStopping || patienceEnd <= .now
    }
  }

  private let settings: Settings
  // Used by the committing thread alone; the mutex says so to the compiler.
  private let writer: Mutex<LedgerWriter?>
  private let state: Mutex<State>
  private let alarm = DispatchSemaphore(value: 0)
  private let checkers = EntryCheckers()
  // Signatures are verified here, so that nobody else's task waits for a thread.
  private let checking = DispatchQueue(label: "zheng.admission", attributes: .concurrent)

  /// Takes `writer` over and begins to commit.
  public init(_ writer: sending LedgerWriter, _ settings: Settings = Settings()) throws {
    self.settings = settings
    state = Mutex(State(reader: try writer.reader(), roster: writer.state.roster))
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
      Condition(statementCount: $0.load.statements, isStopping: $0.isStopping, failure: $0.failure)
    }
  }

  // MARK: Submitting

  /// How long those who were answered are waited for, so that they share a block again.
  private static let patience = Duration.milliseconds(2)

  /// So many single statements are worth being verified before others come that are hoped for.
  private static let usualBatch = 8

  /// On so many threads single statements are verified at once.
  private static let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

  /// From so many statements on a block is put on the disk by another thread, and so many are judged meanwhile.
  private static let worthwhile = 1024

  /// The most statements that are verified, and judged, as one part of those that came together.
  private static let partLimit = Load(statements: 1024, bytes: 4 << 20)

  /// Makes the statement in `entry` a record, and returns when that is final.
  ///
  /// - Throws: the `Refusal`; `CommitterUnavailable` where it was not even judged, or where it is not known what became of it.
  public func submit(_ entry: [UInt8]) async throws -> Commitment {
    try await withCheckedThrowingContinuation { continuation in
      submit(entry) { continuation.resume(with: $0) }
    }
  }

  /// As `submit(_:)`, for who has no task that could wait.
  ///
  /// - Parameter done: called once, on any thread, which may be this one before this returns; it must not wait for anything.
  public func submit(_ entry: [UInt8], _ done: @escaping @Sendable (Result<Commitment, any Error>) -> Void) {
    let load = Load(statements: 1, bytes: entry.count)
    let (unavailable, mustCheck) = state.withLock { state -> (CommitterUnavailable?, Bool) in
      if case .failure(let reason) = admit(load, to: &state) { return (reason, false) }
      state.unchecked.append(Single(entry: entry, waiter: .one(done)))
      return (nil, Committer.mustCheck(&state))
    }
    if let unavailable { done(.failure(unavailable)) }
    if mustCheck { beginToCheck() }
  }

  /// Whether somebody must begin to verify single statements; that is then taken as done.
  private static func mustCheck(_ state: inout State) -> Bool {
    guard state.mayCheck else { return false }
    state.checks += 1
    return true
  }

  private func beginToCheck() { checking.async { self.checkSingles() } }

  /// Verifies single statements, all that have come at a time, until none is left or others are worth waiting for.
  private func checkSingles() {
    while let (singles, keys) = state.withLock({ takeUnchecked(&$0) }) {
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
      for (number, checked) in checkers.check(bytes, ranges[...], keys: keys).enumerated() {
        let waiter = singles[number].waiter
        if let refusal = checked.refusal {
          refused.append((waiter, refusal))
        } else {
          let candidate = LedgerWriter.Candidate(bytes, at: ranges[number], checked: checked)
          tickets.append(Ticket(candidate: candidate, waiter: waiter))
        }
      }
      enqueue(tickets, of: load, admissions: singles.count, areSingles: true)
      for (waiter, refusal) in refused { waiter.hear(.refused(refusal), on: nil, reader) }
    }
  }

  /// The single statements to be verified next, at most a part, with the keys in force; nil where there are none, or more are
  /// worth waiting for.
  private func takeUnchecked(_ state: inout State) -> ([Single], [Digest: PublicKey])? {
    state.checks -= 1
    guard Committer.mustCheck(&state) else { return nil }
    let share = max(Committer.usualBatch, (state.unchecked.count + Committer.cores - 1) / Committer.cores)
    var byteCount = 0
    let singles = state.unchecked.prefix(min(share, Committer.partLimit.statements)).prefix { single in
      defer { byteCount += single.entry.count }
      return byteCount < Committer.partLimit.bytes
    }
    state.unchecked.removeFirst(singles.count)
    state.singlesInCheck += singles.count
    return (Array(singles), state.roster.keys)
  }

  /// Makes the statements at `ranges` of `bytes` records, judged in their order, and returns when that is final for all.
  ///
  /// Where they are more than may be under way at once they are taken in parts, each as soon as there is room: nobody waits for
  /// room who keeps what others need. Only where there is none for the first part are they refused at once, as `busy`.
  public func submit(_ bytes: [UInt8], at ranges: [Range<Int>]) async -> Outcome {
    let gathering = Gathering(count: ranges.count)
    var rest = ranges[...]
    submitting: while let first = rest.indices.first {
      let load = takePart(&rest)
      let part = ranges[first..<first + load.statements]
      switch await admit(load, mayWait: first > 0) {
      case .failure(let reason):
        gathering.end(from: first, reason)
        break submitting
      case .success(let keys):
        let checked = await withCheckedContinuation { continuation in
          checking.async { continuation.resume(returning: self.checkers.check(bytes, part, keys: keys)) }
        }
        var tickets: [Ticket] = []
        tickets.reserveCapacity(part.count)
        for (number, checked) in zip(part.indices, checked) {
          if let refusal = checked.refusal {
            gathering.set(number, .refused(refusal))
          } else {
            let candidate = LedgerWriter.Candidate(bytes, at: ranges[number], checked: checked)
            tickets.append(Ticket(candidate: candidate, waiter: .gathering(gathering, number: number)))
          }
        }
        enqueue(tickets, of: load)
      }
    }
    let (verdicts, interruption) = await gathering.all()
    return Outcome(verdicts: verdicts, interruption: interruption, reader: reader)
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
        let admission = admit(load, to: &state)
        guard mayWait, case .failure(.busy) = admission else { return admission }
        state.seekers.append(RoomSeeker(load: load, continuation: continuation))
        return nil
      }
      if let admission { continuation.resume(returning: admission) }
    }
  }

  private func admit(_ load: Load, to state: inout State) -> Admission {
    if let failure = state.failure { return .failure(.failed(failure)) }
    if state.isStopping { return .failure(.stopping) }
    // Who came earlier has waited longer.
    guard state.seekers.isEmpty, hasRoom(for: load, in: state) else {
      return .failure(.busy(statementCount: state.load.statements))
    }
    return .success(take(load, into: &state))
  }

  private func hasRoom(for load: Load, in state: State) -> Bool {
    state.load.statements == 0
      || state.load.statements + load.statements <= settings.statementLimit
        && state.load.bytes + load.bytes <= settings.byteLimit
  }

  private func take(_ load: Load, into state: inout State) -> [Digest: PublicKey] {
    state.admitting += 1
    state.load.statements += load.statements
    state.load.bytes += load.bytes
    return state.roster.keys
  }

  /// Makes room, and gives it to those who wait for it: they are to be resumed outside of the lock.
  private func free(_ load: Load, in state: inout State) -> [(RoomSeeker, Admission)] {
    state.load.statements -= load.statements
    state.load.bytes -= load.bytes
    var admitted: [(RoomSeeker, Admission)] = []
    while let next = state.seekers.first {
      if let failure = state.failure {
        admitted.append((next, .failure(.failed(failure))))
      } else if state.isStopping {
        admitted.append((next, .failure(.stopping)))
      } else if hasRoom(for: next.load, in: state) {
        admitted.append((next, .success(take(next.load, into: &state))))
      } else {
        break
      }
      state.seekers.removeFirst()
    }
    return admitted
  }

  private static func resume(_ admitted: [(RoomSeeker, Admission)]) {
    for (seeker, admission) in admitted { seeker.continuation.resume(returning: admission) }
  }

  /// Ends the admission of `load`, of which `tickets` go on to be judged.
  ///
  /// - Parameters:
  ///   - admissions: in how many parts `load` was admitted.
  ///   - areSingles: whether each ticket came alone.
  private func enqueue(_ tickets: [Ticket], of load: Load, admissions: Int = 1, areSingles: Bool = false) {
    var dropped = load
    for ticket in tickets {
      dropped.statements -= 1
      dropped.bytes -= ticket.candidate.byteCount
    }
    let (failure, admitted, mustWake) = state.withLock { state in
      state.admitting -= admissions
      if areSingles { state.singlesInCheck -= load.statements }
      if state.failure != nil {
        return (state.failure, free(load, in: &state), Committer.mustWake(&state))
      }
      let isFirst = state.queue.isEmpty && !tickets.isEmpty
      if isFirst { state.oldest = .now }
      state.queue += tickets
      if areSingles { state.singlesInQueue += tickets.count }
      return (nil, free(dropped, in: &state), Committer.mustWake(&state, hasDeadline: isFirst))
    }
    if mustWake { alarm.signal() }
    Committer.resume(admitted)
    if let failure { for ticket in tickets { ticket.waiter.fail(.failed(failure)) } }
  }

  /// Whether the committing thread sleeps and has something to do or a time to look at; it is then taken as awake.
  ///
  /// - Parameter hasDeadline: whether the time from which on somebody waits has just begun.
  private static func mustWake(_ state: inout State, hasDeadline: Bool = false) -> Bool {
    guard state.isAsleep, hasDeadline || state.isReady else { return false }
    state.isAsleep = false
    return true
  }

  // MARK: The committing thread

  private enum Step: Sendable {
    case commit([Ticket], singleCount: Int)
    case sleep(until: ContinuousClock.Instant?)
    case end
  }

  private func run() {
    while true {
      switch state.withLock({ next(&$0) }) {
      case .commit(let batch, let singleCount): commit(batch, singleCount: singleCount)
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

  private func next(_ state: inout State) -> Step {
    state.isAsleep = false
    if Committer.mustCheck(&state) { beginToCheck() }
    guard let oldest = state.oldest, !state.queue.isEmpty else {
      if state.isStopping, state.admitting == 0 { return .end }
      state.isAsleep = true
      return .sleep(until: state.mayHold ? state.patienceEnd : nil)
    }
    // The end of its writing is told.
    if state.blocks > 0, !state.isReady {
      state.isAsleep = true
      return .sleep(until: nil)
    }
    let parameter = state.roster.terms.parameters[Parameters.blockDelay]
    let deadline = oldest + (settings.blockDelay ?? .milliseconds(Int64(clamping: parameter)))
    if state.isReady || deadline <= .now {
      defer { (state.queue, state.oldest, state.singlesInQueue) = ([], nil, 0) }
      return .commit(state.queue, singleCount: state.singlesInQueue)
    }
    state.isAsleep = true
    let isPatient = state.admitting == 0 || state.mayHold
    return .sleep(until: isPatient ? min(deadline, state.patienceEnd) : deadline)
  }

  /// - Parameter singleCount: how many of `batch` came alone.
  private func commit(_ batch: [Ticket], singleCount: Int) {
    let candidates = batch.map(\.candidate)
    writer.withLock { writer in
      guard let writer else { return }
      var done = 0
      while done < batch.count {
        let rest = batch[done...]
        do {
          state.withLock { $0.blocks += 1 }
          let answer = { @Sendable [self] (verdicts: [Verdict], outcome: Result<LedgerReader, any Error>) in
            finish(rest.prefix(verdicts.count), verdicts, outcome, singleCount: singleCount)
          }
          if rest.count < Committer.worthwhile {
            // To hand so few on would cost more than there is to gain.
            let verdicts = try writer.appendBlock(candidates[done...])
            answer(verdicts, Result { try writer.reader() })
            done += verdicts.count
          } else {
            done += try writer.beginBlock(candidates[done...], answer)
          }
        } catch let refusal as Refusal {
          // The clock is in doubt: nothing was judged, and when it has been set right all goes on.
          state.withLock { $0.blocks -= 1 }
          answer(rest, .refused(refusal))
          done = batch.count
        } catch {
          state.withLock { $0.blocks -= 1 }
          fail(rest, error)
          done = batch.count
        }
      }
    }
  }

  /// Answers those whose statements were judged together, when the disk has them or has failed. Called on any thread.
  private func finish(
    _ tickets: ArraySlice<Ticket>, _ verdicts: [Verdict], _ outcome: Result<LedgerReader, any Error>,
    singleCount: Int
  ) {
    switch outcome {
    case .success(let reader):
      state.withLock { ($0.reader, $0.roster) = (reader, reader.rosterInForce ?? $0.roster) }
      answer(tickets, verdicts)
    case .failure(let error): fail(tickets, error)
    }
    let (mustWake, mustCheck) = state.withLock { state in
      state.blocks -= 1
      let others = state.unchecked.count + state.singlesInCheck + state.singlesInQueue
      let all = singleCount + others
      state.expected = max(min(others, all / 2), all / 4)
      // From now on, since who was answered needs time to come again.
      state.patienceEnd = .now + Committer.patience
      return (Committer.mustWake(&state, hasDeadline: true), Committer.mustCheck(&state))
    }
    if mustCheck { beginToCheck() }
    if mustWake { alarm.signal() }
  }

  private func answer(_ tickets: ArraySlice<Ticket>, _ verdict: Verdict) {
    answer(tickets, tickets.map { _ in verdict })
  }

  private func answer(_ tickets: ArraySlice<Ticket>, _ verdicts: [Verdict]) {
    let reader = release(tickets)
    for (ticket, verdict) in zip(tickets, verdicts) {
      ticket.waiter.hear(verdict, on: ticket.candidate.checked.identity?.id, reader)
    }
  }

  /// Nothing is acknowledged from now on, not even what may have reached the disk: whoever resends it after the next start
  /// learns what became of it.
  private func fail(_ tickets: ArraySlice<Ticket>, _ error: any Error) {
    let waiting = state.withLock { state in
      state.failure = error
      defer { (state.queue, state.oldest, state.singlesInQueue) = ([], nil, 0) }
      return state.queue
    }
    _ = release(tickets + waiting)
    for ticket in tickets + waiting {
      ticket.waiter.fail(.failed(error))
    }
  }

  /// Makes room for others, and gives the newest reader.
  private func release(_ tickets: ArraySlice<Ticket>) -> LedgerReader {
    let byteCount = tickets.reduce(0) { $0 + $1.candidate.byteCount }
    let (admitted, reader) = state.withLock { state in
      (free(Load(statements: tickets.count, bytes: byteCount), in: &state), state.reader)
    }
    Committer.resume(admitted)
    return reader
  }

  // MARK: Stopping

  /// Takes nothing more, commits and answers what waits, and returns when the index is complete and the ledger is closed.
  ///
  /// - Throws: what made an end to writing, then or before.
  public func stop() async throws {
    await withCheckedContinuation { continuation in
      let (isStopped, admitted, mustWake, mustCheck) = state.withLock { state in
        state.isStopping = true
        if !state.isStopped { state.stopping.append(continuation) }
        return (
          state.isStopped, free(Load(statements: 0, bytes: 0), in: &state), Committer.mustWake(&state),
          Committer.mustCheck(&state)
        )
      }
      Committer.resume(admitted)
      if mustCheck { beginToCheck() }
      if mustWake { alarm.signal() }
      if isStopped { continuation.resume() }
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
    let waiting = state.withLock { state in
      state.isStopped = true
      state.failure = state.failure ?? failure
      defer { state.stopping = [] }
      return state.stopping
    }
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
