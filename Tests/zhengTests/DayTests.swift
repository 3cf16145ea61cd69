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
}
