import Ledger
import LedgerCrypto
import Scenarios
import Testing

@Suite("Data sharing: who owes a delivery, and until when")
struct SharingDutyTests {
  typealias Scene = SharingScene

  /// A request that was granted, with three working days to deliver.
  private static func granted(
    from: UInt64? = nil, until: UInt64? = nil, limit: UInt64? = nil
  ) throws -> SharingScene {
    var scene = try Scene(parameters: ["delivery-days": 3])
    try scene.publish(Scene.catalogue())
    try scene.accept(Scene.request(), by: Scene.civil)
    try scene.accept(scene.grant(from: from, until: until, limit: limit), by: Scene.health)
    return scene
  }

  private static func owed(_ scene: SharingScene, at now: UInt64) throws -> [SharingBoardLine] {
    try SharingOversightTests.board(scene, at: now).filter { $0.owed == .delivery }
  }

  private static func isLate(_ scene: SharingScene, at now: UInt64) throws -> Bool {
    let record = try #require(try scene.request())
    return SharingReport(
      of: [record], from: 0, to: .max, at: now, calendars: try SharingOversightTests.calendars(scene)
    ).lines[0].isDeliveryLate
  }

  @Test("a grant that expires undelivered leaves the delivery owed, and overdue after its limit")
  func expired() throws {
    let start = beijing("2025-09-22", 9) / 1000
    let scene = try Self.granted(until: start + 3600)
    let due = CivilDate("2025-09-25")!.end(.standard)
    for (now, isOverdue) in [((start + 7200) * 1000, false), (due - 1, false), (due, true), (due * 2, true)] {
      let line = try #require(try Self.owed(scene, at: now).first)
      #expect(line.due == due && line.isOverdue == isOverdue && line.grant == .expired)
      #expect(try Self.isLate(scene, at: now) == isOverdue)
    }
  }

  @Test("a grant that is revoked undelivered leaves the delivery owed, whoever revokes it")
  func revoked() throws {
    for member in [Scene.health, Scene.authority] {
      var scene = try Self.granted()
      try scene.ledger.advance(by: 1000)
      try scene.accept(Scene.revoke(), by: member)
      let due = CivilDate("2025-09-25")!.end(.standard)
      #expect(try Self.owed(scene, at: due).map(\.isOverdue) == [true])
      #expect(try Self.owed(scene, at: due).first?.grant == .revoked)
      #expect(try Self.isLate(scene, at: due) && !Self.isLate(scene, at: due - 1))
      // What was delivered before is no missed delivery.
      var served = try Self.granted()
      try served.accept(Scene.deliver(), by: Scene.health)
      try served.accept(Scene.revoke(), by: member)
      #expect(try Self.owed(served, at: due).isEmpty && !Self.isLate(served, at: due))
    }
  }

  @Test("the limit counts from the approval, also for a grant that begins in ten years, or in the year 9999")
  func beginning() throws {
    for day in ["2025-10-09", "2035-09-22", "9999-12-01"] {
      let from = CivilDate(day)!.start(.standard) / 1000
      let scene = try Self.granted(from: from, until: from + 86_400)
      #expect(try scene.request()?.deliveryDue == CivilDate("2025-09-25")?.end(.standard), "\(day)")
      let line = try #require(try Self.owed(scene, at: CivilDate("2025-09-26")!.start(.standard)).first)
      #expect(line.isOverdue && line.grant == .notYet && line.workingDaysLeft == -1)
    }
  }

  @Test(
    "after a mismatch the provider owes again, within the days from the receipt; the next delivery settles it"
  )
  func mismatch() throws {
    for (after, isLate) in [(UInt64(0), false), (1, true)] {
      var scene = try Self.granted()
      try scene.accept(Scene.deliver(), by: Scene.health)
      #expect(try Self.owed(scene, at: scene.ledger.time).isEmpty)
      try scene.ledger.set(time: beijing("2025-10-13", 12))
      try scene.accept(Scene.receipt(data: [9]), by: Scene.civil)
      let due = CivilDate("2025-10-16")!.end(.standard)
      let line = try #require(try Self.owed(scene, at: due - 1).first)
      #expect(
        line.due == due && line.by == Scene.health && line.since == scene.ledger.time && !line.isOverdue)
      #expect(try Self.isLate(scene, at: due) && !Self.isLate(scene, at: due - 1))
      try scene.ledger.set(time: due - 1 + after)
      try scene.accept(Scene.deliver(Scene.id, 2, data: [4]), by: Scene.health)
      #expect(try Self.owed(scene, at: due * 2).isEmpty)
      #expect(try scene.delivery(2)?.isLate == isLate && scene.delivery(1)?.isLate == false)
      #expect(try scene.request()?.isDeliveryLate == isLate)
      #expect(try Self.isLate(scene, at: due * 2) == isLate)
      // A good receipt leaves nothing owed; a second mismatch would again.
      try scene.accept(Scene.receipt(Scene.id, 2, data: [4]), by: Scene.civil)
      #expect(try Self.owed(scene, at: due * 2).isEmpty)
    }
  }

  @Test("a mismatch that is told of after the grant is over leaves the delivery owed")
  func mismatchAfterTheEnd() throws {
    let start = beijing("2025-09-22", 9) / 1000
    var scene = try Self.granted(until: start + 3600, limit: 1)
    try scene.accept(Scene.deliver(), by: Scene.health)
    try scene.ledger.set(time: (start + 7200) * 1000)
    try scene.accept(Scene.receipt(data: [9]), by: Scene.civil)
    #expect(try Self.owed(scene, at: scene.ledger.time).map(\.grant) == [.expired])
    let record = try #require(try scene.request())
    #expect(record.owesDelivery && record.isDeliveryLate == false)
    #expect(try RequestRecord(decoding: record.encoded) == record)
  }

  // MARK: Members that left

  @Test(
    "entries of a bureau that left take no new requests, and its offers do not come in force; what runs goes on"
  )
  func left() throws {
    var scene = try Self.granted()
    let offer = try scene.accept(Scene.catalogue("E-9"), by: Scene.health)
    #expect(try scene.ledger.change(.removeMember(Scene.health)).isAccepted)
    #expect(try scene.submit(Scene.request("R-9"), by: Scene.civil).code == "not-in-force")
    #expect(try scene.ledger.countersign(offer, by: Scene.authority).code == "not-in-force")
    #expect(try Self.owed(scene, at: scene.ledger.time).count == 1)
    #expect(try scene.ledger.replayed() == scene.ledger.dump)
  }
}
