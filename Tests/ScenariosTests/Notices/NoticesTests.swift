import Ledger
import Scenarios
import Statements
import Testing

@Suite("A third scenario, registered here alone")
struct NoticesTests {
  private var ledger: TestLedger

  init() throws {
    ledger = try TestLedger(
      ["hall": ["clerk"], "desk": ["clerk"], "guest": []], rules: [PlainRecords(), Notices.scenario])
  }

  private mutating func submit(
    _ payload: some FieldList, by member: String, about notice: String? = "公告-1"
  ) throws -> String {
    let kind = payload is Notices.Announce ? "announce" : "withdraw"
    return try ledger.submit(
      "application/vnd.zheng.notices.\(kind)+cbor", by: member, about: notice, payload.encoded
    ).code
  }

  private let announce = Notices.Announce(title: "停水通知")
  private let withdraw = Notices.Withdraw(reason: "已恢复供水")

  @Test("each kind is refused for each of its reasons, and accepted otherwise")
  mutating func judged() throws {
    #expect(try submit(withdraw, by: "hall") == "wrong-state")
    #expect(try submit(announce, by: "guest") == "role")
    #expect(try submit(announce, by: "hall", about: nil) == "malformed")
    #expect(try submit(announce, by: "hall", about: "13812345678") == "personal-data")
    #expect(try submit(Notices.Announce(title: "致电13812345678"), by: "hall") == "personal-data")
    #expect(try submit(Notices.Announce(title: ""), by: "hall") == "malformed")
    #expect(try submit(Notices.Announce(title: "x", until: 0), by: "hall") == "malformed")
    #expect(try submit(announce, by: "hall") == "accepted")
    #expect(try submit(announce, by: "desk") == "duplicate")
    #expect(try submit(withdraw, by: "desk") == "role")
    #expect(try submit(withdraw, by: "hall") == "accepted")
    #expect(try submit(withdraw, by: "hall") == "wrong-state")
    let other = try ledger.submit(
      "application/vnd.zheng.notices.amend+cbor", by: "hall", about: "公告-1", announce.encoded)
    #expect(other.code == "unknown-kind")
  }

  @Test("the notice is kept as it stands")
  mutating func kept() throws {
    _ = try submit(announce, by: "hall")
    let value = try #require(ledger.value(Notices.Notice.key("公告-1")))
    #expect(try Notices.Notice(decoding: value) == Notices.Notice(title: "停水通知", clerk: "hall"))
    #expect(try CBOR(decoding: value) == ["clerk": "hall", "state": "announced", "title": "停水通知"])
  }

  @Test("it tells what it is: its table and its fields")
  func told() {
    #expect(
      Notices.scenario.table == """
        | kind | from → to | who | refusals |
        |---|---|---|---|
        | `announce` | – → announced | clerk | role, duplicate |
        | `withdraw` | announced → withdrawn | who announced it | wrong-state, role |
        """)
    #expect(
      Notices.scenario.cddl.hasPrefix(
        """
        ; application/vnd.zheng.notices.announce+cbor
        announce = {
          title: tstr .size (1..200), ; searched
          ? until: 0..1099511627776,
        }
        """))
  }
}
