import Foundation
import TestKit
import Testing

@Suite("zheng share: each kind, and what it leaves behind")
struct SharingStoryTests {
  @Test("from the calendar to the erasure, each kind once; and the ledger verifies")
  func story() async throws {
    let box = try SharingSandbox()
    try await box.found()
    try box.box.write("births.csv", SharedData.csv)
    try box.box.write(
      "calendar.json",
      #"{"version":"2026-1","basis":"国务院办公厅通知","holidays":["2026-10-01"],"working":["2026-10-10"]}"#)
    let calendar = try await box.must("calendar", "ledger", "calendar.json", as: "bureau")
    #expect(calendar["version"] as? String == "2026-1")

    let offer = try await box.share(box.offer("BIRTHS", lead: "姓名"), as: "health").json
    let waiting = try await box.must("entries", "ledger", "--waiting")
    #expect(waiting["statement"] as? String == offer["id"] as? String)
    #expect(try await box.share("entries", "ledger").text.isEmpty)
    try await box.must("countersign", "ledger", try #require(offer["id"] as? String), as: "bureau")
    let entry = try await box.must("entries", "ledger", "--item", "姓名")
    #expect(entry["provider"] as? String == "health" && entry["authority"] as? String == "bureau")
    #expect(entry["lead"] as? [String] == ["姓名"])

    let asked = try #require(
      try await box.share(box.ask("R-1"), as: "education").json["request"] as? [String: Any])
    #expect(asked["state"] as? String == "submitted" && asked["calendar"] as? String == "2026-1")
    #expect(try await box.must("board", "ledger")["owed"] as? String == "reply")
    let granted = try #require(
      try await box.must("grant", "ledger", "R-1", "--conditions", "用毕销毁", as: "health")["request"]
        as? [String: Any])
    #expect(granted["state"] as? String == "granted" && granted["late"] as? Bool == false)
    #expect(try await box.must("board", "ledger", "--bureau", "education")["owed"] as? String == "delivery")

    let delivered = try await box.delivered("R-1")
    #expect(delivered["delivery"] as? Int == 1)
    #expect(try await box.must("board", "ledger")["owed"] as? String == "receipt")
    let received = try await box.must(
      "receipt", "ledger", "R-1", "--file", "hand-R-1-1/births.csv", "--salt", "hand-R-1-1/births.csv.salt",
      "--vault", "school", as: "education")
    #expect(received["match"] as? Bool == true)
    #expect(received["commitment"] as? String == delivered["commitment"] as? String)
    let use = ["use", "ledger", "R-1", "--purpose", "入学核验/第三批", "--reference"]
    #expect(try await box.share(use + ["B-1"], as: "education").json["openObjections"] as? Int == 0)
    let objection = try await box.must(
      "object", "ledger", "--request", "R-1", "--fault", "incomplete", "--detail", "缺少9月", as: "education")
    #expect(try await box.share(use + ["B-2"], as: "education").json["openObjections"] as? Int == 1)
    let id = try #require(objection["id"] as? String)
    #expect(try await box.must("objections", "ledger", "--open")["objection"] as? String == id)
    let answer = try #require(
      try await box.must(
        "answer", "ledger", id, "--outcome", "rejected", "--reply", "与登记一致", as: "health")["objection"]
        as? [String: Any])
    #expect(answer["state"] as? String == "answered" && answer["late"] as? Bool == false)
    #expect(try await box.share("objections", "ledger", "--open").text.isEmpty)
    try await box.must("object", "ledger", "--entry", "BIRTHS", "--fault", "outdated", as: "education")

    #expect(try await box.share(box.ask("R-2", purpose: "统计"), as: "civil").status == 0)
    let refused = try await box.must("refuse", "ledger", "R-2", "--reason", "超出履职需要", as: "health")
    #expect((refused["request"] as? [String: Any])?["state"] as? String == "refused")
    let revoked = try await box.must("revoke", "ledger", "R-1", "--basis", "主管部门第5号决定", as: "bureau")
    #expect((revoked["request"] as? [String: Any])?["state"] as? String == "revoked")
    let erased = try await box.must(
      "erase", "ledger", "R-1", "--delivery", "1", "--reason", "用毕销毁", "--vault", "school", as: "education")
    #expect(erased["erased"] as? Bool == true)

