import Foundation
import TestKit
import Testing

@Suite("zheng share: deadlines in working days")
struct SharingDeadlineTests {
  @Test("a reply is due by the calendar in force, around holidays that lie around today")
  func aroundToday() async throws {
    let box = try SharingSandbox(parameters: ["reply-days-conditional": 3])
    try await box.found()
    // Every weekday of the next nine days is off, and every weekend day worked: that turns each week around.
    let today = Day.today
    let days = (-1...9).map { today.adding($0) }
    let holidays = days.filter { !$0.isWeekend }.map(\.text)
    let working = days.filter(\.isWeekend).map(\.text)
    try box.box.write(
      "calendar.json",
      """
      {"version":"turned","holidays":[\(holidays.map { "\"\($0)\"" }.joined(separator: ","))],
       "working":[\(working.map { "\"\($0)\"" }.joined(separator: ","))]}
      """)
    try await box.must("calendar", "ledger", "calendar.json", as: "bureau")
    try await box.entry("BIRTHS")
    let request = try #require(
      try await box.share(box.ask("R-1") + ["--calendar", "turned"], as: "education").json["request"]
        as? [String: Any])
    let requested = try #require((request["requested"] as? String).flatMap(Day.init(timestamp:)))
    var (due, left) = (requested, 3)
    while left > 0 {
      due = due.adding(1)
      let isWorked = working.contains(due.text) || (!due.isWeekend && !holidays.contains(due.text))
      if isWorked { left -= 1 }
    }
    #expect(request["dueDay"] as? String == due.text)
    #expect(request["calendar"] as? String == "turned")

