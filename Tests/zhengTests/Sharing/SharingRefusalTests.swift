import Foundation
import Testing

@Suite("zheng share: what the ledger refuses")
struct SharingRefusalTests {
  @Test("each refusal ends with exit 2 and its code, appends nothing, and leaves nothing in the vault")
  func refusals() async throws {
    let box = try SharingSandbox()
    try await box.found()
    try box.box.write("births.csv", SharedData.csv)
    try box.box.write("calendar.json", #"{"version":"2026-1","holidays":[],"working":[]}"#)
    try await box.must("calendar", "ledger", "calendar.json", as: "bureau")
    try await box.entry("BIRTHS", lead: "姓名")
    try await box.entry("SECRET", "not-shareable")
    let offer = try await box.share(box.offer("OFFERED"), as: "health").json
    try await box.granted("R-1", "--limit", "1")
    try await box.delivered("R-1")
    try await box.must(
      "receipt", "ledger", "R-1", "--file", "hand-R-1-1/births.csv", "--salt", "hand-R-1-1/births.csv.salt",
      as: "education")
    #expect(try await box.share(box.ask("R-2"), as: "education").status == 0)
    try await box.granted("R-3")
    try await box.must("revoke", "ledger", "R-3", "--basis", "决定", as: "bureau")
    let settled = try #require(
      try await box.must("entries", "ledger", "--item", "姓名", "--bureau", "health", "--waiting")["statement"]
        as? String)
    #expect(settled == offer["id"] as? String)
    let truth = try box.truth()
    let vault = try box.box.tree("vault")

    func refused(_ code: String, _ words: [String], as member: String) async throws {
      let outcome = try await box.share(words, as: member)
      #expect(outcome.status == 2, "\(words): \(outcome.text) \(outcome.errors)")
      #expect(try outcome.json["code"] as? String == code, "\(words): \(outcome.text)")
      #expect((try outcome.json["detail"] as? String)?.isEmpty == false)
      #expect(try box.truth() == truth, "\(words)")
    }
    func deliver(_ request: String) -> [String] {
      [
        "deliver", "ledger", request, "--file", "births.csv", "--records", "2", "--vault", "vault", "--out",
        "refused",
      ]
    }
    // Asking.
    try await refused("malformed", box.ask("R-9", purpose: "入学//核验"), as: "education")
    try await refused("personal-data", box.ask("R-１3800138000"), as: "education")
    try await refused("unknown-entry", box.ask("R-9", "NOPE"), as: "education")
    try await refused("not-in-force", box.ask("R-9", "OFFERED"), as: "education")
    try await refused("not-in-force", box.ask("R-9") + ["--calendar", "2025-1"], as: "education")
    try await refused("duplicate", box.ask("R-2"), as: "education")
    try await refused("role", box.ask("R-9"), as: "audit")
    try await refused("scope", box.ask("R-9", item: "住址"), as: "education")
    try await refused("missing-basis", box.ask("R-9", basis: nil), as: "education")
    try await refused("not-shareable", box.ask("R-9", "SECRET", basis: nil), as: "education")
    try await refused("expired", box.ask("R-9", until: "2020-01-01"), as: "education")
    // Answering.
    try await refused("unknown-request", ["refuse", "ledger", "R-9", "--reason", "无此事"], as: "health")
    try await refused("unknown-request", ["grant", "ledger", "R-9"], as: "health")
    try await refused("role", ["grant", "ledger", "R-2"], as: "civil")
    try await refused("wrong-state", ["grant", "ledger", "R-1"], as: "health")
    try await refused("purpose", ["grant", "ledger", "R-2", "--purpose", "商业营销"], as: "health")
    try await refused("missing-reason", ["refuse", "ledger", "R-2"], as: "health")
    try await refused(
      "personal-data", ["refuse", "ledger", "R-2", "--reason", "致电 138-0013-8000"], as: "health")
    try await refused("missing-basis", ["revoke", "ledger", "R-1"], as: "bureau")
    // Delivering and using.
    try await refused("no-grant", deliver("R-2"), as: "health")
    try await refused("revoked", deliver("R-3"), as: "health")
    try await refused("limit", deliver("R-1"), as: "health")
    try await refused("unknown-request", deliver("R-9"), as: "health")
    try await refused(
      "purpose", ["use", "ledger", "R-1", "--purpose", "商业营销", "--reference", "B-1"], as: "education")
    try await refused(
      "personal-data",
      ["use", "ledger", "R-1", "--purpose", "入学核验", "--reference", "11010519491231002x"], as: "education")
    try await refused(
      "duplicate",
      [
        "receipt", "ledger", "R-1", "--file", "hand-R-1-1/births.csv", "--salt", "hand-R-1-1/births.csv.salt",
        "--vault", "school",
      ], as: "education")
    try await refused(
      "missing-reason", ["erase", "ledger", "R-1", "--delivery", "1", "--vault", "vault"], as: "health")
    try await refused(
      "wrong-state", ["answer", "ledger", settled, "--outcome", "rejected", "--reply", "一致"], as: "health")
    // The catalogue and the calendar.
    try await refused("lead-source", box.offer("OTHER", lead: "姓名"), as: "civil")
    try await refused("role", ["calendar", "ledger", "calendar.json"], as: "health")
    try await refused("duplicate", ["calendar", "ledger", "calendar.json"], as: "bureau")
    try await refused("role", ["countersign", "ledger", settled], as: "audit")
    try await refused(
      "unknown-proposal", ["countersign", "ledger", String(repeating: "0", count: 64)], as: "bureau")

    #expect(try box.box.tree("vault") == vault)
    #expect(!box.box.exists("refused"))
    #expect(try box.box.files("school") == ["vault.json"])
    try await box.must("countersign", "ledger", settled, as: "bureau")
    let again = try await box.share("countersign", "ledger", settled, as: "bureau")
    #expect(try again.status == 2 && again.json["code"] as? String == "proposal-void")
  }

