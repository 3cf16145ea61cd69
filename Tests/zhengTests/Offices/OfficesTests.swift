import Foundation
import TestKit
import Testing

@Suite("Every office from its own machine", .timeLimit(.minutes(30)))
struct OfficesTests {
  @Test(
    "a clerk, a laboratory, a court and an auditor take an item of evidence from its deposit to its release through one node, and what they read is what the ledger's directory says"
  )
  func evidence() async throws {
    let host = try Sandbox()
    try await host.foundOffices()
    let node = try await LocalNode(host)
    let clerk = try Office("notary", of: host, at: node.url)
    let laboratory = try Office("laboratory", of: host, at: node.url)
    let court = try Office("court", of: host, at: node.url)
    let auditor = try Office("auditor", of: host, at: node.url)
    try clerk.box.write("contract.txt", "房屋租赁合同\n")

    try await clerk.zheng(
      "evidence", "deposit", "@", "contract.txt", "--item", "E-1", "--case", "(2026)豫01民初17号", "--method",
      "当面提交")
    try await clerk.zheng("evidence", "seal", "@", "E-1", "--seal", "S-1")
    try await clerk.zheng(
      "evidence", "offer", "@", "E-1", "contract.txt", "--to", "laboratory", "--seal", "S-1", "--purpose",
      "鉴定")
    #expect(try await clerk.zheng("evidence", "todo", "@").text == "")
    let offered = try await laboratory.json("evidence", "todo", "@")
    #expect(offered["item"] as? String == "E-1" && offered["state"] as? String == "in-transit")
    #expect((offered["next"] as? [[String: Any]])?.first?["what"] as? String == "accept")
    try laboratory.take("contract.txt", from: clerk)
    try court.take("contract.txt", from: clerk)
    try await court.zheng(
      "evidence", "accept", "@", "E-1", "contract.txt", "--seal", "S-1", "--location", "here", status: 2)
    try await laboratory.zheng(
      "evidence", "accept", "@", "E-1", "contract.txt", "--seal", "S-1", "--location", "laboratory")
    try await laboratory.zheng("evidence", "examine", "@", "E-1", "--method", "显微比对")
    try await laboratory.zheng("evidence", "reseal", "@", "E-1", "--seal", "S-2")
    try await laboratory.zheng(
      "evidence", "offer", "@", "E-1", "contract.txt", "--to", "notary", "--seal", "S-2", "--purpose", "归还")
    try await clerk.zheng(
      "evidence", "accept", "@", "E-1", "contract.txt", "--seal", "S-2", "--location", "evidence room")
    try await court.zheng("evidence", "hold", "@", "E-1", "--order", "保3号")
    let release = ["evidence", "release", "@", "E-1", "--order", "判决", "--outcome", "released"]
    let held = try await clerk.box.zheng(release + ["--json"])
    #expect(try held.status == 2 && held.json["code"] as? String == "legal-hold", "\(held.text)")
    try await court.zheng("evidence", "lift", "@", "E-1", "--order", "保3号")
    #expect(try await clerk.box.zheng(release).status == 0)
    #expect(try await court.json("evidence", "todo", "@")["item"] as? String == "E-1")
    try await court.zheng("evidence", "countersign", "@", "E-1")
    #expect(try await court.zheng("evidence", "todo", "@").errors.contains("nothing waits for court"))

    // A receiver needs nothing but the policy for what the court hands out.
    try await court.zheng("evidence", "certificate", "@", "E-1", "--out", "E-1.html")
    try await court.zheng("check", "E-1.html", "--policy", "policy", "--file", "contract.txt")
    try await auditor.zheng("prove", "@", "--item", "E-1", "--with-records", "--out", "E-1.proofs")
    try await auditor.zheng("check", "E-1.proofs", "--policy", "policy")
    try await auditor.zheng("prove", "@", "2", "--out", "deposit.tlog-proof")
    try await auditor.zheng("check", "deposit.tlog-proof", "--policy", "policy")
    try auditor.take("contract.txt", from: clerk)
    try auditor.box.write("other.txt", "other")
    let absent = try await auditor.zheng("find", "@", "other.txt")
    #expect(absent.text == "" && absent.errors.contains("never recorded"), "\(absent.errors)")
    try host.write("contract.txt", "房屋租赁合同\n")
    for words in [
      ["evidence", "status", "@", "E-1"], ["evidence", "history", "@", "E-1"], ["evidence", "list", "@"],
      ["evidence", "list", "@", "--custodian", "notary"], ["list", "@"], ["list", "@", "--subject", "E-1"],
      ["list", "@", "--issuer", "court"], ["find", "@", "contract.txt"], ["show", "@", "2"],
      ["show", "@", "3"],
      ["members", "@"], ["checkpoint", "@"],
    ] { try await auditor.expectSame(words, in: host) }
    try await node.stop()
    #expect(try await host.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test(
    "two bureaus, the authority and an auditor share data from the calendar to the erasure through one node, and what they read is what the ledger's directory says"
  )
  func sharing() async throws {
    let host = try Sandbox()
    try await host.foundOffices()
    let node = try await LocalNode(host)
    let bureau = try Office("bureau", of: host, at: node.url)
    let health = try Office("health", of: host, at: node.url)
    let education = try Office("education", of: host, at: node.url)
    let auditor = try Office("auditor", of: host, at: node.url)
    try bureau.box.write(
      "calendar.json",
      #"{"version":"2026-1","basis":"通知","holidays":["2026-10-01"],"working":["2026-10-10"]}"#)
    try health.box.write("births.csv", SharedData.csv)

    try await bureau.zheng("share", "calendar", "@", "calendar.json")
    let offer = try await health.json(
      "share", "catalogue", "@", "BIRTHS", "--name", "出生医学证明", "--item", "姓名", "--item", "出生日期",
      "--attribute",
      "unconditional", "--grade", "重要", "--format", "CSV", "--frequency", "每日", "--method", "文件")
    let waiting = try await bureau.json("share", "todo", "@")
    #expect(waiting["owed"] as? String == "countersignature" && waiting["entry"] as? String == "BIRTHS")
    try await bureau.zheng("share", "countersign", "@", try #require(offer["id"] as? String))
    let ask = [
      "share", "request", "@", "R-1", "--entry", "BIRTHS", "--item", "出生日期", "--purpose", "入学核验", "--basis",
      "义务教育法",
      "--handler", "基础教育科", "--until", "2099-12-31", "--scenario",
    ]
    #expect(try await education.box.zheng(ask + ["11010519491231002X"]).status == 2)
    #expect(try await education.box.zheng(ask + ["新生登记"]).status == 0)
    #expect(try await health.json("share", "todo", "@")["owed"] as? String == "reply")
    #expect(try await auditor.json("share", "todo", "@", "--member", "health")["subject"] as? String == "R-1")
    #expect(try await bureau.zheng("share", "todo", "@").errors.contains("nothing waits for bureau"))
    try await health.zheng("share", "grant", "@", "R-1", "--limit", "2")
    try await health.zheng(
      "share", "deliver", "@", "R-1", "--file", "births.csv", "--records", "2", "--vault", "vault", "--out",
      "hand")
    for name in ["hand/births.csv", "hand/births.csv.salt"] { try education.take(name, from: health) }
    let receipt = try await education.json(
      "share", "receipt", "@", "R-1", "--file", "hand/births.csv", "--salt", "hand/births.csv.salt",
      "--vault",
      "vault")
    #expect(receipt["match"] as? Bool == true)
    try await education.zheng("share", "use", "@", "R-1", "--purpose", "入学核验", "--reference", "第三批")
    try await education.zheng(
      "share", "use", "@", "R-1", "--purpose", "商业营销", "--reference", "第三批", status: 2)
    let objection = try await education.json(
      "share", "object", "@", "--request", "R-1", "--fault", "incomplete", "--detail", "缺少9月")
    try await health.zheng(
      "share", "answer", "@", try #require(objection["id"] as? String), "--outcome", "rejected", "--reply",
      "与登记一致")
    #expect(try await education.box.zheng(ask.map { $0 == "R-1" ? "R-2" : $0 } + ["统计"]).status == 0)
    try await health.zheng("share", "refuse", "@", "R-2", "--reason", "超出履职需要", "--basis", "数据安全法第三十八条")
    #expect(try await education.box.zheng(ask.map { $0 == "R-1" ? "R-3" : $0 } + ["新生"]).status == 0)
    try await education.zheng(
      "share", "erase", "@", "R-1", "--delivery", "1", "--reason", "用毕销毁", "--vault", "vault")

    try await bureau.box.makeKey("archive")
    try await bureau.zheng(
      "members", "add", "@", "archive", "--zh", "档案馆", "--role", "auditor", "--public-key", "archive.pub.pem")
    for words in [
      ["share", "board", "@"], ["share", "board", "@", "--bureau", "health"],
      ["share", "board", "@", "--at", "2099-03-01"], ["share", "requests", "@"], ["share", "entries", "@"],
      ["share", "history", "@", "R-1"], ["share", "objections", "@"], ["share", "report", "@"],
      ["members", "@"],
      ["list", "@", "--limit", "3"],
    ] { try await auditor.expectSame(words, in: host) }
    let past = try await auditor.zheng("share", "board", "@", "--at", "2020-01-01")
    #expect(past.errors.contains("which is copied to"), "\(past.errors)")
    try await node.stop()
    #expect(
      try await host.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }
}

extension Office {
  /// Expects that a command says here what it says in the ledger's directory.
  func expectSame(
    _ words: [String], in host: Sandbox, _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let here = try await box.zheng(words + ["--json"])
    let there = try await host.zheng(words.map { $0 == "@" ? "ledger" : $0 } + ["--json"])
    #expect(here.status == 0 && there.status == 0, "\(words): \(here.errors)", sourceLocation: location)
    #expect(!here.text.isEmpty, "\(words)", sourceLocation: location)
    #expect(here.text == there.text, "\(words)", sourceLocation: location)
  }
}
