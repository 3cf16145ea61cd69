import Ledger
import LedgerCrypto
import Statements
import Testing

/// Rules for the harness alone: `note` writes its payload under its subject, `clear` removes it, and an empty payload is refused.
private struct Notes: RuleSet {
  static let note = "application/vnd.zheng.test.note+cbor"
  static let clear = "application/vnd.zheng.test.clear+cbor"

  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool { isReserved && contentType[22] == 0x74 }

  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    let key = StateKey("notes", statement.subject(of: entry) ?? "")
    if statement.contentType(of: entry) == Notes.clear { return [StateChange(key, nil)] }
    let payload = try statement.payload(of: entry)
    guard state.value(of: key) == nil else { throw Refusal(.duplicate, "a note is there already") }
    return [StateChange(key, payload.encoded)]
  }
}

@Suite("The test ledger")
struct TestLedgerTests {
  private let rules: [any RuleSet] = [Notes(), PlainRecords()]

  @Test(
    "keeps what rules write, over blocks and restarts, and a replay arrives at the same bytes",
    arguments: [false, true])
  func replay(isSigned: Bool) throws {
    var ledger = try TestLedger(["clerk": []], rules: rules, isSigned: isSigned)
    #expect(try ledger.submit(Notes.note, by: "clerk", about: "a", .text("one")).isAccepted)
    #expect(try ledger.submit(Notes.note, by: "clerk", about: "b", .text("two")).isAccepted)
    let before = ledger.dump
    #expect(try ledger.submit(Notes.note, by: "clerk", about: "a", .text("three")).code == "duplicate")
    #expect(ledger.dump == before)
    try ledger.restart()
    #expect(ledger.dump == before)
    try ledger.advance(by: 5000)
    #expect(try ledger.submit(Notes.clear, by: "clerk", about: "a", .null).isAccepted)
    #expect(try ledger.submit("text/plain", by: "clerk", [1, 2, 3]).isAccepted)
    #expect(ledger.value(StateKey("notes", "a")) == nil)
    #expect(ledger.dump != before)
    try ledger.cut()
    #expect(ledger.blocks.count == 3)
    #expect(try ledger.replayed() == ledger.dump)
  }

  @Test("a patched proposer's entry is found by the audit at its block and entry")
  func patched() throws {
    var ledger = try TestLedger(["clerk": []], rules: rules)
    #expect(try ledger.submit(Notes.note, by: "clerk", about: "a", .text("one")).isAccepted)
    try ledger.advance(by: 1000)
    let index = ledger.nextIndex
    let verdict = try ledger.submit(
      Notes.note, by: "clerk", about: "a", .text("two"), admitsRefused: true)
    #expect(verdict.code == "duplicate")
    try ledger.cut()
    let fault = try #require(ledger.audit().faults.first)
    #expect(fault.code == .refused && fault.refusal?.rawValue == "duplicate")
    #expect(fault.block == 2 && fault.entry == index)
  }
}
