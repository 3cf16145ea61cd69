import Ledger
import Testing

@testable import LedgerStore

@Suite("What a committer decides under its lock")
struct CommitterStateTests {
  @Test("the time from which on a statement waits is looked at, although others are still being admitted")
  func deadline() throws {
    let ledger = try TestConsortium().found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let candidates = try (0..<2).map { ledger.candidate(try ledger.statement([UInt8($0)]), writer) }
    var settings = Committer.Settings()
    settings.blockDelay = .seconds(3600)
    var state = Committer.State(settings, reader: try writer.reader(), roster: writer.state.roster)
    let loads = candidates.map { Committer.Load(statements: 1, bytes: $0.byteCount) }
    func enqueue(_ number: Int) {
      let waiter = Committer.Waiter.one { _ in }
      let admitted = state.enqueue(
        [Committer.Ticket(candidate: candidates[number], waiter: waiter)], of: loads[number], admissions: 1)
      #expect(admitted.isEmpty)
    }
    func mustWake() -> Bool { state.mustWake() }

    guard case .sleep = state.nextStep() else { throw Refusal(.malformed, "nothing is there to commit") }
    for load in loads { _ = try state.admit(load).get() }
    let before = ContinuousClock.now
    enqueue(0)
    #expect(mustWake())
    #expect(!mustWake(), "it is awake")
    // The other may be long in coming: not longer than the delay is waited for it.
    guard case .sleep(let end?) = state.nextStep() else { throw Refusal(.malformed, "one is still to come") }
    #expect(before + .seconds(3600) <= end && end <= .now + .seconds(3600))
    enqueue(1)
    #expect(mustWake())
    guard case .commit(let batch, .idle) = state.nextStep() else {
      throw Refusal(.malformed, "all are there")
    }
    #expect(batch.map(\.candidate.entry) == candidates.map(\.entry))
    #expect(state.load.statements == 2, "they are under way until they are answered")
  }
}
