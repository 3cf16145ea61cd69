import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Testing

/// A payload or record of some type: how it is read, and that what is read is written back.
struct Codec: Sendable {
  let name: String
  let samples: [[UInt8]]
  /// Decodes, and encodes again.
  let pass: @Sendable ([UInt8]) throws -> [UInt8]

  static func payload<Payload: SharingPayload>(_ samples: Payload...) -> Codec {
    Codec(name: Payload.kind.rawValue, samples: samples.map(\.encoded)) { try Payload(decoding: $0).encoded }
  }

  static let statement = SHA256.digest(of: [1])

  static let payloads: [Codec] = [
    payload(
      China2025.calendar, SharingCalendar(version: "2026-草案", holidays: [], workingDays: [])),
    payload(
      SharingScene.catalogue(lead: DataItems(["出生日期"])!),
      SharingScene.catalogue(attribute: .unconditional, basis: nil),
      SharingScene.catalogue(attribute: .notShareable, basis: "第一行\n第二行")),
    payload(
      SharingScene.request(), SharingScene.request(from: 0, until: 1 << 40, calendar: "2025"),
      SharingScene.request(basis: nil)),
    payload(
      SharingGrant(
        request: "R", items: SharingScene.items, purpose: "a/b", from: 1, until: 2, limit: 3, conditions: "c"),
      SharingGrant(request: "R", items: SharingScene.items, purpose: "a", from: 1, until: 2)),
    payload(SharingScene.refuse(), SharingScene.refuse(reason: nil, basis: "b")),
    payload(
      SharingDeliver(
        request: "R", sequence: 1, items: SharingScene.items, purpose: "a", commitment: statement, records: 0)
    ),
    payload(SharingReceipt(request: "R", delivery: 1_000_000_000, commitment: statement)),
    payload(SharingScene.use()),
    payload(SharingScene.object(), SharingScene.objectToEntry()),
    payload(
      SharingScene.answer(statement, corrected: 2),
      SharingAnswer(to: statement, about: .entry("E"), outcome: .rejected, reply: "r")),
    payload(SharingScene.revoke(), SharingScene.revoke(basis: nil, effective: 7)),
    payload(SharingScene.erase(), SharingScene.erase(reason: nil)),
  ]

  /// Every value that a ledger holds on which everything has happened.
  static let records: [Codec] = {
    do {
      var scene = try SharingScene.delivering()
      try scene.accept(China2025.calendar, by: SharingScene.authority)
      try scene.accept(SharingScene.catalogue(version: 2, lead: SharingScene.items), by: SharingScene.health)
      try scene.publish(SharingScene.catalogue(version: 2, lead: SharingScene.items))
      try scene.accept(SharingScene.use(), by: SharingScene.civil)
      let objection = try scene.accept(SharingScene.object(), by: SharingScene.civil)
      try scene.accept(SharingScene.objectToEntry(), by: SharingScene.housing)
      try scene.accept(SharingScene.answer(objection), by: SharingScene.health)
      try scene.accept(SharingScene.request("R-2", version: 2, calendar: "2025"), by: SharingScene.civil)
      try scene.accept(scene.grant("R-2", limit: 2), by: SharingScene.health)
      try scene.accept(SharingScene.revoke(), by: SharingScene.authority)
      try scene.accept(SharingScene.erase(), by: SharingScene.civil)
      try scene.accept(SharingScene.erase(), by: SharingScene.health)
      let values = Dictionary(grouping: scene.ledger.values.filter { $0.key.parts.count > 2 }) {
        $0.key.parts[1]
      }
      return values.compactMap { part, values -> Codec? in
        let key = values[0].key
        guard part != "offered" else { return nil }
        return Codec(name: part, samples: values.map(\.value)) { bytes in
          switch try #require(try SharingRecord(key: key, value: bytes)) {
          case .calendar(let record): record.encoded
          case .entry(let record): record.encoded
          case .offer(let record): record.encoded
          case .lead(let record): record.encoded
          case .request(let record): record.encoded
          case .delivery(let record): record.encoded
          case .use(let record): record.encoded
          case .objection(let record): record.encoded
          }
        }
      }.sorted { $0.name < $1.name }
    } catch { preconditionFailure("\(error)") }
  }()
}

