import Foundation
import Testing

@Suite("A day")
struct DayTests {
  @Test("a day is one at UTC+8 in every command that takes one")
  func everywhere() async throws {
    let box = try Sandbox()
    // 2026-03-05T17:00:00Z, which is 01:00 on the 6th at UTC+8.
    box.wallClock = { 1_772_730_000_000 }
    try await box.foundEvidence()
    try box.write("a", "a")
    try await box.deposit("a", as: "E-1")
    for (since, isFound) in [("2026-03-05", true), ("2026-03-06", true), ("2026-03-07", false)] {
      let records = try await box.zheng("list", "ledger", "--since", since)
      #expect(records.status == 0 && !records.lines.isEmpty == isFound, "\(since)")
      let items = try await box.zheng("evidence", "list", "ledger", "--since", since, "--json")
      #expect(try items.objects.isEmpty == !isFound, "\(since)")
    }
    #expect(try await box.zheng("list", "ledger", "--until", "2026-03-05").lines == [])
    #expect(try await box.zheng("evidence", "list", "ledger", "--until", "2026-03-05", "--json").lines == [])
    #expect(try await !box.zheng("list", "ledger", "--until", "2026-03-06").lines.isEmpty)
  }

  @Test(
    "a ledger's days are counted by the offset that it was founded with: in lists, limits, texts, views and certificates",
    arguments: [
      (-330, "-05:30", "UTC-5:30", "2026-03-05"), (0, "Z", "UTC", "2026-03-05"),
      (840, "+14:00", "UTC+14", "2026-03-06"),
    ])
  func offset(minutes: Int, suffix: String, name: String, day: String) async throws {
    let box = try Sandbox()
    // 2026-03-05T17:00:00Z.
    box.wallClock = { 1_772_730_000_000 }
    try await box.foundEvidence(parameters: ["utc-offset-minutes": minutes])
    #expect(try await box.zheng("members", "ledger").text.contains("utc-offset-minutes \(minutes)"))
    try box.write("a", "a")
    try await box.deposit("a", as: "E-1")
    for other in ["2026-03-04", "2026-03-05", "2026-03-06"] {
      let found = try await box.zheng(
        "evidence", "list", "ledger", "--since", other, "--until", other, "--json")
      #expect(try found.objects.count == (other == day ? 1 : 0), "\(other)")
    }
    try await box.must(
      zheng: "evidence", "certificate", "ledger", "E-1", "--out", "c.html")
    try await box.must(zheng: "check", "c.html", "--policy", "policy", "--file", "a")
    let page = try box.text("c.html")
    #expect(page.contains(name) && !page.contains("北京时间"))
    #expect(
      page.contains(
        day == "2026-03-06"
          ? "2026年3月6日 07:00:00" : minutes == 0 ? "2026年3月5日 17:00:00" : "2026年3月5日 11:30:00"))
    // The index has the clocks too, and an audit of it says so.
    try await box.must(zheng: "verify", "ledger", "--policy", "policy")
    #expect(
      try await box.zheng("members", "set", "ledger", "utc-offset-minutes", "480", "--key", "admin.pem")
        .status != 0)

    let sharing = try SharingSandbox(parameters: ["utc-offset-minutes": minutes])
    sharing.box.wallClock = box.wallClock
    try await sharing.found()
    try await sharing.entry("BIRTHS", "unconditional")
    #expect(try await sharing.share(sharing.ask("R-1"), as: "education").status == 0)
    let asked = try await sharing.must("history", "ledger", "R-1")
    // One working day: Friday, or Monday where it is Friday by now.
    #expect(asked["dueDay"] as? String == (day == "2026-03-06" ? "2026-03-09" : "2026-03-06"))
    let history = try await sharing.box.zheng("share", "history", "ledger", "R-1")
    #expect(history.text.contains("\(day)T") && history.text.contains(suffix), "\(history.text)")
  }
}