  @Test("where the roster has the rules switched off their kinds are unknown")
  func switchedOff() async throws {
    let box = try SharingSandbox(parameters: ["sharing-rules": 0])
    try await box.found()
    try box.box.write("calendar.json", #"{"version":"2026-1","holidays":[],"working":[]}"#)
    let outcome = try await box.share("calendar", "ledger", "calendar.json", as: "bureau")
    #expect(try outcome.status == 2 && outcome.json["code"] as? String == "unknown-kind")
  }

  @Test(
    "a calendar that is not written as it should be is not recorded, and the complaint names file and place")
  func calendars() async throws {
    let box = try SharingSandbox()
    try await box.found()
    let truth = try box.truth()
    for (content, complaint) in [
      ("{", "line 1"), ("[]", "line 1"), ("{}", "\"version\" of the calendar is missing"),
      (#"{"version":"1","holidays":[]}"#, "\"working\" of the calendar is missing"),
      (
        #"{"version":"1","holidays":["2026-10-01"],"holidays":[],"working":[]}"#,
        "line 1, column 42: not JSON: the key \"holidays\" appears twice"
      ),
      (
        #"{"version":"1","holidays":["2026-10-01","2026-10-01"],"working":[]}"#,
        "2026-10-01 is in holidays twice"
      ),
      (#"{"version":"1","holidays":["2026-13-01"],"working":[]}"#, "a day YYYY-MM-DD"),
      (#"{"version":"1","holidays":[],"working":["2026-10-01"]}"#, "2026-10-01"),
      (#"{"version":"1","holidays":["2026-10-10"],"working":["2026-10-10"]}"#, "2026-10-10"),
      (#"{"version":"1","holidays":[],"working":[],"days":[]}"#, "unknown key \"days\""),
      ("{\"version\":\"1\",\n\"holidays\":[],\"working\":[]} x", "line 2"),
      (#"{"version":"1 2","holidays":[],"working":[]}"#, "version"),
    ] {
      try box.box.write("bad.json", content)
      let outcome = try await box.share("calendar", "ledger", "bad.json", as: "bureau")
      let detail = try #require(try outcome.json["detail"] as? String)
      #expect(outcome.status == 64, "\(content): \(outcome.text)")
      #expect(detail.hasPrefix("bad.json: ") && detail.contains(complaint), "\(content): \(detail)")
    }
    #expect(try await box.share("calendar", "ledger", "missing.json", as: "bureau").status == 66)
    #expect(try box.truth() == truth)
  }
}