extension Codec: CustomTestStringConvertible {
  var testDescription: String { name }
}

@Suite("Payloads and records of data sharing")
struct SharingPayloadTests {
  @Test(
    "what is written is canonical CBOR and reads back as it was", arguments: Codec.payloads + Codec.records)
  func roundTrip(codec: Codec) throws {
    for sample in codec.samples {
      #expect(try CBOR(decoding: sample).encoded == sample)
      #expect(try codec.pass(sample) == sample)
    }
  }

  @Test("every kind has its payload, and every record its reader")
  func all() {
    #expect(Codec.payloads.map(\.name) == SharingKind.allCases.map(\.rawValue))
    #expect(
      Codec.records.map(\.name) == [
        "calendar", "delivery", "entry", "lead", "objection", "pending", "request", "use", "version",
      ])
    for kind in SharingKind.allCases { #expect(SharingKind(contentType: kind.contentType) == kind) }
  }

  @Test(
    "a key too many, too few or renamed, and a value of another type, are malformed",
    arguments: Codec.payloads + Codec.records)
  func strict(codec: Codec) throws {
    for sample in codec.samples {
      guard case .map(let map) = try CBOR(decoding: sample) else { continue }
      let pairs = map.pairs.map { ($0.key, $0.value) }
      func isRefused(_ pairs: [(CBOR, CBOR)]) -> Bool {
        let bytes = CBOR.map(CBORMap(pairs)).encoded
        do {
          // What is taken for an optional field that is absent must be written back so.
          return try codec.pass(bytes) != bytes
        } catch let error as Refusal {
          return error.code == .malformed
        } catch {
          return false
        }
      }
      for word in ["a", "extra", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"] {
        #expect(isRefused(pairs + [(.text(word), 1)]), "\(word)")
      }
      #expect(isRefused(pairs + [(1, 1)]))
      for place in pairs.indices {
        for value: CBOR in [.null, .bool(true), .negative(0), .map([:]), .bytes([1]), .text(""), .array([])] {
          var changed = pairs
          // The payload of an offer is any bytes to its record.
          if changed[place].1 == value || pairs[place].0 == "payload" { continue }
          changed[place].1 = value
          // Lists may be empty here and there, and then it is another good payload.
          guard case .array([]) = value, (try? codec.pass(CBOR.map(CBORMap(changed)).encoded)) != nil else {
            #expect(isRefused(changed), "\(pairs[place].0) as \(value)")
            continue
          }
        }
        var renamed = pairs
        renamed[place].0 = .text("renamed")
        #expect(isRefused(renamed))
      }
      #expect(throws: Refusal.self) { try codec.pass(sample + [0]) }
      #expect(throws: Refusal.self) { try codec.pass(Array(sample.dropLast())) }
    }
  }

