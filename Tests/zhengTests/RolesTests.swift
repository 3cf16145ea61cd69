import Foundation
import Ledger
import Scenarios
import TestKit
import Testing

@Suite("Roles, and what founding shows")
struct RolesTests {
  @Test("a mistyped role is refused at founding and in a proposal, with the one that was meant")
  func mistyped() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(zheng: "key", "new", "police.pem", "--public", "police.pub.pem")
    try box.write(
      "c.json", ConsortiumDraft([.init("notary", roles: ["custodain"])]).json)
    let founding = try await box.zheng(
      "init", "other", "--consortium", "c.json", "--key", "notary.pem", "--json")
    #expect(try founding.status == 2 && founding.json["code"] as? String == "unknown-role")
    #expect(try (founding.json["detail"] as? String)?.contains("did you mean \"custodian\"?") == true)
    #expect(!box.exists("other"))
    let proposal = try await box.zheng(
      "members", "add", "ledger", "police", "--en", "Police", "--role", "colector", "--public-key",
      "police.pub.pem",
      "--key", "notary.pem")
    #expect(proposal.status == 2 && proposal.errors.contains("did you mean \"collector\"?"))
    #expect(
      try await box.zheng(
        "members", "add", "ledger", "police", "--en", "Police", "--role", "x-boss", "--public-key",
        "police.pub.pem",
        "--key", "notary.pem"
      ).status == 0)
  }

  @Test("init shows members, roles, administrators and who alone could block everything, before it signs")
  func plan() async throws {
    let box = try Sandbox()
    for member in ["notary", "court"] {
      try await box.must(zheng: "key", "new", "\(member).pem", "--public", "\(member).pub.pem")
    }
    var draft = ConsortiumDraft([
      .init("notary", roles: ["custodian"]), .init("court", roles: ["court"], zh: "中级人民法院"),
    ])
    draft.administrators = ["notary", "court"]
    draft.threshold = 2
    try box.write("c.json", draft.json)
    let dry = try await box.must(
      zheng: "init", "ledger", "--consortium", "c.json", "--key", "notary.pem", "--dry-run")
    #expect(!box.exists("ledger"))
    for words in [
      "中级人民法院", "court, notary; 2 of 2 must approve", "each of court, notary can block every change",
      "one lost key freezes the roster", "custodian", "nothing was signed or written",
    ] { #expect(dry.text.contains(words), "\(words): \(dry.text)") }
    let json = try await box.zheng(
      "init", "ledger", "--consortium", "c.json", "--key", "notary.pem", "--dry-run", "--json"
    ).json
    let administrators = try #require(json["administrators"] as? [String: Any])
    #expect(
      administrators["blockers"] as? [String] == ["court", "notary"]
        && administrators["threshold"] as? Int == 2)
    draft.threshold = 1
    try box.write("c.json", draft.json)
    let founded = try await box.must(zheng: "init", "ledger", "--consortium", "c.json", "--key", "notary.pem")
    #expect(founded.text.contains("1 of 2 must approve") && !founded.text.contains("WARNING"))
  }

  @Test("a key that is there twice in the consortium file is refused with its place")
  func twice() async throws {
    let box = try Sandbox()
    try await box.must(zheng: "key", "new", "notary.pem", "--public", "notary.pub.pem")
    let good = try ConsortiumDraft([.init("notary", roles: [])]).json
    try box.write(
      "c.json", good.replacingOccurrences(of: "\"threshold\":1", with: "\"threshold\":2,\n\"threshold\":1"))
    let outcome = try await box.zheng("init", "ledger", "--consortium", "c.json", "--key", "notary.pem")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("c.json: line 2, column 1") && outcome.errors.contains("twice"))
  }

  @Test("every role is in the help of init, evidence and set-roles, from the one table")
  func help() async throws {
    let box = try Sandbox()
    #expect(Scenarios.roles.map(\.id).sorted() == Set(Scenarios.roles.map(\.id)).sorted())
    for command in ["init", "evidence", "members set-roles"] {
      let text =
        try await box.must(zheng: "help").text
        + box.zheng(["help"] + command.split(separator: " ").map(String.init)).text
      let roles = command == "evidence" ? Evidence.scenario.roles : Scenarios.roles
      for role in roles {
        #expect(text.contains(role.id) && text.contains(role.zh), "\(command): \(role.id)")
      }
    }
  }

  @Test("roles and names change by proposal, a removed member comes back, and removal says what it still has")
  func changes() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("f", "x")
    try await box.deposit("f", as: "E-1", by: "police")
    func members(_ words: String..., key: String = "admin") async throws -> Outcome {
      try await box.zheng(["members"] + words + ["--key", "\(key).pem", "--json"])
    }
    #expect(
      try await members("set-roles", "ledger", "court", "--role", "court", "--role", "supervisor").status == 0
    )
    #expect(try await members("set-roles", "ledger", "court").status == 64)
    #expect(try await members("rename", "ledger", "court", "--zh", "市中级人民法院").status == 0)
    let shown = try await box.zheng("members", "ledger").text
    #expect(shown.contains("court  市中级人民法院; court, supervisor"))
    let removed = try await members("remove", "ledger", "police")
    #expect(
      removed.status == 0 && removed.errors.contains("items in its custody") && removed.errors.contains("E-1")
    )
    let holds = try #require(try removed.json["holds"] as? [String: [String]])
    #expect(Array(holds.values) == [["E-1"]])
    try await box.must(zheng: "key", "new", "police-2.pem", "--public", "police-2.pub.pem")
    let back = try await members(
      "add", "ledger", "police", "--zh", "公安局", "--role", "collector", "--public-key", "police-2.pub.pem")
    #expect(back.status == 0 && back.errors.contains("comes back"))
    #expect(try await box.zheng("append", "ledger", "--key", "police-2.pem", "f").status == 0)
    #expect(try await box.zheng("append", "ledger", "--key", "police.pem", "f").status == 2)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }
}