    try await history(box)
    try await searches(box)
    #expect(try await box.box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  private func history(_ box: SharingSandbox) async throws {
    let history = try await box.must("history", "ledger", "R-1")
    let events = try #require(history["history"] as? [[String: Any]])
    #expect(
      events.map { $0["kind"] as? String } == [
        "request", "grant", "deliver", "receipt", "use", "object", "use", "answer", "revoke", "erase",
      ])
    #expect(events.map { $0["mark"] as? String }[4] == nil)
    #expect(events.map { $0["mark"] as? String }[6] == "OBJECTED TO")
    // Each line names an entry that can be proven.
    let index = try #require(events[1]["index"] as? Int)
    #expect(try await box.box.zheng("prove", "ledger", String(index), "--out", "grant.proof").status == 0)
    #expect(try await box.box.zheng("check", "grant.proof", "--policy", "policy").status == 0)
    let text = try await box.box.zheng("share", "history", "ledger", "R-1").text
    #expect(text.contains("erased by education") && text.contains("OBJECTED TO"))
    #expect(try await box.share("history", "ledger", "R-9").status == 66)
  }

  private func searches(_ box: SharingSandbox) async throws {
    func found(_ words: String...) async throws -> [String] {
      try await box.share(["requests", "ledger"] + words).objects.compactMap { $0["id"] as? String }
    }
    #expect(try await found() == ["R-1", "R-2"])
    #expect(try await found("--bureau", "civil") == ["R-2"])
    #expect(try await found("--bureau", "health") == ["R-1", "R-2"])
    #expect(try await found("--purpose", "核验") == ["R-1"])
    #expect(try await found("--request", "R-2") == ["R-2"])
    #expect(try await found("--state", "revoked", "--entry", "BIRTHS") == ["R-1"])
    #expect(try await found("--since", "2099-01-01").isEmpty)
    #expect(try await found("--until", "2020-01-01").isEmpty)
    #expect(try await found("--since", "2020-01-01", "--until", "2099-01-01") == ["R-1", "R-2"])

    let report = try await box.must("report", "ledger", "--from", "2020-01-01", "--to", "2099-12-31")
    let bureaus = try #require(report["bureaus"] as? [[String: Any]])
    #expect(bureaus.map { $0["bureau"] as? String } == ["civil", "education", "health"])
    #expect(bureaus[2]["wasAsked"] as? Int == 2 && bureaus[2]["granted"] as? Int == 1)
    #expect(bureaus[2]["refused"] as? Int == 1 && bureaus[2]["meanReplyDays"] as? Double == 0)
    let csv = try await box.box.zheng("share", "report", "ledger", "--csv").text
    let lines = csv.components(separatedBy: "\r\n")
    #expect(lines.count == 4 && lines[1].hasPrefix("R-1,") && lines[3].isEmpty)
    #expect(lines[0].hasPrefix("\u{feff}request,made,demander,provider,entry,"))
    let perBureau = try await box.box.zheng("share", "report", "ledger", "--csv", "--per", "bureau").text
    #expect(perBureau.components(separatedBy: "\r\n").count == 5)
    #expect(try await box.share("report", "ledger", "--csv").status == 64)
    #expect(try await box.box.zheng("share", "report", "ledger").text.contains("MEAN DAYS"))
  }

  @Test("what was delivered is nowhere in the ledger's directory: no 12 bytes of it, no digest, no number")
  func leaks() async throws {
    let box = try SharingSandbox()
    try await box.found()
    try box.box.write("births.csv", SharedData.csv)
    try await box.entry("BIRTHS")
    try await box.granted("R-1")
    let commitment = try #require(try await box.delivered("R-1")["commitment"] as? String)
    try await box.must(
      "receipt", "ledger", "R-1", "--file", "hand-R-1-1/births.csv", "--salt", "hand-R-1-1/births.csv.salt",
      "--vault", "school", as: "education")
    for secret in SharedData.numbers {
      #expect(try await box.share(box.ask("R-\(secret)"), as: "education").status == 2)
    }
    let plain = try box.box.sha256("births.csv")
    let salt = try box.box.read("vault/R-1.1/salt")
    let secrets =
      [SharedData.csv] + SharedData.numbers + [
        plain, String(decoding: salt.prefix(64), as: UTF8.self),
      ]
    let files = try FileManager.default.subpathsOfDirectory(atPath: "\(box.path)/ledger")
      .map { URL(fileURLWithPath: "\(box.path)/ledger/\($0)") }
    var read = 0
    for file in files {
      guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
      let content = try Data(contentsOf: file)
      read += content.count
      for secret in secrets {
        #expect(SharingStoryTests.traces(of: Array(secret.utf8), in: content).isEmpty, "\(file.path)")
      }
      #expect(SharingStoryTests.traces(of: hex(plain), in: content).isEmpty, "\(file.path)")
    }
    #expect(read > 10_000)
    // The same search finds what is there: the commitment.
    let entries = try box.box.read("ledger/entries/000000000000")
    #expect(!SharingStoryTests.traces(of: hex(commitment), in: entries).isEmpty)
  }

  /// Windows of `secret` that stand in `content`: 12 bytes raw or in hex, or the base64 of 9, of which any 12 hold one that
  /// begins where a group of base64 does.
  private static func traces(of secret: [UInt8], in content: Data) -> [String] {
    var traces: [String] = []
    func look(_ bytes: Data, _ what: String) { if content.range(of: bytes) != nil { traces.append(what) } }
    for start in 0...max(0, secret.count - 12) {
      let window = Array(secret[start..<min(secret.count, start + 12)])
      let digits = window.map { String(format: "%02x", $0) }.joined()
      look(Data(window), "raw \(start)")
      look(Data(digits.utf8), "hex \(start)")
      look(Data(digits.uppercased().utf8), "HEX \(start)")
    }
    for start in 0...max(0, secret.count - 9) {
      look(
        Data(Data(secret[start..<min(secret.count, start + 9)]).base64EncodedString().utf8), "base64 \(start)"
      )
    }
    return traces
  }
}