  @Test("texts have bounds, no control characters and no blanks around them; ids no spaces at all")
  func texts() throws {
    func code(_ request: SharingRequest) -> String {
      do {
        return try SharingRequest(decoding: request.encoded) == request ? "good" : "changed"
      } catch { return error.code.rawValue }
    }
    #expect(code(SharingScene.request(String(repeating: "x", count: 64))) == "good")
    for id in [
      "", String(repeating: "x", count: 65), "a b", "a\u{3000}b", "a\u{a0}b", "a\tb", "a\u{85}", "\n",
    ] {
      #expect(code(SharingScene.request(id)) == "malformed", "\(id.debugDescription)")
    }
    for purpose in [" a", "a ", "\u{3000}a", "a\u{3000}", "a\nb", "a\u{7f}", "/a", "a/", "a//b", ""] {
      #expect(code(SharingScene.request(purpose: purpose)) == "malformed", "\(purpose.debugDescription)")
    }
    for basis in ["一\n二", "a b", "“引文”、①"] { #expect(code(SharingScene.request(basis: basis)) == "good") }
    for basis in ["", " ", "\n", "a\r\nb", String(repeating: "x", count: 2001)] {
      #expect(code(SharingScene.request(basis: basis)) == "malformed", "\(basis.debugDescription)")
    }
  }

  @Test("a calendar's days are ascending, each in one list, and worked days are weekend days")
  func calendars() throws {
    func isGood(_ holidays: [String], _ working: [String]) -> Bool {
      let payload: CBOR = [
        "version": "x", "holidays": .array(holidays.map(CBOR.text)),
        "working": .array(working.map(CBOR.text)),
      ]
      return (try? SharingCalendar(decoding: payload.encoded)) != nil
    }
    #expect(isGood(["2025-10-01", "2025-10-04"], ["2025-09-28", "2025-10-11"]))
    #expect(!isGood(["2025-10-04", "2025-10-01"], []))
    #expect(!isGood(["2025-10-01", "2025-10-01"], []))
    #expect(!isGood([], ["2025-10-11", "2025-09-28"]))
    #expect(!isGood([], ["2025-10-13"]))
    #expect(!isGood(["2025-10-11"], ["2025-10-11"]))
    #expect(!isGood(["2025-02-30"], []))
  }

  @Test("items are sets: sorted, each once, told apart by their bytes")
  func items() throws {
    #expect(DataItems(["b", "a"])?.names == ["a", "b"])
    #expect(DataItems([]) == nil)
    #expect(DataItems(["a", "a"]) == nil)
    #expect(DataItems([" a"]) == nil)
    #expect(DataItems((0...256).map(String.init)) == nil)
    // é, composed and decomposed: one string to Swift, two items to a ledger.
    let (one, other) = (try #require(DataItems(["\u{e9}"])), try #require(DataItems(["e\u{301}"])))
    #expect(one != other && !one.isSubset(of: other))
    #expect(try #require(DataItems(["a", "c"])).isSubset(of: #require(DataItems(["a", "b", "c"]))))
    #expect(try !#require(DataItems(["a", "d"])).isSubset(of: #require(DataItems(["a", "b", "c"]))))
  }

  @Test("an identity number in any text is refused, and so is one in sub", arguments: Codec.payloads)
  func personalData(codec: Codec) throws {
    let number = "11010519491231002X"
    // Words out of a list and dates can't hold one.
    let fixed: Set<String> = ["attribute", "fault", "outcome", "working", "holidays"]
    var found: Set<String> = []
    for sample in codec.samples {
      guard case .map(let map) = try CBOR(decoding: sample) else { continue }
      for (place, pair) in map.pairs.enumerated() {
        guard case .text(let name) = pair.key else { continue }
        var pairs = map.pairs.map { ($0.key, $0.value) }
        switch pair.value {
        case .text: pairs[place].1 = .text(number)
        case .array(let items) where !items.isEmpty: pairs[place].1 = .array([.text(number)])
        default: continue
        }
        if name == "items" { pairs = pairs.map { $0.0 == "lead" ? ("lead", []) : $0 } }
        if name == "lead" { pairs = pairs.map { $0.0 == "items" ? ("items", .array([.text(number)])) : $0 } }
        let subjects = ["calendar": "version", "catalogue": "entry"]
        var subject: CBOR?
        for key in [subjects[codec.name] ?? "request", "entry"] where subject == nil {
          subject = pairs.first { $0.0 == .text(key) }?.1
        }
        guard case .text(let subject) = try #require(subject) else { continue }
        var scene = try SharingScene()
        let verdict = try scene.ledger.submit(
          SharingKind.prefix + codec.name + "+cbor", by: SharingScene.visitor, about: subject,
          CBOR.map(CBORMap(pairs)))
        #expect(verdict.code == (fixed.contains(name) ? "malformed" : "personal-data"), "\(name)")
        if let reason = verdict.refusal?.reason { #expect(!reason.contains(number)) }
        found.insert(name)
      }
    }
    #expect(!found.isEmpty)
  }
}
