import Foundation
import Ledger
import LedgerCrypto
import Statements

/// What a committer decides under its lock. Nothing here waits, or calls anybody.
extension Committer {
  /// A statement whose signature is verified.
  struct Ticket: Sendable {
    let candidate: LedgerWriter.Candidate
    /// Nil where another validator has passed it on.
    let waiter: Waiter?
  }

  /// A statement that came alone and is admitted, whose signature nobody verifies yet.
  struct Single: Sendable {
    let entry: [UInt8]
    let source: SignatureSource
    let waiter: Waiter
  }

  /// A submitter awaiting a verdict.
  enum Waiter: Sendable {
    case one(@Sendable (Result<Commitment, any Error>) -> Void)
    case batch(BatchVerdicts, number: Int)

    /// - Parameter id: the statement's; without one it can't have become a record.
    func finish(_ verdict: Verdict, of id: Digest?, _ reader: LedgerReader) {
      switch self {
      case .batch(let batch, let number): batch.set(number, verdict)
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
      case .batch(let batch, let number): batch.fail(number, reason)
      case .one(let done): done(.failure(reason))
      }
    }
  }

  /// What limits are about.
  struct Load: Sendable {
    var statements: Int
    var bytes: Int
  }

  /// Leave to go on, with the keys of the roster in force.
  typealias Admission = Result<[Digest: PublicKey], CommitterUnavailable>

  /// A submitter awaiting room.
  struct QueuedSubmitter: Sendable {
    let load: Load
    let continuation: CheckedContinuation<Admission, Never>
  }

  /// What the committing thread is to do.
  enum Step: Sendable {
    case commit([Ticket], CutPolicy.Reason)
    /// Judge what has come, and tell those that they have waited long enough for the validators to decide.
    case judge(late: [Waiter])
    case sleep(until: ContinuousClock.Instant?)
    case end
  }

  struct State {
    let settings: Settings
    var reader: LedgerReader
    var roster: Roster
    var failure: (any Error)?

    /// What is under way.
    private(set) var load = Load(statements: 0, bytes: 0)
    private var submitters: [QueuedSubmitter] = []
    /// In how many parts statements are admitted whose signatures are being verified.
    private var admitting = 0

    /// Those that came alone, whose turn to be verified is still to come.
    private var unchecked: [Single] = []
    /// On how many threads single statements are being verified.
    private var checks = 0

    /// What waits for the validators to decide, and what is still to be judged for that; nil where the committer decides alone, and has
    /// `queue` instead.
    var waiting: WaitingStatements?

    private var queue: [Ticket] = []
    /// Since when the oldest of the queue waits.
    private var oldest = ContinuousClock.now

    /// How many blocks are being judged or put on the disk.
    private var blocks = 0
    private var isAsleep = false
    /// Until when, where the committing thread sleeps.
    private var alarm: ContinuousClock.Instant?
    var isStopping = false
    var isStopped = false
    var stopping: [CheckedContinuation<Void, Never>] = []
    /// Those that are notified of each block.
    var listeners: [Int: AsyncStream<LedgerReader>.Continuation] = [:]
    var nextListener = 0

    init(_ settings: Settings, reader: LedgerReader, roster: Roster) {
      (self.settings, self.reader, self.roster) = (settings, reader, roster)
    }
  }
}

// MARK: Admission

extension Committer.State {
  mutating func admit(_ load: Committer.Load) -> Committer.Admission {
    if let failure { return .failure(.failed(failure)) }
    if isStopping { return .failure(.stopping) }
    // Who came earlier has waited longer.
    guard submitters.isEmpty, hasRoom(for: load) else {
      return .failure(.busy(statementCount: self.load.statements))
    }
    return .success(take(load))
  }

  /// Admits one that came alone, to be verified with others.
  ///
  /// - Returns: why it can't be, where that is so.
  mutating func admit(_ single: Committer.Single) -> CommitterUnavailable? {
    if case .failure(let reason) = admit(Committer.Load(statements: 1, bytes: single.entry.count)) {
      return reason
    }
    unchecked.append(single)
    return nil
  }

  /// Lets `submitter` wait until there is room.
  mutating func queue(_ submitter: Committer.QueuedSubmitter) { submitters.append(submitter) }

  private func hasRoom(for load: Committer.Load) -> Bool {
    self.load.statements == 0
      || self.load.statements + load.statements <= settings.statementLimit
        && self.load.bytes + load.bytes <= settings.byteLimit
  }

  private mutating func take(_ load: Committer.Load) -> [Digest: PublicKey] {
    admitting += 1
    self.load.statements += load.statements
    self.load.bytes += load.bytes
    return roster.keys
  }

