import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing

@Suite("The board and the report of data sharing")
struct SharingOversightTests {
  typealias Scene = SharingScene

  /// A week in which most things happen: by the 2025 calendar, before the National Day holiday.
  static func week() throws -> SharingScene {
    var scene = try Scene()
    try scene.accept(China2025.calendar, by: Scene.authority)
    try scene.publish(Scene.catalogue())
    try scene.publish(Scene.catalogue("E-2", attribute: .unconditional))
    // Monday 22 September.
    try scene.accept(Scene.request("waits"), by: Scene.civil)
    try scene.accept(Scene.request("late", entry: "E-2"), by: Scene.housing)
    try scene.accept(Scene.request("granted"), by: Scene.civil)
    try scene.accept(Scene.request("refused"), by: Scene.civil)
    try scene.accept(Scene.request("ended"), by: Scene.housing)
    try scene.ledger.set(time: beijing("2025-09-25", 10))
    try scene.accept(scene.grant("late"), by: Scene.health)
    try scene.accept(scene.grant("granted"), by: Scene.health)
    try scene.accept(scene.grant("ended", until: scene.now + 3600), by: Scene.health)
    try scene.accept(Scene.deliver("late"), by: Scene.health)
    try scene.ledger.set(time: beijing("2025-09-28", 16))
    try scene.accept(SharingRefuse(request: "refused", reason: "无此数据"), by: Scene.health)
    try scene.accept(Scene.objectToEntry(), by: Scene.housing)
    return scene
  }

  static func records(_ scene: SharingScene) throws -> [SharingRecord] {
    try scene.ledger.values.compactMap { try SharingRecord(key: $0.key, value: $0.value) }
  }

  static func calendars(_ scene: SharingScene) throws -> SharingCalendars {
    SharingCalendars(
      try records(scene).compactMap { if case .calendar(let record) = $0 { record } else { nil } },
      scene.ledger.roster.terms.parameters.utcOffset)
  }

  static func board(_ scene: SharingScene, at now: UInt64) throws -> [SharingBoardLine] {
    var requests: [RequestRecord] = []
    var deliveries: [DeliveryRecord] = []
    var objections: [ObjectionRecord] = []
    for record in try records(scene) {
      switch record {
      case .request(let record): requests.append(record)
      case .delivery(let record): deliveries.append(record)
      case .objection(let record): objections.append(record)
      default: break
      }
    }
    return SharingBoard.lines(
      requests: requests, deliveries: deliveries, objections: objections, at: now,
      calendars: try calendars(scene))
  }

  static func told(_ line: SharingBoardLine) -> String {
    let owed =
      switch line.owed {
      case .reply: "reply"
      case .delivery: "delivery"
      case .receipt: "receipt"
      case .answer: "answer"
      }
    let due = line.due.map { CivilDate(at: $0 - 1, .standard).description } ?? "-"
    let left = line.workingDaysLeft.map(String.init) ?? "-"
    return "\(owed) \(line.subject) \(line.by)>\(line.to) \(due) \(left)\(line.isOverdue ? " overdue" : "")"
  }

