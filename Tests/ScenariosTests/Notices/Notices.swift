import Ledger
import LedgerCrypto
import Scenarios

/// Public notices (公告): the smallest scenario, for whoever writes the next one. A clerk announces a notice, named by the claim
/// `sub`; who announced it may withdraw it, once.
enum Notices {
  /// `notices.announce`.
  struct Announce: FieldList {
    static let name = "announce"
    var title = ""
    var until: UInt64?

    func check() throws(Refusal) {
      guard until != 0 else { throw Refusal(.malformed, "announce: it ends before it begins") }
    }

    mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("title", &title, 1...200, .searchedLine)
      try visitor.time("until", &until)
    }
  }

  /// `notices.withdraw`.
  struct Withdraw: FieldList {
    static let name = "withdraw"
    var reason = ""

    mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("reason", &reason, 1...1024, .searchedProse)
    }
  }

  /// A notice as it stands: the value at `notices/notice/NOTICE`.
  struct Notice: FieldList, StateValue, Hashable {
    enum State: String, CaseIterable, Sendable { case announced, withdrawn }

    static let name = "notice"
    var state = State.announced
    var title = ""
    var clerk = ""

    static func key(_ notice: String) -> StateKey { StateKey("notices", "notice", notice) }

    mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.member("clerk", &clerk)
      try visitor.word("state", &state)
      try visitor.text("title", &title, 1...200, .plain)
    }
  }

  static let clerk = Role("clerk", zh: "经办人", meaning: "announces notices")

  /// What is registered.
  static let scenario = Scenario(
    "notices", roles: [clerk],
    kinds: [
      ScenarioKind("announce", Announce.self, judge: announce),
      ScenarioKind("withdraw", Withdraw.self, judge: withdraw),
    ],
    records: [ScenarioRecord("notices/notice/NOTICE", Notice.self)],
    transitions: [
      Transition("announce", by: "clerk", from: [], to: ["announced"], refusals: [.role, .duplicate]),
      Transition(
        "withdraw", by: "who announced it", from: ["announced"], to: ["withdrawn"],
        refusals: [.wrongState, .role]),
    ],
    wording: Scenario.Wording(unknownKind: "notices know no kind"))

  @Sendable private static func announce(
    _ statement: JudgedStatement, _ entry: Span<UInt8>, _ state: StateReader
  ) throws(Refusal) -> [StateChange] {
    let announce = try statement.payload(Announce.self, of: entry)
    let key = Notice.key(try name(statement, entry))
    guard statement.issuer.roles.contains(clerk.id) else {
      throw Refusal(.role, "a clerk announces notices; \(statement.issuer.id) is none")
    }
    guard !state.hasValue(at: key) else { throw Refusal(.duplicate, "there is such a notice already") }
    return [StateChange(key, Notice(title: announce.title, clerk: statement.issuer.id))]
  }

  @Sendable private static func withdraw(
    _ statement: JudgedStatement, _ entry: Span<UInt8>, _ state: StateReader
  ) throws(Refusal) -> [StateChange] {
    _ = try statement.payload(Withdraw.self, of: entry)
    let key = Notice.key(try name(statement, entry))
    guard var notice = try state.value(of: key, as: Notice.self), notice.state == .announced else {
      throw Refusal(.wrongState, "there is no such notice, or it was withdrawn")
    }
    guard notice.clerk == statement.issuer.id else {
      throw Refusal(.role, "only \(notice.clerk) withdraws it")
    }
    notice.state = .withdrawn
    return [StateChange(key, notice)]
  }

  private static func name(_ statement: JudgedStatement, _ entry: Span<UInt8>) throws(Refusal) -> String {
    guard let name = statement.subject(of: entry) else {
      throw Refusal(.malformed, "a statement about a notice names it in its claim sub")
    }
    try PersonalData.refuse(in: name, as: "the notice's name")
    return name
  }
}
