import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Testing

@Suite("Data sharing, rule by rule")
struct SharingRulesTests {
  typealias Scene = SharingScene

  // MARK: The catalogue

  @Test("an entry that is not shareable names the law; a conditional one its conditions, and no other")
  func attributes() throws {
    var scene = try Scene()
    let closed = Scene.catalogue(attribute: .notShareable, basis: nil)
    #expect(try scene.submit(closed, by: Scene.health).code == "missing-basis")
    #expect(
      try scene.submit(Scene.catalogue(attribute: .unconditional, basis: nil), by: Scene.health).isAccepted)
    #expect(try scene.submit(Scene.catalogue(conditions: nil), by: Scene.health).code == "malformed")
  }

  @Test("versions count from 1 without gaps, and an entry stays with its bureau")
  func versions() throws {
    var scene = try Scene()
    #expect(try scene.submit(Scene.catalogue(version: 2), by: Scene.health).code == "wrong-state")
    try scene.publish(Scene.catalogue())
    #expect(try scene.submit(Scene.catalogue(), by: Scene.health).code == "duplicate")
    #expect(try scene.submit(Scene.catalogue(version: 3), by: Scene.health).code == "wrong-state")
    #expect(try scene.submit(Scene.catalogue(version: 2), by: Scene.police).code == "role")
    try scene.publish(Scene.catalogue(version: 2))
    #expect(try scene.entry()?.catalogue.version == 2)
    let old = try #require(scene.ledger.value(EntryRecord.key(Scene.entry, version: 1)))
    #expect(try EntryRecord(decoding: old).state == .superseded)
  }

  @Test("of several offers the first that is countersigned is the entry; the others are void")
  func overtaken() throws {
    var scene = try Scene()
    let mine = try scene.accept(Scene.catalogue(), by: Scene.health)
    let again = try scene.accept(Scene.catalogue(attribute: .unconditional), by: Scene.health)
    let others = try scene.accept(Scene.catalogue(), by: Scene.police)
    #expect(try scene.ledger.countersign(again, by: Scene.authority).isAccepted)
    #expect(try scene.entry()?.catalogue.attribute == .unconditional)
    for void in [mine, again, others] {
      #expect(try scene.ledger.countersign(void, by: Scene.authority).code == "proposal-void")
    }
    let offer = try OfferRecord(decoding: #require(scene.ledger.value(OfferRecord.key(others))))
    let entry = try scene.entry()
    #expect(offer.state == .waiting && offer.isOvertaken(by: entry))
    #expect(try scene.ledger.countersign(.zero, by: Scene.authority).code == "unknown-proposal")
  }

  @Test("the second signature under an offer is another member's")
  func sameMember() throws {
    var scene = try Scene(["both": ["provider", "authority"], "data-bureau": ["authority"]])
    let offer = try scene.accept(Scene.catalogue(), by: "both")
    #expect(try scene.ledger.countersign(offer, by: "both").code == "role")
    #expect(try scene.ledger.countersign(offer, by: "data-bureau").isAccepted)
  }

  @Test("一数一源: one entry leads in an item, until a later version gives it up")
  func leadSource() throws {
    var scene = try Scene()
    let birth = DataItems(["出生日期"])!
    let competing = try scene.accept(Scene.catalogue("公安/0001", lead: birth), by: Scene.police)
    try scene.publish(Scene.catalogue(lead: birth))
    // Another entry of the same bureau would be a second source too; holding the item without leading is free.
    #expect(try scene.submit(Scene.catalogue("公安/0002", lead: birth), by: Scene.police).code == "lead-source")
    #expect(try scene.submit(Scene.catalogue("卫健/0008", lead: birth), by: Scene.health).code == "lead-source")
    #expect(try scene.submit(Scene.catalogue("公安/0003"), by: Scene.police).isAccepted)
    #expect(try scene.ledger.countersign(competing, by: Scene.authority).code == "lead-source")
    try scene.publish(Scene.catalogue(version: 2, lead: DataItems(["母亲户籍地"])!))
    #expect(scene.ledger.value(LeadRecord.key("出生日期")) == nil)
    #expect(try scene.ledger.countersign(competing, by: Scene.authority).isAccepted)
    let lead = try LeadRecord(decoding: #require(scene.ledger.value(LeadRecord.key("出生日期"))))
    #expect(lead.entry == "公安/0001" && lead.provider == Scene.police)
  }

  @Test("what an entry leads in is among its items")
  func leadWithin() throws {
    var scene = try Scene()
    let verdict = try scene.submit(Scene.catalogue(lead: DataItems(["别的数据项"])!), by: Scene.health)
    #expect(verdict.code == "malformed")
  }

  // MARK: Asking

  @Test("a request names its ground; what is not shareable is asked for by a law only")
  func basis() throws {
    var scene = try Scene()
    try scene.publish(Scene.catalogue())
    try scene.publish(Scene.catalogue("E-2", attribute: .notShareable))
    #expect(try scene.submit(Scene.request(basis: nil), by: Scene.civil).code == "missing-basis")
    #expect(
      try scene.submit(Scene.request(entry: "E-2", basis: nil), by: Scene.civil).code == "not-shareable")
    #expect(try scene.submit(Scene.request(entry: "E-2"), by: Scene.civil).isAccepted)
  }

  @Test("a request is for items of the version in force, of another bureau, for a time that is not over")
  func requestScope() throws {
    var scene = try Scene([
      "both": ["provider", "demander"], "civil": ["demander"], "data-bureau": ["authority"],
    ])
    try scene.publish(Scene.catalogue(), by: "both")
    try scene.publish(Scene.catalogue(version: 2), by: "both")
    let more = DataItems(Scene.items.names + ["银行账户"])!
    #expect(try scene.submit(Scene.request(version: 2, items: more), by: "civil").code == "scope")
    #expect(try scene.submit(Scene.request(version: 1), by: "civil").code == "not-in-force")
    #expect(try scene.submit(Scene.request(version: 3), by: "civil").code == "not-in-force")
    #expect(try scene.submit(Scene.request(version: 2), by: "both").code == "role")
    #expect(try scene.submit(Scene.request(version: 2, until: scene.now), by: "civil").code == "expired")
    #expect(try scene.submit(Scene.request(version: 2, from: 9, until: 9), by: "civil").code == "malformed")
    #expect(try scene.submit(Scene.request(version: 2, until: scene.now + 1), by: "civil").isAccepted)
  }

  @Test("a request cites the calendar in force, or none")
  func calendar() throws {
    var scene = try Scene()
    try scene.publish(Scene.catalogue())
    #expect(try scene.submit(Scene.request(calendar: "2025"), by: Scene.civil).code == "not-in-force")
    try scene.accept(Scene.request("A"), by: Scene.civil)
    #expect(try scene.request("A")?.calendar == nil)
    try scene.accept(China2025.calendar, by: Scene.authority)
    #expect(try scene.submit(China2025.calendar, by: Scene.authority).code == "duplicate")
    try scene.accept(Scene.request("B", calendar: "2025"), by: Scene.civil)
    try scene.accept(Scene.request("C"), by: Scene.civil)
    #expect(try scene.request("C")?.calendar == "2025")
    let later = SharingCalendar(version: "2026", holidays: [], workingDays: [])
    try scene.accept(later, by: Scene.authority)
    #expect(try scene.submit(Scene.request("D", calendar: "2025"), by: Scene.civil).code == "not-in-force")
    try scene.accept(Scene.request("D", calendar: "2026"), by: Scene.civil)
    // Ten working days from Monday 22 September: by the 2025 calendar over the holiday, by the other not.
    let days = ["A": "2025-10-06", "B": "2025-10-11", "C": "2025-10-11", "D": "2025-10-06"]
    for (id, last) in days.sorted(by: <) {
      #expect(try scene.request(id)?.due == CivilDate(last)?.end(.standard), "\(id)")
    }
  }

  @Test("the roster's limits set the due dates: unconditional entries, all others, and deliveries")
  func limits() throws {
    let parameters: [String: UInt64] = [
      "reply-days-unconditional": 2, "reply-days-conditional": 4, "delivery-days": 6,
    ]
    var scene = try Scene(parameters: parameters)
    try scene.accept(China2025.calendar, by: Scene.authority)
    try scene.publish(Scene.catalogue())
    try scene.publish(Scene.catalogue("E-2", attribute: .unconditional))
    try scene.publish(Scene.catalogue("E-3", attribute: .notShareable))
    try scene.accept(Scene.request(), by: Scene.civil)
    try scene.accept(Scene.request("U", entry: "E-2"), by: Scene.civil)
    try scene.accept(Scene.request("N", entry: "E-3"), by: Scene.civil)
    #expect(try scene.request("U")?.due == CivilDate("2025-09-24")?.end(.standard))
    #expect(try scene.request()?.due == CivilDate("2025-09-26")?.end(.standard))
    #expect(try scene.request("N")?.due == CivilDate("2025-09-26")?.end(.standard))
    try scene.accept(scene.grant(), by: Scene.health)
    // 23 to 26, the worked Sunday 28, and 29 September.
    #expect(try scene.request()?.deliveryDue == CivilDate("2025-09-29")?.end(.standard))
    #expect(try scene.request()?.deliveryCalendar == "2025")
    // Also where the grant holds from later on only.
    let from = beijing("2025-09-30", 9) / 1000
    try scene.accept(scene.grant("U", from: from), by: Scene.health)
    #expect(try scene.request("U")?.deliveryDue == CivilDate("2025-09-29")?.end(.standard))
  }

  @Test("a reply at the last instant is in time, and a late grant or refusal counts and is marked")
  func late() throws {
    for (after, isLate) in [(UInt64(0), false), (1, true), (90 * 86_400_000, true)] {
      var scene = try Scene()
      try scene.publish(Scene.catalogue())
      try scene.accept(Scene.request(), by: Scene.civil)
      try scene.accept(Scene.request("R-2"), by: Scene.civil)
      let due = try #require(try scene.request()?.due)
      try scene.ledger.set(time: due - 1 + after)
      // Nothing was granted by silence.
      #expect(try scene.submit(Scene.deliver(), by: Scene.health).code == "no-grant")
      try scene.accept(scene.grant(), by: Scene.health)
      #expect(try scene.request()?.isLate == isLate)
      #expect(try scene.request()?.replied == due - 1 + after)
      #expect(try scene.submit(Scene.deliver(), by: Scene.health).isAccepted)
      try scene.accept(SharingRefuse(request: "R-2", reason: "无此数据"), by: Scene.health)
      #expect(try scene.request("R-2")?.isLate == isLate)
    }
  }

  // MARK: Answering

  @Test("a grant gives no more than was asked for: items, purpose, time")
  func grantScope() throws {
    var scene = try Scene()
    try scene.publish(Scene.catalogue())
    let (from, until) = (scene.now + 100, scene.now + 200)
    try scene.accept(
      Scene.request(items: DataItems(["出生日期"])!, purpose: "低保审核/城市", from: from, until: until),
      by: Scene.civil)
    let item = DataItems(["出生日期"])!
    func grant(
      _ items: DataItems, _ purpose: String, _ from: UInt64, _ until: UInt64
    ) throws -> String {
      var copy = scene
      return try copy.submit(
        SharingGrant(request: Scene.id, items: items, purpose: purpose, from: from, until: until),
        by: Scene.health
      ).code
    }
    #expect(try grant(Scene.items, "低保审核/城市", from, until) == "scope")
    for wider in ["低保审核", "低保审核/城", "低保审核/城市更新", "其他", "低保审核/农村"] {
      #expect(try grant(item, wider, from, until) == "purpose", "\(wider)")
    }
    for bad in ["低保审核/城市/", "低保审核//城市"] { #expect(try grant(item, bad, from, until) == "malformed") }
    #expect(try grant(item, "低保审核/城市", from - 1, until) == "scope")
    #expect(try grant(item, "低保审核/城市", from, until + 1) == "scope")
    #expect(try grant(item, "低保审核/城市", until, until) == "malformed")
    #expect(try grant(item, "低保审核/城市", from, until) == "accepted")
    #expect(try grant(item, "低保审核/城市/第一季度", from + 1, until - 1) == "accepted")
    try scene.ledger.set(time: until * 1000)
    #expect(try grant(item, "低保审核/城市", from, until) == "expired")
  }

  @Test("whoever refuses says why, and by which law where the data are shared unconditionally")
  func refusal() throws {
    var scene = try Scene()
    try scene.publish(Scene.catalogue(attribute: .unconditional))
    try scene.accept(Scene.request(), by: Scene.civil)
    #expect(try scene.submit(Scene.refuse(reason: nil), by: Scene.health).code == "missing-reason")
    #expect(try scene.submit(Scene.refuse(), by: Scene.health).code == "missing-basis")
    #expect(try scene.submit(Scene.refuse(basis: "《数据安全法》"), by: Scene.health).isAccepted)
    #expect(try scene.request()?.state == .refused)
  }

  @Test(
    "revoking names a basis, takes effect when it says and not before its block, and may be brought forward")
  func revocation() throws {
    var scene = try Scene.delivering()
    #expect(try scene.submit(Scene.revoke(basis: nil), by: Scene.health).code == "missing-basis")
    let effective = scene.now + 1000
    try scene.accept(Scene.revoke(effective: effective), by: Scene.health)
    #expect(try scene.submit(Scene.deliver(Scene.id, 2), by: Scene.health).isAccepted)
    #expect(try scene.submit(Scene.revoke(effective: effective), by: Scene.authority).code == "revoked")
    #expect(try scene.submit(Scene.revoke(effective: effective + 1), by: Scene.authority).code == "revoked")
    try scene.accept(Scene.revoke(effective: effective - 500), by: Scene.authority)
    try scene.ledger.set(time: (effective - 500) * 1000 - 1)
    #expect(try scene.submit(Scene.deliver(Scene.id, 3), by: Scene.health).isAccepted)
    try scene.ledger.set(time: (effective - 500) * 1000)
    #expect(try scene.submit(Scene.deliver(Scene.id, 4), by: Scene.health).code == "revoked")
    #expect(try scene.submit(Scene.use(), by: Scene.civil).code == "revoked")
    // What was delivered before is received all the same.
    #expect(try scene.submit(Scene.receipt(Scene.id, 2), by: Scene.civil).isAccepted)
  }

  @Test("a revocation dated back holds from its block on")
  func revokedAtOnce() throws {
    var scene = try Scene.delivering()
    let now = scene.ledger.time
    try scene.accept(Scene.revoke(effective: 5), by: Scene.health)
    #expect(try scene.request()?.revoked == now)
    #expect(try scene.submit(Scene.deliver(Scene.id, 2), by: Scene.health).code == "revoked")
  }

  // MARK: Delivering

  @Test("a delivery is for the granted purpose and items or less, in order, within the limit and the time")
  func delivery() throws {
    var scene = try Scene()
    try scene.publish(Scene.catalogue())
    try scene.accept(Scene.request(), by: Scene.civil)
    let two = DataItems(["出生日期", "母亲户籍地"])!
    let (from, until) = (scene.now + 10, scene.now + 1000)
    try scene.accept(scene.grant(items: two, from: from, until: until, limit: 2), by: Scene.health)
    func deliver(_ number: UInt64, _ items: DataItems = two, _ purpose: String = "低保审核") throws
      -> SharingDeliver
    {
      try Scene.deliver(Scene.id, number, items: items, purpose: purpose)
    }
    try scene.ledger.set(time: from * 1000 - 1)
    #expect(try scene.submit(deliver(1), by: Scene.health).code == "not-in-force")
    try scene.ledger.set(time: from * 1000)
    #expect(try scene.submit(deliver(1, Scene.items), by: Scene.health).code == "scope")
    #expect(try scene.submit(deliver(1, two, "商业推广"), by: Scene.health).code == "purpose")
    #expect(try scene.submit(deliver(2), by: Scene.health).code == "wrong-state")
    try scene.accept(deliver(1, DataItems(["出生日期"])!, "低保审核/复核"), by: Scene.health)
    #expect(try scene.submit(deliver(1), by: Scene.health).code == "duplicate")
    try scene.accept(deliver(2), by: Scene.health)
    #expect(try scene.submit(deliver(3), by: Scene.health).code == "limit")
    // A delivery that did not match what was committed to is not one of the two.
    try scene.accept(Scene.receipt(Scene.id, 2, data: [0]), by: Scene.civil)
    #expect(try scene.delivery(2)?.state == .mismatch)
    try scene.ledger.set(time: until * 1000 - 1)
    try scene.accept(deliver(3), by: Scene.health)
    #expect(try scene.submit(deliver(4), by: Scene.health).code == "limit")
    try scene.ledger.set(time: until * 1000)
    #expect(try scene.submit(deliver(4), by: Scene.health).code == "expired")
  }

  @Test("a first delivery after its due date is accepted and marked late; later ones have none")
  func lateDelivery() throws {
    for (after, isLate) in [(UInt64(0), false), (1, true)] {
      var scene = try Scene(parameters: ["delivery-days": 3])
      try scene.publish(Scene.catalogue())
      try scene.accept(Scene.request(), by: Scene.civil)
      try scene.accept(scene.grant(), by: Scene.health)
      let due = try #require(try scene.request()?.deliveryDue)
      #expect(due == CivilDate("2025-09-25")?.end(.standard))
      try scene.ledger.set(time: due - 1 + after)
      try scene.accept(Scene.deliver(), by: Scene.health)
      #expect(try scene.request()?.isDeliveryLate == isLate)
      #expect(try scene.delivery()?.isLate == isLate)
      try scene.ledger.advance(by: 86_400_000)
      try scene.accept(Scene.deliver(Scene.id, 2), by: Scene.health)
      #expect(try scene.delivery(2)?.isLate == false)
      #expect(try scene.request()?.isDeliveryLate == isLate)
    }
  }

  @Test("old grants stay pinned: a later version of the entry takes nothing from them")
  func pinned() throws {
    var scene = try Scene.delivering()
    try scene.publish(Scene.catalogue(version: 2, items: DataItems(["出生日期"])!, attribute: .notShareable))
    try scene.accept(Scene.deliver(Scene.id, 2), by: Scene.health)
    #expect(try scene.request()?.version == 1)
    #expect(try scene.submit(Scene.use(), by: Scene.civil).isAccepted)
  }

  @Test("one receipt a delivery; another commitment is recorded as a mismatch, and such data are not used")
  func receipts() throws {
    var scene = try Scene.delivering(isReceived: false)
    try scene.accept(Scene.receipt(data: [9]), by: Scene.civil)
    #expect(try scene.delivery()?.state == .mismatch)
    #expect(try scene.request()?.mismatches == 1)
    #expect(try scene.submit(Scene.receipt(), by: Scene.civil).code == "duplicate")
    #expect(try scene.submit(Scene.use(), by: Scene.civil).code == "wrong-state")
  }

  @Test("data are used for the purpose that they were delivered for, or one within it")
  func uses() throws {
    var scene = try Scene()
    try scene.publish(Scene.catalogue())
    try scene.accept(Scene.request(), by: Scene.civil)
    try scene.accept(scene.grant(), by: Scene.health)
    try scene.accept(Scene.deliver(purpose: "低保审核/城市"), by: Scene.health)
    try scene.accept(Scene.receipt(), by: Scene.civil)
    #expect(try scene.submit(Scene.use(purpose: "低保审核"), by: Scene.civil).code == "purpose")
    #expect(try scene.submit(Scene.use(purpose: "低保审核/农村"), by: Scene.civil).code == "purpose")
    try scene.accept(Scene.use(purpose: "低保审核/城市"), by: Scene.civil)
    try scene.accept(Scene.use(purpose: "低保审核/城市/复核"), by: Scene.civil)
    #expect(try scene.delivery()?.uses == 2)
    let value = try #require(scene.ledger.value(UseRecord.key(Scene.id, 1, 2)))
    #expect(try UseRecord(decoding: value).purpose == "低保审核/城市/复核")
  }

  // MARK: Objections, erasure

  @Test("objections are shown on every later use, open or answered, and on the entry as well")
  func objections() throws {
    var scene = try Scene.delivering()
    func shown(_ number: UInt64) throws -> [UInt64] {
      try scene.accept(Scene.use(), by: Scene.civil)
      let use = try UseRecord(decoding: #require(scene.ledger.value(UseRecord.key(Scene.id, 1, number))))
      return [use.objections, use.openObjections]
    }
    #expect(try shown(1) == [0, 0])
    let first = try scene.accept(Scene.object(), by: Scene.civil)
    #expect(try shown(2) == [1, 1])
    let second = try scene.accept(Scene.objectToEntry(), by: Scene.housing)
    #expect(try shown(3) == [2, 2])
    try scene.accept(Scene.answer(first), by: Scene.health)
    #expect(try shown(4) == [2, 1])
    // A later version carries the entry's objections on.
    try scene.publish(Scene.catalogue(version: 2))
    let answer = SharingAnswer(
      to: second, about: .entry(Scene.entry), outcome: .upheld, reply: "新版本已更正", corrected: 2)
    try scene.accept(answer, by: Scene.health)
    #expect(try shown(5) == [2, 0])
    #expect(try scene.objection(second)?.corrected == 2)
  }

  @Test("an answer is about the objection's own request or entry, and names a correction that is there")
  func answers() throws {
    var scene = try Scene.delivering()
    let objection = try scene.accept(Scene.object(), by: Scene.civil)
    let about = try scene.accept(Scene.objectToEntry(), by: Scene.housing)
    func answer(_ objection: Digest, _ about: SharingAnswer.Subject, _ corrected: UInt64?) throws -> String {
      var copy = scene
      return try copy.submit(
        SharingAnswer(to: objection, about: about, outcome: .upheld, reply: "好", corrected: corrected),
        by: Scene.health
      ).code
    }
    #expect(try answer(objection, .request("R-9"), nil) == "wrong-state")
    #expect(try answer(objection, .entry(Scene.entry), nil) == "wrong-state")
    #expect(try answer(objection, .request(Scene.id), 1) == "wrong-state")
    #expect(try answer(objection, .request(Scene.id), 2) == "wrong-state")
    #expect(try answer(about, .entry(Scene.entry), 1) == "not-in-force")
    #expect(try answer(about, .entry(Scene.entry), 2) == "not-in-force")
    try scene.accept(Scene.deliver(Scene.id, 2), by: Scene.health)
    #expect(try answer(objection, .request(Scene.id), 2) == "accepted")
    let rejected = SharingAnswer(
      to: objection, about: .request(Scene.id), outcome: .rejected, reply: "无误", corrected: 2)
    #expect(try scene.submit(rejected, by: Scene.health).code == "malformed")
  }

  @Test("an answer is due as other replies are, and late ones are marked")
  func lateAnswer() throws {
    var scene = try Scene.delivering()
    let objection = try scene.accept(Scene.object(), by: Scene.civil)
    let due = try #require(try scene.objection(objection)?.due)
    #expect(due == CivilDate("2025-10-06")?.end(.standard))
    try scene.ledger.set(time: due)
    try scene.accept(Scene.answer(objection), by: Scene.health)
    #expect(try scene.objection(objection)?.isLate == true)
  }

  @Test("nobody objects to a version that never was, or to an entry of its own")
  func strangeObjections() throws {
    var scene = try Scene([
      "both": ["provider", "demander"], "civil": ["demander"], "data-bureau": ["authority"],
    ])
    try scene.publish(Scene.catalogue(), by: "both")
    #expect(try scene.submit(Scene.objectToEntry(version: 2), by: "civil").code == "unknown-entry")
    #expect(try scene.submit(Scene.objectToEntry(), by: "both").code == "role")
  }

  @Test("each side erases its own copy once, with a reason; the demander's erasure ends receipt and use")
  func erasure() throws {
    var scene = try Scene.delivering()
    #expect(try scene.submit(Scene.erase(reason: nil), by: Scene.civil).code == "missing-reason")
    let index = scene.ledger.nextIndex
    try scene.accept(Scene.erase(), by: Scene.health)
    #expect(try scene.delivery()?.erasure(by: Scene.health) == index)
    #expect(try scene.delivery()?.erasure(by: Scene.civil) == nil)
    #expect(try scene.delivery()?.state == .received)
    #expect(try scene.submit(Scene.use(), by: Scene.civil).isAccepted)
    #expect(try scene.submit(Scene.erase(), by: Scene.health).code == "duplicate")
    try scene.accept(Scene.erase(), by: Scene.civil)
    #expect(try scene.delivery()?.state == .erased)
    #expect(try scene.submit(Scene.use(), by: Scene.civil).code == "wrong-state")
  }

  // MARK: Around the rules

  @Test("sub is what the payload is about")
  func subject() throws {
    var scene = try Scene()
    for subject in [nil, "R-2", Scene.id + " "] {
      let verdict = try scene.ledger.submit(
        SharingKind.request.contentType, by: Scene.civil, about: subject, Scene.request().encoded)
      #expect(verdict.code == "malformed")
    }
  }

  @Test("without the rules of data sharing, and for kinds that they do not know, it is unknown-kind")
  func unknownKinds() throws {
    var without = try Scene(parameters: ["sharing-rules": 0])
    #expect(try without.submit(Scene.catalogue(), by: Scene.health).code == "unknown-kind")
    var scene = try Scene()
    for kind in [
      "sharing.borrow+cbor", "sharing.grant", "sharing.+cbor", "sharing.", "sharing.Grant+cbor",
      "Sharing.grant+cbor",
    ] {
      let verdict = try scene.ledger.submit(
        Kind.prefix + kind, by: Scene.health, about: Scene.id, scene.grant().encoded)
      #expect(verdict.code == "unknown-kind", "\(kind)")
    }
  }

  @Test(
    "a statement against the rules that a patched proposer put in is found by the audit, with its code and place"
  )
  func patchedProposer() throws {
    var scene = try Scene.delivering(isSigned: true)
    try scene.ledger.advance(by: 1000)
    let deliver = try Scene.deliver(Scene.id, 2, purpose: "商业推广")
    let index = scene.ledger.nextIndex
    let verdict = try scene.ledger.submit(
      SharingKind.deliver.contentType, by: Scene.health, about: Scene.id, deliver.encoded, admitsRefused: true
    )
    #expect(verdict.code == "purpose")
    try scene.ledger.cut()
    let height = scene.ledger.height - 1
    let faults = scene.ledger.audit().faults
    #expect(faults.count == 1)
    let fault = try #require(faults.first)
    #expect(fault.code == .refused && fault.refusal?.rawValue == "purpose")
    #expect(fault.block == height && fault.entry == index)
  }

  @Test("signed statements give a state that survives a restart, and that a replay arrives at byte for byte")
  func replay() throws {
    var scene = try Scene.delivering(isSigned: true)
    try scene.ledger.restart()
    let objection = try scene.accept(Scene.object(), by: Scene.civil)
    try scene.accept(Scene.answer(objection), by: Scene.health)
    try scene.accept(Scene.erase(), by: Scene.civil)
    try scene.ledger.cut()
    #expect(try scene.ledger.replayed() == scene.ledger.dump)
  }
}

extension SharingScene {
  /// A scene in which a grant for 30 days has had its first delivery.
  static func delivering(isReceived: Bool = true, isSigned: Bool = false) throws -> SharingScene {
    var scene = try SharingScene(isSigned: isSigned)
    try scene.publish(SharingScene.catalogue())
    try scene.accept(SharingScene.request(), by: civil)
    try scene.accept(scene.grant(), by: health)
    try scene.accept(SharingScene.deliver(), by: health)
    if isReceived { try scene.accept(SharingScene.receipt(), by: civil) }
    return scene
  }
}
