import Ledger
import LedgerCrypto
import Scenarios
import Statements

extension PayloadNet {
  /// Every payload and every record of the scenarios.
  static let all: [PayloadNet] =
    EvidencePayloadTests.samples.reduce(into: []) { nets, sample in
      let net = evidence(sample)
      if !nets.contains(where: { $0.name == net.name }) { nets.append(net) }
    } + sharing + records

  private static func evidence<Payload: EvidencePayload>(_: Payload) -> PayloadNet {
    let samples = EvidencePayloadTests.samples.filter { $0 is Payload }.map(\.encoded)
    return PayloadNet(name: "evidence.\(Payload.kind.rawValue)", samples: samples) {
      (bytes) throws(Refusal) in
      try Payload(decoding: bytes).encoded
    }
  }

  private static func sharing<Payload: SharingPayload>(_ samples: Payload...) -> PayloadNet {
    PayloadNet(name: "sharing.\(Payload.kind.rawValue)", samples: samples.map(\.encoded)) {
      (bytes) throws(Refusal) in
      let payload = try Payload(decoding: bytes)
      let (encoded, subject) = (payload.encoded, Array(payload.subject.utf8))
      do throws(Refusal) { try payload.refusePersonalData() } catch {
        return encoded + subject + Array("\(error.code.rawValue): \(error.reason)".utf8)
      }
      return encoded + subject
    }
  }

  private static let digest = SHA256.digest(of: [1])

  private static let sharing: [PayloadNet] = [
    sharing(
      China2025.calendar,
      SharingCalendar(version: "13812345678", basis: "13912345678", holidays: [], workingDays: [])),
    sharing(
      SharingScene.catalogue(lead: DataItems(["出生日期"])!),
      SharingScene.catalogue(attribute: .notShareable, basis: "13912345678")),
    sharing(
      SharingScene.request(from: 0, until: 1 << 40, calendar: "2025"),
      SharingScene.request("13812345678", basis: "13912345678")),
    sharing(
      SharingGrant(
        request: "R", items: SharingScene.items, purpose: "a/b", from: 1, until: 2, limit: 3, conditions: "c"),
      SharingGrant(request: "13912345678", items: SharingScene.items, purpose: "a", from: 1, until: 2)),
    sharing(SharingScene.refuse(reason: "13912345678", basis: "b")),
    sharing(
      SharingDeliver(
        request: "R", sequence: 1, items: SharingScene.items, purpose: "a", commitment: digest, records: 0)),
    sharing(SharingReceipt(request: "R", delivery: 1_000_000_000, commitment: digest)),
    sharing(SharingScene.use()),
    sharing(SharingScene.object(), SharingScene.objectToEntry()),
    sharing(
      SharingScene.answer(digest, corrected: 2),
      SharingAnswer(to: digest, about: .entry("E"), outcome: .rejected, reply: "r")),
    sharing(SharingScene.revoke(basis: "13912345678", effective: 7)),
    sharing(SharingScene.erase()),
  ]

  private static func record<Value: StateValue>(_ name: String, _: Value.Type, _ samples: CBOR...)
    -> PayloadNet
  {
    PayloadNet(name: name, samples: samples.map(\.encoded)) { (bytes) throws(Refusal) in
      try Value(decoding: bytes).encoded
    }
  }

  private static let bytes = CBOR.bytes(digest.bytes)

