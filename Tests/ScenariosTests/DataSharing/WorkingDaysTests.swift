import Scenarios
import Testing

/// The State Council's arrangement for 2025 (国办发明电〔2024〕12号).
enum China2025 {
  static func dates(_ ranges: (String, String)...) -> [CivilDate] {
    ranges.flatMap { first, last -> [CivilDate] in
      var day = CivilDate(first)!
      var days = [day]
      while day < CivilDate(last)! {
        day = day.next
        days.append(day)
      }
      return days
    }
  }

  static let holidays = dates(
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"))
  static let extra = ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]
    .map { CivilDate($0)! }
  static let calendar = SharingCalendar(
    version: "2025", basis: "国办发明电〔2024〕12号", holidays: holidays, workingDays: extra)
}

/// The instant of a time of day on clocks at UTC+8, in ms since the epoch.
func beijing(_ date: String, _ hour: Int, _ minute: Int = 0, _ second: Int = 0, ms: Int = 0) -> UInt64 {
  CivilDate(date)!.start(.standard) + UInt64(((hour * 60 + minute) * 60 + second) * 1000 + ms)
}

@Suite("Civil dates")
struct CivilDateTests {
  @Test("known days have their numbers, their text and their weekday")
  func known() {
    for (text, day, isWeekend) in [
      ("1970-01-01", 0, false), ("1970-01-03", 2, true), ("2000-02-29", 11_016, false),
      ("2025-09-28", 20_359, true), ("2025-10-01", 20_362, false), ("9999-12-31", 2_932_896, false),
    ] {
      let date = CivilDate(text)
      #expect(date?.day == UInt32(day))
      #expect(date?.description == text)
      #expect(date?.isWeekend == isWeekend)
    }
  }

  @Test("every day from 1970 to 9999 follows the one before, and is read as it is written")
  func everyDay() {
    var (year, month, day) = (1970, 1, 1)
    for number in 0...UInt64(2_932_896) where number < 80_000 || number % 997 == 0 || number > 2_932_000 {
      guard let date = CivilDate(day: number) else {
        Issue.record("there is no day \(number)")
        return
      }
      if number < 80_000 {
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if CivilDate(year: year, month: month, day: day) != date {
          Issue.record("\(date) is not \(year)-\(month)-\(day)")
          return
        }
        day += 1
        if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
        if month > 12 { (year, month) = (year + 1, 1) }
      }
      if CivilDate(date.description) != date { Issue.record("\(date) is not read as it is written") }
    }
    #expect(CivilDate(day: 2_932_897) == nil)
  }

  @Test(
    "what is no date is refused",
    arguments: [
      "", "2025-1-1", "2025-02-29", "2025-13-01", "2025-00-10", "2025-04-31", "2025-10-00", "1969-12-31",
      "2025/10/01", "2025-10-1 ", "２０２５-10-01", "+025-10-01", "20251001",
    ])
  func refused(text: String) { #expect(CivilDate(text) == nil) }

  @Test("a day begins and ends at midnight of UTC+8")
  func midnight() throws {
    let day = try #require(CivilDate("2025-10-09"))
    // 2025-10-08T16:00:00Z.
    #expect(day.start(.standard) == 1_759_939_200_000)
    #expect(day.end(.standard) == day.start(.standard) + 86_400_000)
    #expect(CivilDate(at: day.start(.standard) - 1, .standard).description == "2025-10-08")
    #expect(CivilDate(at: day.start(.standard), .standard) == day)
    #expect(CivilDate(at: day.end(.standard) - 1, .standard) == day)
    #expect(CivilDate(at: day.end(.standard), .standard).description == "2025-10-10")
    #expect(CivilDate(at: 0, .standard).description == "1970-01-01")
    #expect(CivilDate(at: .max, .standard).description == "9999-12-31")
  }
}

@Suite("Working days")
struct WorkingDaysTests {
  let days = China2025.calendar.days