  /// Makes room, and gives it to those who wait for it: they are to be resumed outside of the lock.
  mutating func free(_ load: Committer.Load) -> [(Committer.QueuedSubmitter, Committer.Admission)] {
    self.load.statements -= load.statements
    self.load.bytes -= load.bytes
    var admitted: [(Committer.QueuedSubmitter, Committer.Admission)] = []
    while let next = submitters.first {
      if let failure {
        admitted.append((next, .failure(.failed(failure))))
      } else if isStopping {
        admitted.append((next, .failure(.stopping)))
      } else if hasRoom(for: next.load) {
        admitted.append((next, .success(take(next.load))))
      } else {
        break
      }
      submitters.removeFirst()
    }
    return admitted
  }

  /// Ends the admission of `load`, of which `tickets` go on to be judged unless the disk has failed.
  ///
  /// - Parameter admissions: in how many parts `load` was admitted.
  /// - Returns: whom to resume.
  mutating func enqueue(
    _ tickets: [Committer.Ticket], of load: Committer.Load, admissions: Int
  ) -> [(Committer.QueuedSubmitter, Committer.Admission)] {
    admitting -= admissions
    if failure != nil { return free(load) }
    var dropped = load
    for ticket in tickets {
      dropped.statements -= 1
      dropped.bytes -= ticket.candidate.byteCount
    }
    if waiting != nil {
      let end = ContinuousClock.now + settings.decisionLimit
      waiting?.add(tickets, until: end)
    } else {
      if queue.isEmpty { oldest = .now }
      queue += tickets
    }
    return free(dropped)
  }
}

// MARK: Verifying single statements

extension Committer.State {
  /// Whether somebody must begin to verify single statements; that is then taken as done.
  mutating func mustCheck() -> Bool {
    guard checks < Committer.cores, !unchecked.isEmpty else { return false }
    checks += 1
    return true
  }

  /// The single statements that who began, or has done with some, is to verify next, at most a part, with the keys in force; nil
  /// where there are none.
  mutating func takeUnchecked() -> ([Committer.Single], [Digest: PublicKey])? {
    checks -= 1
    guard mustCheck() else { return nil }
    let share = max(Committer.leastShare, (unchecked.count + Committer.cores - 1) / Committer.cores)
    var byteCount = 0
    let singles = unchecked.prefix(min(share, Committer.partLimit.statements)).prefix { single in
      defer { byteCount += single.entry.count }
      return byteCount < Committer.partLimit.bytes
    }
    unchecked.removeFirst(singles.count)
    return (Array(singles), roster.keys)
  }
}

// MARK: Cutting

extension Committer.State {
  private var policy: CutPolicy {
    let parameters = roster.terms.parameters
    return CutPolicy(
      maxSize: Int(clamping: parameters[Parameters.blockRecords]),
      maxAge: settings.blockDelay ?? .milliseconds(Int64(clamping: parameters[Parameters.blockDelay])))
  }

  private var decision: CutPolicy.Decision {
    if let waiting { return waiting.decision(now: .now) }
    return policy.decision(
      on: .init(count: queue.count, oldest: oldest, isWriting: blocks > 0, isMoreComing: admitting > 0),
      now: .now)
  }

  /// Whether nothing is there to be done, and nothing will come. Nobody waits for the validators to decide.
  private var isDone: Bool { isStopping && queue.isEmpty && admitting == 0 }

  /// What the committing thread, which is awake, is to do next; that is then taken as begun.
  mutating func nextStep() -> Committer.Step {
    isAsleep = false
    if isDone { return .end }
    switch decision {
    case .cut(let reason):
      if let late = waiting?.takeLate(now: .now) { return .judge(late: late) }
      return .commit(takeQueue(), reason)
    case .wait(let end):
      (isAsleep, alarm) = (true, end)
      return .sleep(until: end)
    }
  }

  /// How many statements are verified and wait to be judged.
  var queuedCount: Int { waiting?.unjudgedCount ?? queue.count }

  /// All that wait to be judged, who then do not any more.
  mutating func takeQueue() -> [Committer.Ticket] {
    defer { queue = [] }
    return queue
  }

  /// Whether the committing thread sleeps and has something to do or another time to look at; it is then taken as awake.
  mutating func mustWake() -> Bool {
    guard isAsleep, isDone || decision != .wait(until: alarm) else { return false }
    isAsleep = false
    return true
  }

  mutating func beginBlock() { blocks += 1 }

  /// Takes note that a block is on the disk, has failed, or is not made after all.
  mutating func endBlock() { blocks -= 1 }
}