  private static let records: [PayloadNet] = [
    record(
      "item", Evidence.Item.self,
      [
        "case": "c", "last": bytes, "seal": "S", "size": 7, "holds": 1, "since": 1, "state": "sealed",
        "orders": [["court": "court", "order": "o", "statement": bytes]], "deposit": bytes,
        "digests": ["sha-256": bytes], "dispute": "digest", "entries": 1, "pending": bytes,
        "manifest": ["root": bytes, "bytes": 1, "files": 1], "receiver": "lab", "custodian": "office",
        "depositor": "office",
      ],
      [
        "case": "c", "last": bytes, "size": 7, "holds": 0, "since": 1, "state": "deposited", "deposit": bytes,
        "digests": ["sm3": bytes, "sha-256": bytes], "entries": 1, "custodian": "office",
        "depositor": "office",
      ]),
    record("record", Evidence.Record.self, ["item": "E-1", "issuer": "office"]),
    record("seal use", Evidence.SealUse.self, ["item": "E-1"]),
    record(
      "pending", Evidence.Pending.self,
      [
        "item": "E-1", "kind": "resolve", "seal": "S", "state": "waiting", "waits": "supervisor",
        "issuer": "office", "outcome": "sealed", "previous": bytes,
      ]),
    record(
      "calendar record", CalendarRecord.self,
      [
        "since": 1, "version": "2025", "working": [20000], "holidays": [20001, 20002], "previous": "2024",
        "authority": "bureau",
      ]),
    PayloadNet(name: "calendar in force", samples: [(["version": "2025"] as CBOR).encoded]) {
      (bytes) throws(Refusal) in Array(try CalendarRecord.version(decoding: bytes).utf8)
    },
    record(
      "delivery record", DeliveryRecord.self,
      [
        "late": 0, "uses": 1, "entry": "E", "items": ["a", "b"], "state": "received", "purpose": "a/b",
        "records": 7, "request": "R", "delivery": 1, "demander": "d", "provider": "p", "received": 3,
        "delivered": 2, "commitment": bytes, "objections": 3, "open-objections": 2, "demander-erasure": 4,
        "provider-erasure": 5,
      ]),
    record(
      "entry record", EntryRecord.self,
      [
        "lead": ["a"], "name": "n", "basis": "b", "entry": "E", "grade": "g", "items": ["a", "b"], "since": 1,
        "state": "in-force", "format": "f", "method": "m", "version": 1, "provider": "p",
        "attribute": "conditional", "authority": "a", "frequency": "f", "statement": bytes, "conditions": "c",
        "objections": 3, "open-objections": 2,
      ]),
    record("lead record", LeadRecord.self, ["item": "a", "entry": "E", "provider": "p"]),
    record(
      "objection record", ObjectionRecord.self,
      [
        "due": 9, "late": 1, "entry": "E", "fault": "outdated", "state": "answered", "opened": 1,
        "outcome": "upheld", "version": 1, "answered": 8, "calendar": "2025", "demander": "d",
        "provider": "p",
        "corrected": 2, "objection": bytes,
      ],
      [
        "due": 9, "fault": "outdated", "state": "open", "opened": 1, "request": "R", "delivery": 1,
        "demander": "d", "provider": "p", "objection": bytes,
      ]),
    record(
      "offer record", OfferRecord.self,
      [
        "entry": "E", "state": "waiting", "offered": 1, "payload": .bytes([1, 2]), "version": 1,
        "provider": "p",
        "statement": bytes,
      ]),
    record(
      "request record", RequestRecord.self,
      [
        "due": 9, "from": 1, "late": 0, "again": 3, "entry": "E", "items": ["a", "b"], "limit": 3,
        "state": "granted", "until": 8, "purpose": "a/b", "replied": 2, "request": "R", "revoked": 7,
        "version": 1,
        "calendar": "2025", "demander": "d", "provider": "p", "again-due": 4, "attribute": "conditional",
        "delivered": 3, "requested": 1, "deliveries": 2, "mismatches": 1, "delivery-due": 6,
        "delivery-late": 1,
        "again-calendar": "2025", "delivery-calendar": "2025",
      ]),
    record(
      "use record", UseRecord.self,
      [
        "use": 1, "used": 2, "purpose": "a/b", "request": "R", "delivery": 1, "demander": "d",
        "reference": "r",
        "objections": 3, "open-objections": 2,
      ]),
  ]
}
