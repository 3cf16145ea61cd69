import Ledger
import LedgerCrypto

/// What waits at a committer whose blocks several validators decide together: statements to be judged, those that were judged good, and
/// who is to hear of them.
///
/// A statement stays until a block holds it or it is refused, however long that takes; its submitters wait no longer than they were given.
struct WaitingStatements: Sendable {
  /// A statement whose signature was checked.
  private struct Statement: Sendable {
    let candidate: LedgerWriter.Candidate
    /// Whether it came from a submitter and not from another validator.
    let isOwn: Bool
    /// The numbers of its submitters, the first first; of some that are gone, too.
    var submitters: [UInt64]
  }

  /// What is to be said to whom, outside of the lock, and what there is room for again.
  struct Answers {
    var verdicts: [(waiter: Committer.Waiter, verdict: Verdict, id: Digest?)] = []
    var freed = Committer.Load(statements: 0, bytes: 0)
  }

  /// The most that are judged in one go, so that a block that was decided need not wait long.
  static let mostAtOnce = Committer.partLimit.statements

  /// To be judged, in their order.
  private var unjudged: [Statement] = []
  /// What is being judged.
  private var underJudgement: [Statement] = []
  /// The ids of those that were judged good, in their order.
  private var order: [Digest] = []
  private var good: [Digest: Statement] = [:]
  /// Whether what was judged good fills a block, so that the rest waits to be judged.
  private var isFull = false
  /// What was checked of the statements here, by leaf hash.
  private var checked: [Digest: CheckedEntry] = [:]
  private var submitters: [UInt64: Committer.Waiter] = [:]
  private var nextSubmitter: UInt64 = 0
  /// Until when submitters wait, in that order; of some that are gone, too.
  private var deadlines: ArraySlice<(end: ContinuousClock.Instant, submitter: UInt64)> = []

  /// How many are still to be judged.
  var unjudgedCount: Int { unjudged.count }
  /// Whether something that was judged good waits.
  var isWorkWaiting: Bool { !order.isEmpty }

  /// Those that were judged good, in the order in which they came.
  var candidates: [LedgerWriter.Candidate] { order.compactMap { good[$0]?.candidate } }

  /// The entries of the first `count` of them.
  func entries(atMost count: Int) -> [[UInt8]] {
    order.prefix(count).compactMap { good[$0]?.candidate.entry }
  }

  /// What was checked of the entry with this leaf hash, if it waits here.
  func checked(_ leaf: Digest) -> CheckedEntry? { checked[leaf] }

  // MARK: Coming

  /// Takes in what is to be judged; its submitters wait until `end`, which no earlier one's is after.
  mutating func add(_ tickets: [Committer.Ticket], until end: ContinuousClock.Instant) {
    for ticket in tickets {
      var numbers: [UInt64] = []
      if let waiter = ticket.waiter {
        numbers.append(nextSubmitter)
        submitters[nextSubmitter] = waiter
        deadlines.append((end, nextSubmitter))
        nextSubmitter += 1
      }
      checked[ticket.candidate.checked.leaf] = ticket.candidate.checked
      unjudged.append(
        Statement(candidate: ticket.candidate, isOwn: ticket.waiter != nil, submitters: numbers))
    }
  }

  /// What the committing thread is to do: to cut is to judge, or to tell those that have waited long enough.
  func decision(now: ContinuousClock.Instant) -> CutPolicy.Decision {
    if !unjudged.isEmpty, !isFull { return .cut(.idle) }
    guard let first = deadlines.first else { return .wait(until: nil) }
    return first.end <= now ? .cut(.aged) : .wait(until: first.end)
  }

  /// Those whose time is over, who do not wait any more.
  mutating func takeLate(now: ContinuousClock.Instant) -> [Committer.Waiter] {
    var late: [Committer.Waiter] = []
    while let first = deadlines.first, first.end <= now || submitters[first.submitter] == nil {
      deadlines.removeFirst()
      if let waiter = submitters.removeValue(forKey: first.submitter) { late.append(waiter) }
    }
    return late
  }

  // MARK: Judging

  /// What is to be judged next, a part; `settle` must follow, or `refuse`.
  mutating func takeUnjudged() -> [LedgerWriter.Candidate] {
    guard !isFull else { return [] }
    underJudgement = Array(unjudged.prefix(Self.mostAtOnce))
    unjudged.removeFirst(underJudgement.count)
    return underJudgement.map(\.candidate)
  }