  @Test("2025 has 248 working days, and 261 by Saturdays and Sundays alone")
  func year() {
    let all = China2025.dates(("2025-01-01", "2025-12-31"))
    #expect(all.count == 365)
    #expect(all.filter(days.isWorking).count == 248)
    #expect(all.filter(WorkingDays.plain.isWorking).count == 261)
  }

  @Test(
    "limits over the National Day holiday end on the right day",
    arguments: [
      // Asked on …, so many working days, last day.
      ("2025-09-26", 1, "2025-09-28"),  // a Friday; the Sunday after is worked
      ("2025-09-27", 1, "2025-09-28"),  // a Saturday
      ("2025-09-28", 1, "2025-09-29"),  // the worked Sunday itself does not count
      ("2025-09-30", 1, "2025-10-09"),  // the day before the holiday
      ("2025-10-03", 1, "2025-10-09"),  // within the holiday
      ("2025-10-09", 2, "2025-10-11"),  // Friday, and the worked Saturday
      ("2025-10-09", 3, "2025-10-13"),
      ("2025-09-30", 10, "2025-10-21"),
      ("2025-09-17", 10, "2025-09-30"),
      ("2025-09-17", 11, "2025-10-09"),
      ("2025-01-24", 1, "2025-01-26"),
      ("2025-01-27", 1, "2025-02-05"),
      ("2025-09-29", 0, "2025-09-29"),  // on the day itself
      ("2025-10-02", 0, "2025-10-09"),  // no working day: the first after
      ("2025-12-31", 1, "2026-01-01"),  // beyond the calendar: weekdays
    ])
  func limits(asked: String, count: UInt64, last: String) {
    for (hour, minute) in [(0, 0), (9, 30), (23, 59)] {
      let due = days.due(count, from: beijing(asked, hour, minute), .standard)
      #expect(CivilDate(at: due - 1, .standard).description == last)
      #expect(due == CivilDate(last)!.end(.standard))
    }
  }

  @Test("with no calendar only Saturdays and Sundays are free")
  func plain() {
    let due = WorkingDays.plain.due(1, from: beijing("2025-09-30", 9), .standard)
    #expect(due == CivilDate("2025-10-01")!.end(.standard))
    #expect(WorkingDays.plain.day(1, after: CivilDate("2025-10-10")!).description == "2025-10-13")
  }

  @Test("the days that are left are counted in working days: 0 on the last day, below 0 after it")
  func left() {
    let due = days.due(2, from: beijing("2025-09-29", 15), .standard)
    #expect(CivilDate(at: due - 1, .standard).description == "2025-10-09")
    for (now, left) in [
      ("2025-09-29", 2), ("2025-09-30", 1), ("2025-10-01", 1), ("2025-10-08", 1), ("2025-10-09", 0),
      ("2025-10-10", -1), ("2025-10-11", -2), ("2025-10-12", -2), ("2025-10-13", -3),
    ] {
      #expect(days.left(at: beijing(now, 12), until: due, .standard) == left, "\(now)")
    }
    // Passed on a Friday's midnight: on the Saturday it has passed, though no working day has begun.
    let friday = CivilDate("2025-10-17")!.end(.standard)
    #expect(days.left(at: friday - 1, until: friday, .standard) == 0)
    #expect(days.left(at: friday, until: friday, .standard) == -1)
  }

  @Test("days between are counted from the day after, and not backwards")
  func between() {
    func count(_ first: String, _ last: String) -> Int {
      days.count(after: CivilDate(first)!, through: CivilDate(last)!)
    }
    #expect(count("2025-09-30", "2025-10-09") == 1)
    #expect(count("2025-09-30", "2025-09-30") == 0)
    #expect(count("2025-10-09", "2025-09-30") == 0)
    #expect(count("2025-09-26", "2025-10-13") == 7)
  }

  @Test("a calendar in which nothing is worked ends, at the last day that can be written")
  func neverWorked() {
    let last = CivilDate("9999-12-31")!
    #expect(days.day(250, after: last) == last)
    #expect(days.due(250, from: .max, .standard) == last.end(.standard))
  }
}
