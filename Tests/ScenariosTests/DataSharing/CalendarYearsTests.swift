import Ledger
import Scenarios
import TestKit
import Testing

@Suite("Limits beyond the years of a calendar")
struct CalendarYearsTests {
  typealias Scene = SharingScene

  /// The beginning of 2026, as the State Council has it (国办发明电〔2025〕7号).
  static let china2026 = SharingCalendar(
    version: "2026",
    holidays: China2025.holidays
      + China2025.dates(("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23")),
    workingDays: China2025.extra + ["2026-01-04", "2026-02-14", "2026-02-28"].map { CivilDate($0)! })
  static let only2026 = SharingCalendar(
    version: "2026-only", holidays: China2025.dates(("2026-01-01", "2026-01-03")),
    workingDays: [CivilDate("2026-01-04")!])

  @Test("a calendar covers the years of which it lists a day, and no others")
  func years() {
    let days = China2025.calendar.days
    #expect(
      days.covers(2025) && !days.covers(2024) && !days.covers(2026) && !days.covers(1) && !days.covers(9999))
    #expect(days.silentYears(after: CivilDate("2025-12-30")!, through: CivilDate("2025-12-31")!).isEmpty)
    #expect(days.silentYears(after: CivilDate("2025-12-31")!, through: CivilDate("2026-01-01")!) == [2026])
    #expect(
      days.silentYears(after: CivilDate("2025-12-31")!, through: CivilDate("2027-06-01")!) == [2026, 2027])
    #expect(days.silentYears(after: CivilDate("2026-01-02")!, through: CivilDate("2026-01-01")!).isEmpty)
    #expect(
      WorkingDays.plain.silentYears(after: CivilDate("2025-05-01")!, through: CivilDate("2025-05-02")!) == [
        2025
      ])
  }

  /// A request of Tuesday, 30 December 2025: four working days.
  private func scene() throws -> SharingScene {
    var scene = try Scene(parameters: ["reply-days-conditional": 4, "delivery-days": 4])
    try scene.accept(China2025.calendar, by: Scene.authority)
    try scene.publish(Scene.catalogue())
    try scene.ledger.set(time: beijing("2025-12-30", 9))
    try scene.accept(Scene.request(), by: Scene.civil)
    return scene
  }

  private func line(_ scene: SharingScene) throws -> SharingBoardLine {
    try #require(try SharingOversightTests.board(scene, at: scene.ledger.time).first)
  }

  @Test(
    "a limit that reaches into a year without a calendar is marked, and counted again when one comes in time")
  func recounted() throws {
    for calendar in [Self.china2026, Self.only2026] {
      var scene = try scene()
      // 31 December, 1, 2 and 5 January, as if 1 January were worked.
      var open = try line(scene)
      #expect(
        open.due == CivilDate("2026-01-05")?.end(.standard) && open.silentYears == [2026]
          && open.calendar == "2025")
      try scene.ledger.set(time: beijing("2026-01-04", 23, 59))
      try scene.accept(calendar, by: Scene.authority)
      // 31 December, the worked Sunday 4 January, 5 and 6 January.
      open = try line(scene)
      #expect(open.due == CivilDate("2026-01-06")?.end(.standard) && open.silentYears.isEmpty)
      #expect(open.calendar == calendar.version)
      // The rules count as the board does.
      try scene.ledger.set(time: CivilDate("2026-01-06")!.end(.standard) - 1)
      try scene.accept(scene.grant(), by: Scene.health)
      let record = try #require(try scene.request())
      #expect(record.isLate == false && record.due == CivilDate("2026-01-06")?.end(.standard))
      #expect(record.calendar == calendar.version)
      try scene.ledger.cut()
      #expect(try scene.ledger.replayed() == scene.ledger.dump)
    }
  }

  @Test(
    "a calendar that comes on the last day or later changes nothing, and neither does one of the same year")
  func tooLate() throws {
    var scene = try scene()
    let other = SharingCalendar(
      version: "2025-2", holidays: China2025.holidays + [CivilDate("2025-12-31")!],
      workingDays: China2025.extra)
    try scene.accept(other, by: Scene.authority)
    #expect(try line(scene).due == CivilDate("2026-01-05")?.end(.standard))
    try scene.ledger.set(time: beijing("2026-01-05", 0))
    try scene.accept(Self.china2026, by: Scene.authority)
    #expect(
      try line(scene).due == CivilDate("2026-01-05")?.end(.standard) && line(scene).silentYears == [2026])
    try scene.ledger.set(time: CivilDate("2026-01-05")!.end(.standard))
    try scene.accept(scene.grant(), by: Scene.health)
    #expect(try scene.request()?.isLate == true)
  }

  @Test("a limit is never over before the day is on which the calendar came that moves it")
  func neverBefore() throws {
    var scene = try scene()
    try scene.ledger.set(time: beijing("2026-01-04", 12))
    // 1 to 4 January all worked: the fourth working day would have been the 3rd.
    try scene.accept(
      SharingCalendar(
        version: "long", holidays: [CivilDate("2026-10-01")!],
        workingDays: ["2026-01-03", "2026-01-04"].map { CivilDate($0)! }),
      by: Scene.authority)
    #expect(try line(scene).due == CivilDate("2026-01-04")?.end(.standard) && !line(scene).isOverdue)
  }

  @Test("deliveries and answers are counted again as replies are, and limits without any calendar too")
  func others() throws {
    var scene = try Scene(parameters: ["reply-days-conditional": 4, "delivery-days": 4])
    try scene.publish(Scene.catalogue())
    try scene.ledger.set(time: beijing("2025-12-30", 9))
    try scene.accept(Scene.request(), by: Scene.civil)
    try scene.accept(scene.grant(), by: Scene.health)
    let objection = try scene.accept(Scene.objectToEntry(), by: Scene.housing)
    try scene.ledger.set(time: beijing("2026-01-02", 9))
    try scene.accept(China2025.calendar, by: Scene.authority)
    try scene.accept(Self.china2026, by: Scene.authority)
    let lines = try SharingOversightTests.board(scene, at: scene.ledger.time)
    #expect(
      lines.map(\.due) == [CivilDate("2026-01-06")?.end(.standard), CivilDate("2026-01-06")?.end(.standard)])
    try scene.ledger.set(time: CivilDate("2026-01-06")!.end(.standard) - 1)
    try scene.accept(Scene.deliver(), by: Scene.health)
    #expect(
      try scene.request()?.isDeliveryLate == false
        && scene.request()?.deliveryDue == CivilDate("2026-01-06")?.end(.standard))
    let answer = SharingAnswer(to: objection, about: .entry(Scene.entry), outcome: .rejected, reply: "无误")
    try scene.accept(answer, by: Scene.health)
    #expect(try scene.objection(objection)?.isLate == false)
  }

  @Test("working days between two days are counted as day by day, and at once over eight thousand years")
  func count() {
    var random = SeededGenerator(seed: Fuzzing.seed)
    let first = CivilDate("2024-11-01")!.day
    for days in [China2025.calendar.days, Self.china2026.days, .plain] {
      for _ in 0..<400 {
        let start = CivilDate(day: UInt64(first) + UInt64.random(in: 0..<600, using: &random))!
        let end = CivilDate(day: UInt64(first) + UInt64.random(in: 0..<600, using: &random))!
        var (day, expected) = (start, 0)
        while day < end {
          day = day.next
          if days.isWorking(day) { expected += 1 }
        }
        #expect(days.count(after: start, through: end) == expected, "\(start) \(end)")
      }
    }
    let (start, last) = (CivilDate("2025-01-01")!, CivilDate("9999-12-31")!)
    for _ in 0..<10_000 { #expect(China2025.calendar.days.count(after: start, through: last) == 2_080_565) }
  }
}
