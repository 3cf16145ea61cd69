import Ledger
import LedgerCrypto
import Scenarios
import Statements

/// A ledger on which bureaus share data, and the statements that they usually make: a test names what differs.
struct SharingScene {
  static let health = "health"
  static let police = "police"
  static let civil = "civil"
  static let housing = "housing"
  static let authority = "data-bureau"
  static let auditor = "audit"
  static let visitor = "visitor"

  static let members: [String: [String]] = [
    health: ["provider"], police: ["provider"], civil: ["demander"], housing: ["demander"],
    authority: ["authority"], auditor: ["auditor"], visitor: [],
  ]
  static let entry = "41010000/卫健/0007"
  static let id = "需求-2025-001"
  static let salt = [UInt8](repeating: 9, count: 32)
  static let items = DataItems(["出生日期", "出生医学证明编号", "母亲户籍地"])!

  var ledger: TestLedger

  init(
    _ members: [String: [String]] = SharingScene.members, parameters: [String: UInt64] = [:],
    isSigned: Bool = false
  ) throws {
    ledger = try TestLedger(members, parameters: parameters, isSigned: isSigned)
    // A Monday: 2025-09-22, 9:00.
    try ledger.set(time: beijing("2025-09-22", 9))
  }

  var now: UInt64 { ledger.now }

  // MARK: Doing

  mutating func submit<Payload: SharingPayload>(_ payload: Payload, by member: String) throws -> Verdict {
    try ledger.submit(Payload.kind.contentType, by: member, about: payload.subject, payload.encoded)
  }

  /// Submits what must be accepted; returns the statement's id.
  @discardableResult
  mutating func accept<Payload: SharingPayload>(_ payload: Payload, by member: String) throws -> Digest {
    let verdict = try submit(payload, by: member)
    if let refusal = verdict.refusal { throw refusal }
    return verdict.id
  }

  /// Offers an entry and puts it in force.
  @discardableResult
  mutating func publish(_ catalogue: SharingCatalogue, by provider: String = health) throws -> Digest {
    let offer = try accept(catalogue, by: provider)
    if let refusal = try ledger.countersign(offer, by: SharingScene.authority).refusal { throw refusal }
    return offer
  }

  // MARK: What is usually said

  static func catalogue(
    _ entry: String = entry, version: UInt64 = 1, items: DataItems = items, lead: DataItems? = nil,
    attribute: SharingAttribute = .conditional, conditions: String? = "仅用于行政确认",
    basis: String? = "《政务数据共享条例》第十二条"
  ) -> SharingCatalogue {
    SharingCatalogue(
      entry: entry, version: version, name: "出生医学证明信息", items: items, lead: lead, attribute: attribute,
      conditions: attribute == .conditional ? conditions : nil, basis: basis, grade: "重要", format: "库表",
      frequency: "每日", method: "接口")
  }

  static func request(
    _ request: String = id, entry: String = entry, version: UInt64 = 1, items: DataItems = items,
    purpose: String = "低保审核", basis: String? = "《社会救助暂行办法》第十条", from: UInt64? = nil, until: UInt64? = nil,
    calendar: String? = nil
  ) -> SharingRequest {
    SharingRequest(
      request: request, entry: entry, version: version, items: items, purpose: purpose, basis: basis,
      scenario: "低保资格复核", method: "接口", from: from, until: until, handler: "社会救助处", calendar: calendar)
  }

  /// A grant from now on, for 30 days.
  func grant(
    _ request: String = id, items: DataItems = items, purpose: String = "低保审核", from: UInt64? = nil,
    until: UInt64? = nil, limit: UInt64? = nil
  ) -> SharingGrant {
    SharingGrant(
      request: request, items: items, purpose: purpose, from: from ?? now, until: until ?? now + 30 * 86_400,
      limit: limit, conditions: "不得转供他人")
  }

  static func deliver(
    _ request: String = id, _ sequence: UInt64 = 1, items: DataItems = items, purpose: String = "低保审核",
    data: [UInt8] = [1, 2, 3]
  ) throws -> SharingDeliver {
    SharingDeliver(
      request: request, sequence: sequence, items: items, purpose: purpose,
      commitment: try Commitment.to(data, salt: salt), records: 12)
  }

  static func receipt(
    _ request: String = id, _ delivery: UInt64 = 1, data: [UInt8] = [1, 2, 3]
  ) throws -> SharingReceipt {
    SharingReceipt(
      request: request, delivery: delivery, commitment: try Commitment.to(data, salt: salt))
  }

  static func use(_ request: String = id, _ delivery: UInt64 = 1, purpose: String = "低保审核") -> SharingUse {
    SharingUse(request: request, delivery: delivery, purpose: purpose, reference: "低保复核批次-17")
  }

  static func refuse(reason: String? = "不属于本部门职责", basis: String? = nil) -> SharingRefuse {
    SharingRefuse(request: id, reason: reason, basis: basis)
  }

  static func revoke(basis: String? = "机构改革方案", effective: UInt64? = nil) -> SharingRevoke {
    SharingRevoke(request: id, basis: basis, effective: effective)
  }

  static func erase(_ delivery: UInt64 = 1, reason: String? = "使用期满") -> SharingErase {
    SharingErase(request: id, delivery: delivery, reason: reason)
  }

  static func object(_ delivery: UInt64 = 1) -> SharingObject {
    SharingObject(to: .delivery(request: id, delivery), fault: .inaccurate, detail: "三条记录\n日期有误")
  }

  static func objectToEntry(version: UInt64 = 1) -> SharingObject {
    SharingObject(to: .entry(entry, version: version), fault: .outdated)
  }

  static func answer(_ objection: Digest, corrected: UInt64? = nil) -> SharingAnswer {
    SharingAnswer(
      to: objection, about: .request(id), outcome: .upheld, reply: "已更正", corrected: corrected)
  }

  // MARK: What there is

  func request(_ id: String = id) throws -> RequestRecord? {
    try ledger.value(RequestRecord.key(id)).map { try RequestRecord(decoding: $0) }
  }

  func delivery(_ number: UInt64 = 1) throws -> DeliveryRecord? {
    try ledger.value(DeliveryRecord.key(SharingScene.id, number)).map { try DeliveryRecord(decoding: $0) }
  }

  func entry(_ id: String = entry) throws -> EntryRecord? {
    try ledger.value(EntryRecord.key(id)).map { try EntryRecord(decoding: $0) }
  }

  func objection(_ id: Digest) throws -> ObjectionRecord? {
    try ledger.value(ObjectionRecord.key(id)).map { try ObjectionRecord(decoding: $0) }
  }
}