  /// Takes in what was judged: `again`, the verdicts on those that were judged good before, where they were judged anew, and `verdicts`
  /// on the part that was taken; fewer where there was no room for more.
  ///
  /// - Parameter block: the height of the block after which they were judged: a refusal names it.
  /// - Returns: also what is to be passed on, and whether anything was newly judged good.
  mutating func settle(
    again: [Verdict]?, _ verdicts: [Verdict], asOf block: UInt64
  ) -> (answers: Answers, passedOn: [[UInt8]], isNews: Bool) {
    var answers = Answers()
    for (id, verdict) in zip(order, again ?? []) {
      if case .accepted = verdict { continue }
      if let statement = good.removeValue(forKey: id) { answer(statement, verdict.asOf(block), &answers) }
    }
    if answers.freed.statements > 0 { dropAnswered() }
    var (passedOn, isNews): ([[UInt8]], Bool) = ([], false)
    for (statement, verdict) in zip(underJudgement, verdicts) {
      let id = statement.candidate.checked.identity?.id
      switch (verdict, id) {
      case (.accepted, let id?):
        good[id] = statement
        order.append(id)
        isNews = true
        if statement.isOwn { passedOn.append(statement.candidate.entry) }
      case (.duplicate, let id?) where good[id] != nil:
        // Sent again while it waits.
        good[id]?.submitters += statement.submitters
        let candidate = statement.candidate
        answers.freed.statements += 1
        answers.freed.bytes += candidate.byteCount
        if candidate.checked.leaf != good[id]?.candidate.checked.leaf {
          checked[candidate.checked.leaf] = nil
        }
      default: answer(statement, verdict.asOf(block), &answers)
      }
    }
    if verdicts.count < underJudgement.count {
      unjudged.insert(contentsOf: underJudgement.dropFirst(verdicts.count), at: 0)
      isFull = true
    }
    underJudgement = []
    return (answers, passedOn, isNews)
  }

  /// Refuses the part that was taken.
  mutating func refuse(_ refusal: Refusal) -> Answers {
    var answers = Answers()
    for statement in underJudgement { answer(statement, .refused(refusal), &answers) }
    underJudgement = []
    return answers
  }

  private mutating func answer(_ statement: Statement, _ verdict: Verdict, _ answers: inout Answers) {
    let (candidate, id) = (statement.candidate, statement.candidate.checked.identity?.id)
    checked[candidate.checked.leaf] = nil
    answers.freed.statements += 1
    answers.freed.bytes += candidate.byteCount
    var verdict = verdict
    for number in statement.submitters {
      guard let waiter = submitters.removeValue(forKey: number) else { continue }
      answers.verdicts.append((waiter, verdict, id))
      // It was a record already when the next sent it.
      if case .accepted(let receipt) = verdict { verdict = .duplicate(receipt) }
    }
  }

  /// Forgets in their order those that are gone; there is room again.
  private mutating func dropAnswered() {
    order.removeAll { good[$0] == nil }
    isFull = false
    while let first = deadlines.first, submitters[first.submitter] == nil { deadlines.removeFirst() }
  }

  // MARK: Going

  /// Answers those whose statements are in a block that was committed.
  ///
  /// - Parameter receipts: where the block's statements stand.
  mutating func commit(_ receipts: [Digest: Receipt]) -> Answers {
    var answers = Answers()
    for id in order {
      guard let receipt = receipts[id], let statement = good.removeValue(forKey: id) else { continue }
      answer(statement, .accepted(receipt), &answers)
    }
    var rest: [Statement] = []
    for statement in unjudged {
      // The same id with a good signature is the same statement.
      if case .decoded(let decoded) = statement.candidate.checked.content, decoded.signature == .valid,
        let receipt = receipts[decoded.id]
      {
        answer(statement, .accepted(receipt), &answers)
      } else {
        rest.append(statement)
      }
    }
    unjudged = rest
    dropAnswered()
    return answers
  }

  /// All that wait, who then do not any more, and what there is room for: nothing is kept.
  mutating func removeAll() -> (submitters: [Committer.Waiter], freed: Committer.Load) {
    let left = unjudged + underJudgement + good.values
    defer { self = WaitingStatements() }
    return (
      Array(submitters.values),
      Committer.Load(
        statements: left.count, bytes: left.reduce(0) { $0 + $1.candidate.byteCount })
    )
  }
}

extension Verdict {
  /// This, and a refusal with the height of the block as of which it holds: another block may come that allows what it refuses.
  fileprivate func asOf(_ block: UInt64) -> Verdict {
    guard case .refused(let refusal) = self else { return self }
    return .refused(Refusal(refusal.code, "\(refusal.reason) (as of block \(block))"))
  }
}