  @Test("shows what is owed by whom, until which day, and how many working days are left")
  func board() throws {
    let scene = try SharingOversightTests.week()
    let before = try SharingOversightTests.board(scene, at: beijing("2025-09-29", 9))
    #expect(
      before.map(SharingOversightTests.told) == [
        "reply waits health>civil 2025-10-11 4",
        "answer \(Scene.entry) health>housing 2025-10-17 9",
        "delivery ended health>housing 2025-10-29 17",
        "delivery granted health>civil 2025-10-29 17",
        "receipt late housing>health - -",
      ])
    let after = try SharingOversightTests.board(scene, at: beijing("2025-10-13", 0))
    #expect(after.first.map(SharingOversightTests.told) == "reply waits health>civil 2025-10-11 -1 overdue")
    #expect(after.filter(\.isOverdue).count == 1)
    // What was granted and never delivered is owed for good, also when the time of the grant is over.
    let missed = try SharingOversightTests.board(scene, at: beijing("2025-11-20", 0)).filter {
      $0.owed == .delivery
    }
    #expect(Set(missed.map(\.subject)) == ["granted", "ended"])
    #expect(missed.allSatisfy { $0.isOverdue && $0.grant == .expired })
  }

  @Test("counts who asked, who answered, the working days that it took, and what was late")
  func report() throws {
    let scene = try SharingOversightTests.week()
    let requests = try SharingOversightTests.records(scene).compactMap { record -> RequestRecord? in
      if case .request(let request) = record { request } else { nil }
    }
    let (from, to) = (beijing("2025-09-22", 0), beijing("2025-09-23", 0))
    let report = SharingReport(
      of: requests, from: from, to: to, at: beijing("2025-10-13", 0),
      calendars: try SharingOversightTests.calendars(scene)
    )
    let days = Dictionary(uniqueKeysWithValues: report.lines.map { ($0.record.request, $0.replyDays) })
    #expect(days == ["waits": nil, "late": 3, "granted": 3, "refused": 5, "ended": 3])
    #expect(report.lines.filter(\.isReplyLate).map(\.record.request) == ["late", "waits"])
    #expect(report.bureaus.map(\.id) == [Scene.civil, Scene.health, Scene.housing])
    let (civil, health) = (report.bureaus[0], report.bureaus[1])
    #expect([civil.asked, civil.askedGranted, civil.askedRefused, civil.askedOpen] as [Int] == [3, 1, 1, 1])
    #expect([health.received, health.granted, health.refused, health.open] as [Int] == [5, 3, 1, 1])
    #expect(
      [health.lateReplies, health.overdueReplies, health.replyDays, health.longestReply] as [Int] == [
        1, 1, 14, 5,
      ])
    #expect(health.deliveries == 1 && health.mismatches == 0 && health.lateDeliveries == 0)
    let late = SharingReport(
      of: requests, from: from, to: to, at: beijing("2025-10-24", 23),
      calendars: try SharingOversightTests.calendars(scene))
    #expect(late.lines.allSatisfy { !$0.isDeliveryLate })
    let none = SharingReport(
      of: requests, from: to, to: to + 1, at: to, calendars: SharingCalendars([], .standard))
    #expect(none.lines.isEmpty && none.bureaus.isEmpty)
  }

  @Test("what was granted and is not delivered in time is late, also when the grant is over")
  func overdueDelivery() throws {
    var scene = try Scene(parameters: ["delivery-days": 2])
    try scene.publish(Scene.catalogue())
    try scene.accept(Scene.request(), by: Scene.civil)
    try scene.accept(scene.grant(), by: Scene.health)
    let record = try #require(try scene.request())
    let due = try #require(record.deliveryDue)
    for (now, isLate) in [(due - 1, false), (due, true), (try #require(record.until), true)] {
      let report = SharingReport(
        of: [record], from: 0, to: .max, at: now, calendars: SharingCalendars([], .standard))
      #expect(report.lines[0].isDeliveryLate == isLate)
    }
  }

  // MARK: The views

  /// The state as the index has it: a row for each text, number and 32-byte member of each value.
  static func rows(_ values: [StateKey: [UInt8]]) throws -> [[String]] {
    var rows: [[String]] = []
    for (key, value) in values {
      guard case .map(let map) = try CBOR(decoding: value) else { continue }
      for case (.text(let name), let value) in map.pairs {
        let text: String
        switch value {
        case .text(let word): text = word
        case .unsigned(let number): text = String(number)
        case .bytes(let bytes) where bytes.count == 32: text = Hex.encode(bytes)
        default: continue
        }
        rows.append([key.parts.joined(separator: "/"), name, text])
      }
    }
    return rows
  }

  @Test(
    "the views show requests, deliveries and the catalogue to whoever opens the index with sqlite3",
    .enabled(if: Shell.has("python3"), "there is no python3 on this machine"))
  func views() async throws {
    var scene = try SharingOversightTests.week()
    try scene.publish(Scene.catalogue(version: 2))
    let views = DataSharing.scenario.views
    #expect(views.map(\.name) == ["sharing_requests", "sharing_deliveries", "sharing_catalogue"])
    let input: [String: [[String]]] = [
      "rows": try SharingOversightTests.rows(scene.ledger.values),
      "views": views.map { [$0.name, $0.query] },
    ]
    let program = """
      import json, sqlite3, sys
      data = json.load(sys.stdin)
      db = sqlite3.connect(":memory:")
      db.execute("CREATE TABLE current(key TEXT, name TEXT, value TEXT)")
      db.execute("CREATE VIEW clock AS SELECT '+480 minutes' AS modifier")
      db.executemany("INSERT INTO current VALUES (?, ?, ?)", data["rows"])
      for name, query in data["views"]: db.execute(f"CREATE VIEW {name} AS {query}")
      for query in sys.argv[1:]:
        for row in db.execute(query): print("|".join("" if part is None else str(part) for part in row))
      """
    let output = try await Shell.run(
      "python3",
      [
        "-c", program,
        "SELECT request, state, demander, requested, due, replied, late, delivery_due FROM sharing_requests ORDER BY request",
        "SELECT request, delivery, state, provider, records, delivered, length(commitment) FROM sharing_deliveries",
        "SELECT entry, version, state, attribute, objections, open_objections FROM sharing_catalogue ORDER BY entry, version",
      ], input: Array(JSONEncoder().encode(input)))
    #expect(
      output.text.split(separator: "\n").map(String.init) == [
        "ended|granted|housing|2025-09-22 09:00:00|2025-10-11|2025-09-25 10:00:00|0|2025-10-29",
        "granted|granted|civil|2025-09-22 09:00:00|2025-10-11|2025-09-25 10:00:00|0|2025-10-29",
        "late|granted|housing|2025-09-22 09:00:00|2025-09-23|2025-09-25 10:00:00|1|2025-10-29",
        "refused|refused|civil|2025-09-22 09:00:00|2025-10-11|2025-09-28 16:00:00|0|",
        "waits|submitted|civil|2025-09-22 09:00:00|2025-10-11|||",
        "late|1|delivered|health|12|2025-09-25 10:00:00|64",
        "41010000/卫健/0007|1|superseded|conditional|1|1",
        "41010000/卫健/0007|2|in-force|conditional|1|1",
        "E-2|1|in-force|unconditional|0|0",
      ], "\(output.errorText)")
  }
}
