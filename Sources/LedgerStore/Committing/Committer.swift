import Foundation
import Ledger
import LedgerCrypto
import Statements
import Synchronization

/// Lets many submit statements to one writer, so that those who come together share a block and its syncs.
///
/// A signature is verified on the submitter's side, with the roster then in force, and is not verified again when the block is
/// cut; key in force, time, duplicates and rules are judged at the cut. One thread of its own cuts and commits: as soon as
/// nothing is being committed and no statement is being admitted, at the latest `block-delay-ms` after the oldest waiting one,
/// or when `block-records` wait.
///
/// What `submit` has returned is on the disk. After the disk has failed everything is refused, and nothing more is written.
/// `stop` must be called before the last reference goes.
public final class Committer: Sendable {
  /// How a committer works.
  public struct Settings: Sendable {
    /// How many statements may be under way: being admitted, waiting, or in the block at hand.
    public var statementLimit = 4096
    /// How many bytes of entries may be under way.
    public var byteLimit = 64 << 20
    /// The longest wait for a fuller block; nil for the roster's `block-delay-ms`.
    public var blockDelay: Duration?

    /// The ordinary settings.
    public init() {}
  }

  /// A statement that is a record.
  public struct Commitment: Sendable {
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

  private struct Ticket: Sendable {
    let candidate: LedgerWriter.Candidate
    let continuation: CheckedContinuation<Commitment, any Error>
  }

  private struct State {
    var queue: [Ticket] = []
    var oldest: ContinuousClock.Instant?
    var admitting = 0
    var statementCount = 0
    var byteCount = 0
    var reader: LedgerReader
    var roster: Roster
    var failure: (any Error)?
    var isAsleep = false
    var isStopping = false
    var isStopped = false
    var stopping: [CheckedContinuation<Void, Never>] = []

    /// As many as fill a block.
    var fill: Int { Int(clamping: roster.terms.parameters[Parameters.blockRecords]) }
  }