    func line(_ at: Day) async throws -> [String: Any] {
      try await box.must("board", "ledger", "--at", at.text)
    }
    #expect(try await line(due)["overdue"] as? Bool == false)
    #expect(try await line(due)["workingDaysLeft"] as? Int == 0)
    #expect(try await line(requested)["workingDaysLeft"] as? Int == 3)
    #expect(try await line(due.adding(1))["overdue"] as? Bool == true)
    #expect(try await (line(due.adding(1))["workingDaysOver"] as? Int ?? 0) >= 1)
    // Before it was made nothing was open.
    #expect(try await box.share("board", "ledger", "--at", requested.adding(-1).text).text.isEmpty)
    let text = try await box.box.zheng("share", "board", "ledger", "--at", due.adding(1).text).text
    #expect(text.split(separator: "\n").contains { $0.hasPrefix("OVERDUE") && $0.contains("R-1") })
    let quiet = try await box.box.zheng("share", "board", "ledger", "--at", due.text).text
    #expect(!quiet.contains("OVERDUE  ") && quiet.contains("R-1"))
    #expect(try await box.share("board", "ledger", "--at", due.text, "--overdue").text.isEmpty)
    #expect(try await box.share("board", "ledger", "--at", "2026-02-30").status == 64)
  }

  @Test(
    "asked before the National Day of 2025 it is due after it; passing that shows on the board; a late grant holds, and is marked late",
    .enabled(
      if: OwnThread.canHaveOwnFolder, "commands run in processes of their own here, by the machine's clock"))
  func nationalDay() async throws {
    let box = try SharingSandbox(parameters: ["reply-days-conditional": 2, "delivery-days": 3])
    try box.box.write("births.csv", SharedData.csv)
    // A Monday, 10:00 at UTC+8. The holiday is from Wednesday on; Saturday the 11th is worked.
    try box.setClock("2025-09-29T02:00:00Z")
    try await box.found()
    try box.box.write(
      "2025.json",
      """
      {"version":"2025-1","basis":"国务院办公厅关于2025年部分节假日安排的通知",
       "holidays":["2025-10-01","2025-10-02","2025-10-03","2025-10-06","2025-10-07","2025-10-08"],
       "working":["2025-09-28","2025-10-11"]}
      """)
    try await box.must("calendar", "ledger", "2025.json", as: "bureau")
    try await box.entry("BIRTHS")
    let asked = try #require(
      try await box.share(box.ask("R-1"), as: "education").json["request"] as? [String: Any])
    #expect(
      asked["requested"] as? String ?? "" > "2025-09-29T02"
        && asked["requested"] as? String ?? "" < "2025-09-29T03")
    #expect(asked["dueDay"] as? String == "2025-10-09")
    #expect(asked["due"] as? String == "2025-10-09T16:00:00.000Z")
    #expect(try await box.share(box.ask("R-2"), as: "education").status == 0)
    #expect(try await box.must("grant", "ledger", "R-2", as: "health")["kind"] as? String == "grant")

    // The last day, and one minute into the next.
    try box.setClock("2025-10-09T15:59:00Z")
    var board = try await box.share("board", "ledger").objects
    // R-2 was granted on the 29th, so its first delivery is due on the third working day after: the 10th.
    #expect(board.map { $0["subject"] as? String } == ["R-1", "R-2"])
    #expect(board.map { $0["owed"] as? String } == ["reply", "delivery"])
    #expect(board.map { $0["dueDay"] as? String } == ["2025-10-09", "2025-10-10"])
    #expect(board.map { $0["workingDaysLeft"] as? Int } == [0, 1])
    #expect(board.allSatisfy { $0["overdue"] as? Bool == false })
    try box.setClock("2025-10-09T16:01:00Z")
    board = try await box.share("board", "ledger").objects
    let late = try #require(board.first { $0["subject"] as? String == "R-1" })
    #expect(late["overdue"] as? Bool == true && late["workingDaysOver"] as? Int == 1)

    // The Saturday that is worked, and the Monday after it.
    try box.setClock("2025-10-13T01:00:00Z")
    let granted = try #require(
      try await box.must("grant", "ledger", "R-1", "--clock-is-right", as: "health")["request"]
        as? [String: Any])
    #expect(granted["state"] as? String == "granted" && granted["late"] as? Bool == true)
    try await box.delivered("R-2")
    let report = try await box.must("report", "ledger", "--from", "2025-09-29", "--to", "2025-09-29")
    let requests = try #require(report["requests"] as? [[String: Any]])
    let one = try #require(requests.first { $0["id"] as? String == "R-1" })
    // 30 September, 9, 10, 11 and 13 October.
    #expect(one["replyDays"] as? Int == 5 && one["late"] as? Bool == true)
    let two = try #require(requests.first { $0["id"] as? String == "R-2" })
    #expect(two["replyDays"] as? Int == 0 && two["late"] as? Bool == false)
    #expect(two["deliveryDays"] as? Int == 5 && two["deliveryLate"] as? Bool == true)
    let health = try #require(
      (report["bureaus"] as? [[String: Any]])?.first { $0["bureau"] as? String == "health" })
    #expect(health["lateReplies"] as? Int == 1 && health["lateDeliveries"] as? Int == 1)
    #expect(health["longestReplyDays"] as? Int == 5 && health["meanReplyDays"] as? Double == 2.5)
    let table = try await box.box.zheng("share", "report", "ledger", "--at", "2025-10-13").text
    #expect(table.contains("LATE"))
    let history = try await box.must("history", "ledger", "R-1")["history"] as? [[String: Any]]
    #expect(history?.map { $0["mark"] as? String } == [nil, "LATE"])
    #expect(history?.map { $0["workingDays"] as? Int } == [0, 5])
    #expect(try await box.box.zheng("verify", "ledger", "--policy", "policy").status == 0)
    #expect(
      try await box.share("report", "ledger", "--from", "2025-09-30").json["requests"] as? [String] == [])
  }
}

/// A day at UTC+8, counted by Foundation's calendar.
private struct Day: Hashable {
  let date: Date

  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 8 * 3600)!
    return calendar
  }()

  static var today: Day { Day(date: calendar.startOfDay(for: Date())) }

  init(date: Date) { self.date = date }

  /// The day of `2026-11-24T02:00:00.000Z`.
  init?(timestamp: String) {
    let formatter = ISO8601DateFormatter()
    guard let date = formatter.date(from: timestamp.prefix(19) + "Z") else { return nil }
    self.date = Day.calendar.startOfDay(for: date)
  }

  func adding(_ days: Int) -> Day { Day(date: Day.calendar.date(byAdding: .day, value: days, to: date)!) }

  var isWeekend: Bool { [1, 7].contains(Day.calendar.component(.weekday, from: date)) }

  var text: String {
    let parts = Day.calendar.dateComponents([.year, .month, .day], from: date)
    return String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!)
  }
}

extension SharingSandbox {
  /// Has every command from now on start at this moment.
  func setClock(_ timestamp: String) throws {
    let date = try #require(ISO8601DateFormatter().date(from: timestamp))
    let start = ContinuousClock.now
    box.wallClock = {
      let passed = (ContinuousClock.now - start).components
      return UInt64(date.timeIntervalSince1970 * 1000) + UInt64(passed.seconds * 1000)
        + UInt64(passed.attoseconds / 1_000_000_000_000_000)
    }
  }
}
