import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing

/// Random statements by random members, and after each what must hold whatever came before, told by a bookkeeping that shares
/// nothing with the rules.
@Suite("Data sharing, generated sequences")
struct SharingGeneratedTests {
  static let perSequence = 400

  @Test("the invariants hold after each of many random statements", arguments: 0..<4)
  func sequences(shard: Int) throws {
    let count = Fuzzing.inputs / 4
    print("sharing sequences: \(count) statements, ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    var generator = SeededGenerator(seed: Fuzzing.seed &+ UInt64(shard))
    var accepted: [String: Int] = [:]
    var refused: [String: Int] = [:]
    var done = 0
    while done < count {
      var run = try GeneratedSharing(generator)
      for _ in 0..<min(SharingGeneratedTests.perSequence, count - done) {
        guard try run.step() else { return }
        done += 1
      }
      try run.finish()
      generator = run.generator
      accepted.merge(run.accepted, uniquingKeysWith: +)
      refused.merge(run.refused, uniquingKeysWith: +)
    }
    guard count >= 10_000 else { return }
    // Else it would test nothing.
    for kind in SharingKind.allCases.map(\.rawValue) + ["countersign"] {
      #expect(accepted[kind, default: 0] > 0, "\(kind) was accepted \(accepted[kind, default: 0]) times")
    }
    for code in [
      "no-grant", "purpose", "scope", "expired", "revoked", "limit", "not-shareable", "missing-basis",
      "missing-reason", "lead-source", "unknown-entry", "unknown-request", "duplicate", "wrong-state", "role",
      "not-in-force", "proposal-void",
    ] { #expect(refused[code, default: 0] > 0, "nothing was refused as \(code)") }
  }
}

/// One ledger, one generator, and what the statements that were accepted amount to.
struct GeneratedSharing {
  struct Grant {
    var items: Set<String>
    var purpose: String
    var from, until: UInt64
    var limit: UInt64?
    var revoked: UInt64 = .max
  }

  struct Delivery {
    var items: Set<String>
    var purpose: String
    var commitment: Digest
    var isReceived: Bool?
  }

  struct Asked {
    var items: Set<String>
    var purpose, provider, demander: String
  }

  typealias Scene = SharingScene

  var generator: SeededGenerator
  var scene: SharingScene
  var accepted: [String: Int] = [:]
  var refused: [String: Int] = [:]

  var asked: [String: Asked] = [:]
  var refusals: Set<String> = []
  var grants: [String: Grant] = [:]
  var deliveries: [String: [Delivery]] = [:]
  var offers: [Digest: (SharingCatalogue, String)] = [:]
  /// The version in force of each entry.
  var entries: [String: (SharingCatalogue, String)] = [:]
  var objections: [(id: Digest, target: SharingTarget, provider: String)] = []
  var calendars: [String] = []
  var lists: FollowedLists

  static let members = [
    Scene.health, Scene.police, Scene.civil, Scene.housing, Scene.authority, Scene.auditor, Scene.visitor,
  ]
  static let names = ["a", "b", "c", "d"]
  static let purposes = ["救助", "救助/复核", "救助/复核/季度", "税务"]
  static let ids = ["R-1", "R-2", "R-3", "R-4", "R-5", "R-6"]
  static let entryIDs = ["E-1", "E-2", "E-3"]

  init(_ generator: SeededGenerator, isSigned: Bool = false) throws {
    self.generator = generator
    scene = try SharingScene(
      parameters: ["reply-days-conditional": 2, "delivery-days": 2], isSigned: isSigned)
    lists = FollowedLists(scene.ledger)
  }

  // MARK: Chance

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements.randomElement(using: &generator)! }
  mutating func chance(_ one: Int, in all: Int) -> Bool { Int.random(in: 0..<all, using: &generator) < one }
  mutating func number(_ range: ClosedRange<UInt64>) -> UInt64 { UInt64.random(in: range, using: &generator) }

  mutating func items() -> DataItems {
    let names = GeneratedSharing.names.filter { _ in Bool.random(using: &generator) }
    return DataItems(names.isEmpty ? ["a"] : names)!
  }

  /// Mostly the member who may, else any.
  mutating func member(_ likely: String?) -> String {
    guard let likely, chance(7, in: 8) else { return pick(GeneratedSharing.members) }
    return likely
  }

  mutating func id() -> String {
    chance(1, in: 40) ? "R-none" : pick(GeneratedSharing.ids)
  }

  // MARK: Steps

  /// One random statement; false once an invariant is broken.
  mutating func step() throws -> Bool {
    if chance(1, in: 12) { try scene.ledger.advance(by: number(1...86_400_000)) }
    lists.follow(scene.ledger, "ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    // From then on records are read back, as a node reads them that was started again.
    if chance(1, in: 300) { try scene.ledger.restart() }
    let request = id()
    let (provider, demander) = (asked[request]?.provider, asked[request]?.demander)
    let count = UInt64(deliveries[request]?.count ?? 0)
    let delivery = max(1, number(0...count + (chance(1, in: 10) ? 1 : 0)))
    switch Int.random(in: 0..<30, using: &generator) {
    case 0:
      let version = "C-\(number(0...30))"
      let payload = SharingCalendar(
        version: version, holidays: [CivilDate("2025-10-01")!], workingDays: [CivilDate("2025-09-28")!])
      return try submit(payload, by: member(Scene.authority)) { run in run.calendars.append(version) }
    case 1, 2: return try offer()
    case 3, 4:
      guard let target = offers.keys.sorted().randomElement(using: &generator) else { return true }
      return try countersign(target)
    case 5, 6, 7: return try ask(request)
    case 8, 9: return try grant(request, by: member(provider))
    case 10:
      let payload = SharingRefuse(
        request: request, reason: chance(4, in: 5) ? "理由" : nil, basis: chance(1, in: 2) ? "依据" : nil)
      return try submit(payload, by: member(provider)) { run in
        run.require(run.asked[request] != nil && run.grants[request] == nil, "a reply after a grant")
        run.require(run.refusals.insert(request).inserted, "a second refusal")
      }
    case 11...16:
      return try deliver(request, number: chance(9, in: 10) ? count + 1 : delivery, by: member(provider))
    case 17...19: return try receipt(request, delivery, by: member(demander))
    case 20...23: return try use(request, delivery, by: member(demander))
    case 24:
      let target: SharingTarget =
        chance(1, in: 2)
        ? .delivery(request: request, delivery)
        : .entry(pick(GeneratedSharing.entryIDs), version: number(1...2))
      return try object(target, by: member(demander))
    case 25: return try answer()
    case 26: return try revoke(request, by: chance(1, in: 2) ? member(Scene.authority) : member(provider))
    case 27:
      let payload = SharingErase(request: request, delivery: delivery, reason: chance(4, in: 5) ? "到期" : nil)
      return try submit(payload, by: chance(1, in: 2) ? member(demander) : member(provider)) { _ in }
    default: return try deliver(request, number: count + 1, by: member(provider))
    }
  }

  mutating func offer() throws -> Bool {
    let entry = chance(1, in: 40) ? "E-\(number(4...9))" : pick(GeneratedSharing.entryIDs)
    let items = items()
    let payload = Scene.catalogue(
      entry,
      version: (entries[entry]?.0.version ?? 0) + number(0...1) * number(0...1) + (chance(7, in: 8) ? 1 : 0),
      items: items, lead: chance(1, in: 3) ? DataItems([pick(items.names)]) : nil,
      attribute: pick(SharingAttribute.allCases), basis: chance(3, in: 4) ? "依据" : nil)
    guard payload.version > 0 else { return true }
    let issuer = member(entries[entry]?.1 ?? pick([Scene.health, Scene.police]))
    return try submit(payload, by: issuer) { run, id in run.offers[id] = (payload, issuer) }
  }

  mutating func countersign(_ target: Digest) throws -> Bool {
    let issuer = member(Scene.authority)
    let mark = scene.ledger.mark
    let verdict = try scene.ledger.countersign(target, by: issuer)
    return try judged("countersign", verdict, since: mark) { run, _ in
      let (catalogue, provider) = run.offers[target]!
      let earlier = run.entries[catalogue.entry]
      run.require(earlier.map { $0.1 == provider } ?? true, "an entry changed hands")
      run.require(catalogue.version == (earlier?.0.version ?? 0) + 1, "a version was left out")
      run.require(provider != issuer, "one member signed twice")
      run.entries[catalogue.entry] = (catalogue, provider)
      // 一数一源.
      let led = run.entries.values.flatMap { $0.0.lead?.names ?? [] }
      run.require(Set(led).count == led.count, "an item has two lead sources")
      for (entry, (catalogue, _)) in run.entries {
        for item in catalogue.lead?.names ?? [] {
          let value = run.scene.ledger.value(LeadRecord.key(item))
          let record = try value.map { try LeadRecord(decoding: $0) }
          run.require(record?.entry == entry, "the lead source of \(item)")
        }
      }
    }
  }

  mutating func ask(_ id: String) throws -> Bool {
    let entry = chance(1, in: 20) ? "E-none" : pick(GeneratedSharing.entryIDs)
    let offered = entries[entry]?.0
    let wanted = chance(1, in: 8) ? items() : offered?.items ?? items()
    let purpose = pick(GeneratedSharing.purposes)
    let payload = Scene.request(
      id, entry: entry, version: chance(9, in: 10) ? max(1, offered?.version ?? 1) : number(1...3),
      items: wanted,
      purpose: purpose, basis: chance(4, in: 5) ? "依据" : nil,
      calendar: chance(1, in: 3) ? calendars.last ?? "C-x" : nil)
    let issuer = member(pick([Scene.civil, Scene.housing]))
    return try submit(payload, by: issuer) { run in
      let (catalogue, provider) = try #require(run.entries[entry])
      run.require(run.asked[id] == nil, "a request twice")
      run.require(payload.basis != nil, "a request without a ground")
      run.require(payload.version == catalogue.version, "an old version was asked for")
      run.require(Set(wanted.names).isSubset(of: Set(catalogue.items.names)), "items that are not offered")
      run.asked[id] = Asked(
        items: Set(wanted.names), purpose: purpose, provider: provider, demander: issuer)
      let record = try #require(try run.scene.request(id))
      run.require(record.due > run.scene.ledger.time && record.calendar == run.calendars.last, "the due date")
    }
  }

  mutating func grant(_ id: String, by issuer: String) throws -> Bool {
    let now = scene.now
    let from = now - 10 + number(0...20) * (chance(1, in: 4) ? 5000 : 0)
    let until = from + number(1...500_000)
    let limit = chance(1, in: 3) ? number(1...2) : nil
    let given = chance(1, in: 4) ? items() : DataItems(asked[id].map { Array($0.items) } ?? ["a"])!
    let purpose = chance(1, in: 4) ? pick(GeneratedSharing.purposes) : asked[id]?.purpose ?? "救助"
    let payload = SharingGrant(
      request: id, items: given, purpose: purpose, from: from, until: until, limit: limit)
    return try submit(payload, by: issuer) { run in
      let asked = try #require(run.asked[id])
      run.require(asked.provider == issuer, "another bureau granted it")
      run.require(run.grants[id] == nil && !run.refusals.contains(id), "a second reply")
      run.require(Set(given.names).isSubset(of: asked.items), "more was granted than was asked for")
      run.require(GeneratedSharing.isNarrower(purpose, asked.purpose), "a wider purpose was granted")
      run.grants[id] = Grant(
        items: Set(given.names), purpose: purpose, from: from * 1000, until: until * 1000, limit: limit)
      let record = try #require(try run.scene.request(id))
      run.require(record.isLate == (run.scene.ledger.time >= record.due), "whether the reply was late")
    }
  }

  mutating func deliver(_ id: String, number: UInt64, by issuer: String) throws -> Bool {
    let given = chance(1, in: 8) ? items() : DataItems(grants[id].map { Array($0.items) } ?? ["a"])!
    let purpose = chance(1, in: 6) ? pick(GeneratedSharing.purposes) : grants[id]?.purpose ?? "救助"
    let commitment = SHA256.digest(of: generator.bytes(4))
    let payload = SharingDeliver(
      request: id, sequence: number, items: given, purpose: purpose, commitment: commitment, records: 1)
    return try submit(payload, by: issuer) { run in
      let time = run.scene.ledger.time
      guard let grant = run.grants[id] else { return run.require(false, "a delivery without a grant") }
      run.require(run.asked[id]?.provider == issuer, "another bureau delivered")
      run.require(
        time >= grant.from && time < grant.until && time < grant.revoked,
        "a delivery outside the grant's time")
      run.require(Set(given.names).isSubset(of: grant.items), "a delivery of items that were not granted")
      run.require(GeneratedSharing.isNarrower(purpose, grant.purpose), "a delivery for a wider purpose")
      let earlier = run.deliveries[id] ?? []
      let counted = earlier.filter { $0.isReceived != false }.count
      run.require(grant.limit.map { UInt64(counted) < $0 } ?? true, "a delivery beyond the limit")
      run.require(number == UInt64(earlier.count) + 1, "a gap between deliveries")
      run.deliveries[id, default: []].append(
        Delivery(items: Set(given.names), purpose: purpose, commitment: commitment))
    }
  }

  mutating func receipt(_ id: String, _ number: UInt64, by issuer: String) throws -> Bool {
    let place = Int(number) - 1
    let committed = deliveries[id].flatMap { place < $0.count ? $0[place].commitment : nil } ?? .zero
    let isRight = chance(4, in: 5)
    let payload = SharingReceipt(
      request: id, delivery: number, commitment: isRight ? committed : SHA256.digest(of: [7]))
    return try submit(payload, by: issuer) { run in
      run.require(run.asked[id]?.demander == issuer, "another bureau's receipt")
      guard let delivery = run.deliveries[id]?[place] else {
        return run.require(false, "a receipt for nothing")
      }
      run.require(delivery.isReceived == nil, "a second receipt")
      run.deliveries[id]?[place].isReceived = isRight
    }
  }

  mutating func use(_ id: String, _ number: UInt64, by issuer: String) throws -> Bool {
    let place = Int(number) - 1
    let purpose = chance(1, in: 4) ? pick(GeneratedSharing.purposes) : grants[id]?.purpose ?? "救助"
    let payload = SharingUse(request: id, delivery: number, purpose: purpose, reference: "批次")
    return try submit(payload, by: issuer) { run in
      let (time, grant) = (run.scene.ledger.time, try #require(run.grants[id]))
      guard let delivery = run.deliveries[id]?[place] else { return run.require(false, "a use of nothing") }
      run.require(delivery.isReceived == true, "a use of what was not received")
      run.require(GeneratedSharing.isNarrower(purpose, delivery.purpose), "a use for a wider purpose")
      run.require(time < grant.until && time < grant.revoked, "a use after the grant")
    }
  }

  mutating func object(_ target: SharingTarget, by issuer: String) throws -> Bool {
    let provider: String? =
      switch target {
      case .delivery(let request, _): asked[request]?.provider
      case .entry(let entry, _): entries[entry]?.1
      }
    return try submit(SharingObject(to: target, fault: pick(SharingFault.allCases)), by: issuer) { run, id in
      run.objections.append((id, target, try #require(provider)))
    }
  }

  mutating func answer() throws -> Bool {
    guard !objections.isEmpty else { return true }
    let objection = pick(objections)
    let about: SharingAnswer.Subject =
      switch objection.target {
      case .delivery(let request, _): .request(request)
      case .entry(let entry, _): .entry(entry)
      }
    let payload = SharingAnswer(to: objection.id, about: about, outcome: .upheld, reply: "好")
    let issuer = member(objection.provider)
    return try submit(payload, by: issuer) { run in
      run.require(issuer == objection.provider, "another bureau's answer")
      run.require(run.objections.contains { $0.id == objection.id }, "a second answer")
      run.objections.removeAll { $0.id == objection.id }
    }
  }

  mutating func revoke(_ id: String, by issuer: String) throws -> Bool {
    let effective = chance(1, in: 2) ? scene.now + number(0...100_000) : nil
    let payload = SharingRevoke(request: id, basis: chance(4, in: 5) ? "依据" : nil, effective: effective)
    return try submit(payload, by: issuer) { run in
      let at = max(run.scene.ledger.time, (effective ?? 0) * 1000)
      guard let grant = run.grants[id] else { return run.require(false, "a revocation of nothing") }
      run.require(at < grant.revoked, "a revocation that postpones another")
      run.grants[id]?.revoked = at
    }
  }

  // MARK: Judging

  /// Whether `purpose` is `other` or one level or more below it, told level by level.
  static func isNarrower(_ purpose: String, _ other: String) -> Bool {
    let (one, two) = (purpose.split(separator: "/"), other.split(separator: "/"))
    return one.count >= two.count && zip(one, two).allSatisfy { $0 == $1 }
  }

  private var isSound = true

  mutating func require(_ condition: Bool, _ what: String) {
    guard !condition else { return }
    isSound = false
    Issue.record("\(what), ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
  }

  mutating func submit<Payload: SharingPayload>(
    _ payload: Payload, by member: String, then: (inout GeneratedSharing) throws -> Void
  ) throws -> Bool {
    try submit(payload, by: member) { run, _ in try then(&run) }
  }

  mutating func submit<Payload: SharingPayload>(
    _ payload: Payload, by member: String, then: (inout GeneratedSharing, Digest) throws -> Void
  ) throws -> Bool {
    let mark = scene.ledger.mark
    let verdict = try scene.submit(payload, by: member)
    return try judged(Payload.kind.rawValue, verdict, since: mark, then)
  }

  mutating func judged(
    _ kind: String, _ verdict: Verdict, since mark: TestLedger.Mark,
    _ then: (inout GeneratedSharing, Digest) throws -> Void
  ) throws -> Bool {
    if let refusal = verdict.refusal {
      refused[refusal.code.rawValue, default: 0] += 1
      require(scene.ledger.isUnchanged(since: mark), "a refusal (\(refusal)) left something behind")
    } else {
      accepted[kind, default: 0] += 1
      try then(&self, verdict.id)
    }
    return isSound
  }

  /// The state is what the bookkeeping says, and a replay arrives at the same bytes.
  mutating func finish() throws {
    for id in GeneratedSharing.ids {
      let record = try scene.request(id)
      require((record != nil) == (asked[id] != nil), "the request \(id)")
      guard let record else { continue }
      let state: RequestRecord.State =
        grants[id].map { $0.revoked == .max ? .granted : .revoked }
        ?? (refusals.contains(id) ? .refused : .submitted)
      require(record.state == state, "the state of \(id)")
      require(record.deliveries == UInt64(deliveries[id]?.count ?? 0), "the deliveries of \(id)")
    }
    let state = scene.ledger.dump
    try scene.ledger.cut()
    lists.finish(scene.ledger, "ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    require(TestLedger.dump(lists.audit.values) == state, "a replay gives another state")
  }
}