  private let settings: Settings
  // Used by the committing thread alone; the mutex says so to the compiler.
  private let writer: Mutex<LedgerWriter?>
  private let state: Mutex<State>
  private let alarm = DispatchSemaphore(value: 0)

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
      Condition(statementCount: $0.statementCount, isStopping: $0.isStopping, failure: $0.failure)
    }
  }

  // MARK: Submitting

  /// Makes the statement in `entry` a record, and returns when that is final.
  ///
  /// - Throws: the `Refusal`; `CommitterUnavailable` where it was not even judged, or where it is not known what became of it.
  public func submit(_ entry: [UInt8]) async throws -> Commitment {
    let keys = try admit(entry.count)
    let checked = Committer.check(entry, keys)
    if case .malformed(let error) = checked.content {
      dismiss(entry.count)
      throw Refusal(error.code == .tooLarge ? .tooLarge : .malformed, error.description)
    }
    let candidate = LedgerWriter.Candidate(entry: entry, checked: checked)
    return try await withCheckedThrowingContinuation {
      enqueue(Ticket(candidate: candidate, continuation: $0))
    }
  }

  private static func check(_ entry: [UInt8], _ keys: [Digest: PublicKey]) -> CheckedEntry {
    var checker = EntryChecker()
    return checker.check(entry.span, keys: keys)
  }

  private func admit(_ byteCount: Int) throws(CommitterUnavailable) -> [Digest: PublicKey] {
    let outcome: Result<[Digest: PublicKey], CommitterUnavailable> = state.withLock { state in
      if let failure = state.failure { return .failure(.failed(failure)) }
      if state.isStopping { return .failure(.stopping) }
      guard state.statementCount < settings.statementLimit,
        state.byteCount + byteCount <= settings.byteLimit || state.statementCount == 0
      else { return .failure(.busy(statementCount: state.statementCount)) }
      state.admitting += 1
      state.statementCount += 1
      state.byteCount += byteCount
      return .success(state.roster.keys)
    }
    return try outcome.get()
  }

  /// A statement that was being admitted goes no further.
  private func dismiss(_ byteCount: Int) {
    let mustWake = state.withLock { state in
      state.admitting -= 1
      state.statementCount -= 1
      state.byteCount -= byteCount
      return Committer.mustWake(&state)
    }
    if mustWake { alarm.signal() }
  }

  private func enqueue(_ ticket: Ticket) {
    let (failure, mustWake) = state.withLock { state -> ((any Error)?, Bool) in
      state.admitting -= 1
      if let failure = state.failure {
        state.statementCount -= 1
        state.byteCount -= ticket.candidate.entry.count
        return (failure, Committer.mustWake(&state))
      }
      if state.queue.isEmpty { state.oldest = .now }
      state.queue.append(ticket)
      return (nil, Committer.mustWake(&state))
    }
    if mustWake { alarm.signal() }
    if let failure { ticket.continuation.resume(throwing: CommitterUnavailable.failed(failure)) }
  }

  /// Whether the committing thread sleeps and has something to do or a time to look at; it is then taken as awake.
  private static func mustWake(_ state: inout State) -> Bool {
    guard state.isAsleep,
      state.admitting == 0 || state.queue.count == 1 || state.queue.count >= state.fill
    else { return false }
    state.isAsleep = false
    return true
  }

  // MARK: The committing thread

  private enum Step: Sendable {
    case commit([Ticket])
    case sleep(until: ContinuousClock.Instant?)
    case end
  }

  private func run() {
    while true {
      switch state.withLock({ next(&$0) }) {
      case .commit(let batch): commit(batch)
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
    guard let oldest = state.oldest, !state.queue.isEmpty else {
      if state.isStopping, state.admitting == 0 { return .end }
      state.isAsleep = true
      return .sleep(until: nil)
    }
    let parameter = state.roster.terms.parameters[Parameters.blockDelay]
    let deadline = oldest + (settings.blockDelay ?? .milliseconds(Int64(clamping: parameter)))
    if state.admitting == 0 || state.queue.count >= state.fill || deadline <= .now {
      defer { (state.queue, state.oldest) = ([], nil) }
      return .commit(state.queue)
    }
    state.isAsleep = true
    return .sleep(until: deadline)
  }

  private func commit(_ batch: [Ticket]) {
    let candidates = batch.map(\.candidate)
    writer.withLock { writer in
      guard let writer else { return }
      var done = 0
      while done < batch.count {
        do {
          let height = writer.state.height
          let verdicts = try writer.appendBlock(candidates[done...])
          if writer.state.height > height { publish(try writer.reader(), writer.state.roster) }
          answer(batch[done..<done + verdicts.count], verdicts)
          done += verdicts.count
        } catch let refusal as Refusal {
          // The clock is in doubt: nothing was judged, and when it has been set right all goes on.
          answer(batch[done...], .refused(refusal))
          done = batch.count
        } catch {
          fail(batch[done...], error)
          done = batch.count
        }
      }
    }
  }

  private func publish(_ reader: LedgerReader, _ roster: Roster) {
    state.withLock { ($0.reader, $0.roster) = (reader, roster) }
  }

  private func answer(_ tickets: ArraySlice<Ticket>, _ verdict: Verdict) {
    answer(tickets, tickets.map { _ in verdict })
  }

  private func answer(_ tickets: ArraySlice<Ticket>, _ verdicts: [Verdict]) {
    let reader = release(tickets)
    for (ticket, verdict) in zip(tickets, verdicts) {
      switch verdict {
      case .accepted(let receipt):
        ticket.continuation.resume(returning: Commitment(receipt: receipt, isNew: true, reader: reader))
      case .duplicate(let receipt):
        ticket.continuation.resume(returning: Commitment(receipt: receipt, isNew: false, reader: reader))
      case .refused(let refusal): ticket.continuation.resume(throwing: refusal)
      }
    }
  }

  /// Nothing is acknowledged from now on, not even what may have reached the disk: whoever resends it after the next start
  /// learns what became of it.
  private func fail(_ tickets: ArraySlice<Ticket>, _ error: any Error) {
    let waiting = state.withLock { state in
      state.failure = error
      defer { (state.queue, state.oldest) = ([], nil) }
      return state.queue
    }
    _ = release(tickets + waiting)
    for ticket in tickets + waiting {
      ticket.continuation.resume(throwing: CommitterUnavailable.failed(error))
    }
  }

  /// Makes room for others, and gives the newest reader.
  private func release(_ tickets: ArraySlice<Ticket>) -> LedgerReader {
    let byteCount = tickets.reduce(0) { $0 + $1.candidate.entry.count }
    return state.withLock { state in
      state.statementCount -= tickets.count
      state.byteCount -= byteCount
      return state.reader
    }
  }

  // MARK: Stopping

  /// Takes nothing more, commits and answers what waits, and returns when the index is complete and the ledger is closed.
  ///
  /// - Throws: what made an end to writing, then or before.
  public func stop() async throws {
    await withCheckedContinuation { continuation in
      let (isStopped, mustWake) = state.withLock { state in
        state.isStopping = true
        if !state.isStopped { state.stopping.append(continuation) }
        return (state.isStopped, Committer.mustWake(&state))
      }
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

/// Why a committer did not commit a statement, the statement itself apart. Sending it again later is safe.
public enum CommitterUnavailable: Error, CustomStringConvertible {
  /// Too much is under way.
  case busy(statementCount: Int)
  /// It is being stopped.
  case stopping
  /// The disk, or something else beneath, has failed; nothing is written any more.
  case failed(any Error)

  /// What it is, and what to do.
  public var description: String {
    switch self {
    case .busy(let count): "\(count) statements are under way; send it again in a moment"
    case .stopping: "the node is being stopped; send it again when it has been started again"
    case .failed(let error):
      """
      the ledger can't be written any more (\(error)); nothing is acknowledged until the cause is mended and the node has been \
      started again; then send it again
      """
    }
  }
}
