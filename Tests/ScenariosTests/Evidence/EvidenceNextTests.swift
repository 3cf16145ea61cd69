import Ledger
import Scenarios
import Testing

@Suite("Evidence: what may come next")
struct EvidenceNextTests {
  private func next(_ ledger: EvidenceLedger) throws -> [Evidence.Step] {
    guard let item = try ledger.item() else { return [] }
    return Evidence.next(
      item, pending: try item.pending.flatMap { try ledger.pending($0) }, roster: ledger.ledger.roster,
      at: ledger.ledger.height)
  }

  @Test(
    "what is said to come next is accepted from whoever may sign it", arguments: EvidenceLedger.Stage.allCases
  )
  func accepted(stage: EvidenceLedger.Stage) throws {
    var ledger = try EvidenceLedger()
    try ledger.bring(to: stage)
    for step in try next(ledger) {
      #expect(!step.who.isEmpty)
      for member in step.who {
        var fresh = try EvidenceLedger()
        try fresh.bring(to: stage)
        let verdict = try fresh.submit(fresh.payload(step.kind), by: member)
        #expect(verdict.isAccepted, "\(step.kind) by \(member): \(verdict.code)")
      }
    }
  }

  @Test("the kinds that come next are those of the state, in the order of the table")
  func kinds() throws {
    let expected: [(EvidenceLedger.Stage, [EvidenceKind])] = [
      (.deposited, [.seal]), (.sealed, [.offer, .release]), (.sealedAtLab, [.offer, .examine, .release]),
      (.inTransit, [.accept, .decline]), (.examining, [.reseal]), (.disputed, [.resolve]), (.released, []),
    ]
    for (stage, kinds) in expected {
      var ledger = try EvidenceLedger()
      try ledger.bring(to: stage)
      #expect(try next(ledger).map(\.kind) == kinds, "\(stage)")
    }
  }

  @Test("what no member could countersign is not offered")
  func withoutCourt() throws {
    var members = EvidenceLedger.members
    members["court"] = []
    members["supervisor"] = []
    var ledger = try EvidenceLedger(members: members)
    try ledger.bring(to: .sealed)
    #expect(try next(ledger).map(\.kind) == [.offer])
    ledger = try EvidenceLedger(members: members)
    try ledger.bring(to: .disputed)
    #expect(try next(ledger).isEmpty)
  }

  @Test("a countersignature that is waited for comes first, and its kind is not offered again")
  func pending() throws {
    var ledger = try EvidenceLedger()
    try ledger.bring(to: .sealed)
    try ledger.accept(ledger.payload(.release), by: "office")
    let steps = try next(ledger)
    #expect(steps.map(\.kind) == [.release, .offer])
    #expect(steps.map(\.isCountersignature) == [true, false])
    #expect(steps[0].who == ["court"])
  }

  @Test("an order that holds the item keeps its release back, and may be lifted")
  func held() throws {
    var ledger = try EvidenceLedger()
    try ledger.bring(to: .sealed)
    try ledger.accept(ledger.payload(.hold), by: "court")
    #expect(try next(ledger).map(\.kind) == [.offer, .lift])
  }
}
