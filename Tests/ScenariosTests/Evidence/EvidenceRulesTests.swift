import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Testing

@Suite("Evidence: the rules")
struct EvidenceRulesTests {
  private func ledger(at stage: EvidenceLedger.Stage) throws -> EvidenceLedger {
    var ledger = try EvidenceLedger()
    try ledger.bring(to: stage)
    return ledger
  }

  @Test("custody moves when the receiver has found the same seal and digest, and the chain names each entry")
  func handover() throws {
    var ledger = try ledger(at: .sealed)
    let sealed = try #require(try ledger.item())
    try ledger.accept(ledger.payload(.offer, to: "lab"), by: "office")
    let offered = try #require(try ledger.item())
    #expect(
      offered.custodian == "office" && offered.receiver == "lab" && offered.entries == sealed.entries + 1)
    try ledger.ledger.advance(by: 60_000)
    let accepted = try ledger.submit(ledger.payload(.accept), by: "lab")
    let taken = try #require(try ledger.item())
    #expect(taken.custodian == "lab" && taken.receiver == nil && taken.state == .sealed)
    #expect(taken.last == accepted.id && taken.since == ledger.ledger.time)
    #expect(taken.depositor == "office" && taken.deposit == sealed.deposit)
  }

  @Test("a receiver that finds another digest or seal makes a dispute, and custody stays")
  func mismatch() throws {
    let (seal, digest) = ("S-1", EvidenceLedger.content(of: "E-1"))
    let other = EvidenceLedger.digest("something else")
    for (foundSeal, foundDigest, dispute) in [
      (seal, other, "digest"), ("S-9", digest, "seal"), ("S-9", other, "digest and seal"),
    ] {
      var ledger = try ledger(at: .inTransit)
      let offered = try #require(try ledger.item())
      #expect(offered.seal == seal)
      let accept = Evidence.Accept(
        seal: foundSeal, digest: foundDigest, location: "库房", previous: offered.last)
      #expect(try ledger.submit(accept, by: "lab").isAccepted)
      let disputed = try #require(try ledger.item())
      #expect(disputed.state == .disputed && disputed.dispute == dispute)
      #expect(disputed.custodian == "office" && disputed.receiver == nil && disputed.seal == seal)
      #expect(disputed.entries == offered.entries + 1)
    }
  }

  @Test("a custody entry that names another previous one is refused, and told the last")
  func previous() throws {
    for (stage, kind, member) in [
      (EvidenceLedger.Stage.deposited, EvidenceKind.seal, "office"), (.sealed, .offer, "office"),
      (.inTransit, .accept, "lab"), (.inTransit, .decline, "lab"), (.disputed, .resolve, "office"),
      (.sealedAtLab, .examine, "lab"), (.examining, .reseal, "lab"), (.sealed, .release, "office"),
    ] {
      var ledger = try ledger(at: stage)
      let last = try #require(try ledger.item()?.last)
      var other = try EvidenceLedger()
      try other.bring(to: stage)
      let payload = try other.payload(kind, to: "lab")
      let verdict = try ledger.submit(payload, by: member)
      #expect(verdict.code == "wrong-state", "\(kind.rawValue)")
      #expect(verdict.refusal?.reason.contains(last.hex) == true, "\(kind.rawValue)")
    }
  }

  @Test("an offer names the item's seal and digest, a receiver that may keep evidence, and not oneself")
  func offers() throws {
    let base = try ledger(at: .sealed)
    let last = try #require(try base.item()?.last)
    let (digest, purpose) = (EvidenceLedger.content(of: "E-1"), "移交")
    let rows: [(Evidence.Offer, String)] = [
      (.init(to: "office", seal: "S-1", digest: digest, purpose: purpose, previous: last), "self-transfer"),
      (.init(to: "auditor", seal: "S-1", digest: digest, purpose: purpose, previous: last), "role"),
      (.init(to: "supervisor", seal: "S-1", digest: digest, purpose: purpose, previous: last), "role"),
      (.init(to: "nobody", seal: "S-1", digest: digest, purpose: purpose, previous: last), "role"),
      (.init(to: "lab", seal: "S-2", digest: digest, purpose: purpose, previous: last), "seal-mismatch"),
      (.init(to: "lab", seal: "S-1", digest: .zero, purpose: purpose, previous: last), "seal-mismatch"),
      (.init(to: "collector", seal: "S-1", digest: digest, purpose: purpose, previous: last), "accepted"),
      (.init(to: "court", seal: "S-1", digest: digest, purpose: purpose, previous: last), "accepted"),
      (.init(to: "notary", seal: "S-1", digest: digest, purpose: purpose, previous: last), "accepted"),
    ]
    for (offer, code) in rows {
      var copy = base
      #expect(try copy.submit(offer, by: "office").code == code, "\(offer.to) \(offer.seal)")
    }
  }

  @Test("a seal's number is used once by the ledger, whichever statement named it")
  func seals() throws {
    var ledger = try EvidenceLedger()
    try ledger.accept(EvidenceLedger.deposit("E-1", seal: "封-1"), by: "office", about: "E-1")
    #expect(try ledger.item()?.state == .deposited)
    #expect(
      try ledger.submit(EvidenceLedger.deposit("E-2", seal: "封-1"), by: "office", about: "E-2").code
        == "seal-reused")
    try ledger.accept(EvidenceLedger.deposit("E-2"), by: "office", about: "E-2")
    let second = try #require(try ledger.item("E-2")?.last)
    #expect(
      try ledger.submit(Evidence.Seal(seal: "封-1", previous: second), by: "office", about: "E-2").code
        == "seal-reused")
    // The seal of its own deposit: found intact.
    let first = try #require(try ledger.item("E-1")?.last)
    #expect(try ledger.submit(Evidence.Seal(seal: "封-1", previous: first), by: "office").isAccepted)
    #expect(try ledger.item()?.seal == "封-1")
    #expect(
      try ledger.submit(Evidence.Seal(seal: "封-2", previous: second), by: "office", about: "E-2").isAccepted)

    var examined = try self.ledger(at: .examining)
    let last = try #require(try examined.item()?.last)
    #expect(
      try examined.submit(Evidence.Reseal(seal: "S-1", previous: last), by: "lab").code == "seal-reused")

    var disputed = try self.ledger(at: .disputed)
    let declined = try #require(try disputed.item()?.last)
    let resolve = Evidence.Resolve(reason: "复核", outcome: .sealed, seal: "S-1", previous: declined)
    #expect(try disputed.submit(resolve, by: "office").code == "seal-reused")
  }

  @Test("the seal of a resolve counts from its countersignature, and puts itself on the item")
  func resolvedSeal() throws {
    var ledger = try ledger(at: .disputed)
    let last = try #require(try ledger.item()?.last)
    let resolve = Evidence.Resolve(reason: "复核", outcome: .sealed, seal: "N-1", previous: last)
    let waiting = try ledger.submit(resolve, by: "office")
    #expect(try ledger.item()?.pending == waiting.id)
    // Someone else is quicker with that number.
    var quick = ledger
    try quick.accept(EvidenceLedger.deposit("E-2", seal: "N-1"), by: "collector", about: "E-2")
    #expect(try quick.ledger.countersign(waiting.id, by: "supervisor").code == "seal-reused")
    #expect(try ledger.ledger.countersign(waiting.id, by: "supervisor").isAccepted)
    let resolved = try #require(try ledger.item())
    #expect(resolved.seal == "N-1" && resolved.state == .sealed && resolved.dispute == nil)
    #expect(resolved.pending == nil && resolved.custodian == "office")
    #expect(
      try ledger.submit(EvidenceLedger.deposit("E-2", seal: "N-1"), by: "collector", about: "E-2").code
        == "seal-reused")
  }

  @Test("a hold blocks release and disposal, also after they were asked for, until a court lifts it")
  func holds() throws {
    var ledger = try ledger(at: .sealed)
    let waiting = try ledger.submit(ledger.payload(.release), by: "office")
    try ledger.accept(ledger.payload(.hold), by: "court")
    #expect(try ledger.item()?.orders.count == 1)
    #expect(try ledger.ledger.countersign(waiting.id, by: "court").code == "legal-hold")
    #expect(try ledger.submit(ledger.payload(.release), by: "office").code == "legal-hold")
    #expect(try ledger.submit(ledger.payload(.hold), by: "court").code == "wrong-state")
    #expect(try ledger.submit(Evidence.Lift(order: "另一号"), by: "court").code == "wrong-state")
    try ledger.accept(ledger.payload(.lift), by: "court")
    #expect(try ledger.ledger.countersign(waiting.id, by: "court").isAccepted)
    #expect(try ledger.item()?.state == .released)

    var disputed = try self.ledger(at: .disputed)
    let last = try #require(try disputed.item()?.last)
    let dispose = Evidence.Resolve(reason: "灭失", outcome: .disposed, previous: last)
    let disposal = try disputed.submit(dispose, by: "office")
    try disputed.accept(disputed.payload(.hold), by: "court")
    #expect(try disputed.ledger.countersign(disposal.id, by: "supervisor").code == "legal-hold")
    #expect(try disputed.submit(dispose, by: "office").code == "legal-hold")
    let kept = Evidence.Resolve(reason: "复核", outcome: .sealed, previous: last)
    let resolved = try disputed.submit(kept, by: "office")
    #expect(try disputed.ledger.countersign(resolved.id, by: "supervisor").isAccepted)
  }

  @Test("sixteen orders may hold an item at a time")
  func manyHolds() throws {
    var ledger = try ledger(at: .deposited)
    for number in 1...16 { try ledger.accept(Evidence.Hold(order: "第\(number)号"), by: "court") }
    #expect(try ledger.submit(Evidence.Hold(order: "第17号"), by: "court").code == "wrong-state")
    try ledger.accept(Evidence.Lift(order: "第3号"), by: "court")
    #expect(try ledger.submit(Evidence.Hold(order: "第17号"), by: "court").isAccepted)
  }

  @Test("what overtakes a waiting statement makes it void: a custody entry, or another of the custodian's")
  func overtaken() throws {
    var ledger = try ledger(at: .sealed)
    let first = try ledger.submit(ledger.payload(.release), by: "office")
    let second = try ledger.submit(ledger.payload(.release), by: "office")
    #expect(try ledger.pending(first.id)?.state == .void)
    #expect(try ledger.ledger.countersign(first.id, by: "court").code == "proposal-void")
    try ledger.accept(ledger.payload(.present), by: "court")
    try ledger.accept(ledger.payload(.renew), by: "office")
    #expect(try ledger.pending(second.id)?.state == .waiting)
    try ledger.accept(ledger.payload(.offer, to: "lab"), by: "office")
    #expect(try ledger.pending(second.id)?.state == .void)
    #expect(try ledger.item()?.pending == nil)
    #expect(try ledger.ledger.countersign(second.id, by: "court").code == "proposal-void")
  }

  @Test("two signatures are those of two members, even where one has both roles")
  func sameMember() throws {
    var ledger = try EvidenceLedger(members: [
      "court": ["court", "custodian", "supervisor"], "superior": ["court"], "lab": ["examiner"],
    ])
    try ledger.accept(EvidenceLedger.deposit(), by: "court")
    try ledger.accept(ledger.payload(.seal), by: "court")
    let waiting = try ledger.submit(ledger.payload(.release), by: "court")
    #expect(try ledger.ledger.countersign(waiting.id, by: "court").code == "role")
    #expect(try ledger.ledger.countersign(waiting.id, by: "superior").isAccepted)
  }

  @Test("a claimed time is never later than the block's, on any kind")
  func occurred() throws {
    let stages: [EvidenceKind: (EvidenceLedger.Stage, String)] = [
      .deposit: (.none, "office"), .seal: (.deposited, "office"), .offer: (.sealed, "office"),
      .accept: (.inTransit, "lab"), .decline: (.inTransit, "lab"), .resolve: (.disputed, "office"),
      .examine: (.sealedAtLab, "lab"), .reseal: (.examining, "lab"), .present: (.sealed, "court"),
      .hold: (.sealed, "court"), .lift: (.sealed, "court"), .release: (.sealed, "office"),
      .renew: (.sealed, "office"), .correct: (.sealed, "office"),
    ]
    for kind in EvidenceKind.allCases {
      let (stage, member) = try #require(stages[kind])
      var base = try ledger(at: stage)
      if kind == .lift { try base.accept(base.payload(.hold), by: "court") }
      let payload = try base.payload(kind, to: "lab")
      for (offset, code) in [(Int64(0), "accepted"), (1, "after-block-time"), (-86_400, "accepted")] {
        var copy = base
        let occurred = UInt64(Int64(base.ledger.now) + offset)
        let encoded = try Self.adding("occurred", .unsigned(occurred), to: payload.encoded)
        let verdict = try copy.ledger.submit(kind.contentType, by: member, about: "E-1", encoded)
        #expect(verdict.code == code, "\(kind.rawValue) \(offset)")
      }
    }
    var ledger = try EvidenceLedger()
    var deposit = EvidenceLedger.deposit()
    deposit.collected = ledger.ledger.now + 1
    #expect(try ledger.submit(deposit, by: "office").code == "after-block-time")
  }

  /// The map with one more pair.
  private static func adding(_ key: String, _ value: CBOR, to payload: [UInt8]) throws -> [UInt8] {
    guard case .map(let map) = try CBOR(decoding: payload) else { return [] }
    return CBOR.map(CBORMap(map.pairs.map { ($0.key, $0.value) } + [(.text(key), value)])).encoded
  }

  @Test("digests are added and never changed; where one is needed, its lack has a code")
  func digests() throws {
    var ledger = try ledger(at: .inTransit)
    let sm3 = [UInt8](repeating: 3, count: 32)
    try ledger.accept(Evidence.Renew(digests: .init([.sm3: sm3])), by: "office")
    #expect(try ledger.item()?.digests[.sm3] == sm3)
    #expect(try ledger.item()?.digests.sha256 == EvidenceLedger.content(of: "E-1"))
    for again in [Evidence.DigestAlgorithm.sm3, .sha256] {
      let renew = Evidence.Renew(
        digests: .init([again: [UInt8](repeating: 9, count: 32), .md5: [UInt8](repeating: 9, count: 16)]))
      #expect(try ledger.submit(renew, by: "office").code == "wrong-state")
    }
    #expect(try ledger.submit(Evidence.Renew(digests: .init([:])), by: "office").code == "missing-digest")
    // The receiver's acceptance still follows the offer: a renewal is no custody entry.
    #expect(try ledger.submit(ledger.payload(.accept), by: "lab").isAccepted)

    var deposit = EvidenceLedger.deposit()
    deposit.digests = .init([.md5: [UInt8](repeating: 1, count: 16)])
    #expect(try ledger.submit(deposit, by: "office", about: "E-2").code == "missing-digest")
    for (stage, kind, member) in [
      (EvidenceLedger.Stage.sealed, EvidenceKind.offer, "office"), (.inTransit, .accept, "lab"),
    ] {
      var ledger = try self.ledger(at: stage)
      guard case .map(let map) = try CBOR(decoding: ledger.payload(kind, to: "lab").encoded) else { continue }
      let pairs = map.pairs.filter { $0.key != "digest" }.map { ($0.key, $0.value) }
      let verdict = try ledger.ledger.submit(
        kind.contentType, by: member, about: "E-1", CBOR.map(CBORMap(pairs)))
      #expect(verdict.code == "missing-digest", "\(kind.rawValue)")
    }
  }

  @Test("a correction is its issuer's, of a statement about the same item, a correction included")
  func corrections() throws {
    var ledger = try ledger(at: .sealed)
    try ledger.bring(to: .deposited, item: "E-2")
    let other = try #require(try ledger.item("E-2")?.deposit)
    func correct(_ statement: Digest) -> Evidence.Correct {
      Evidence.Correct(statement: statement, what: "更正", why: "笔误")
    }
    #expect(try ledger.submit(correct(other), by: "office").code == "unknown-item")
    #expect(try ledger.submit(correct(EvidenceLedger.digest("none")), by: "office").code == "unknown-item")
    let presented = try ledger.submit(ledger.payload(.present), by: "court")
    #expect(try ledger.submit(correct(presented.id), by: "office").code == "role")
    let corrected = try ledger.submit(correct(presented.id), by: "court")
    #expect(corrected.isAccepted)
    #expect(try ledger.submit(correct(corrected.id), by: "court").isAccepted)
  }

  @Test("where the receiver is no member any more, the custodian declines in its place")
  func receiverRemoved() throws {
    var ledger = try ledger(at: .inTransit)
    #expect(try ledger.submit(ledger.payload(.decline), by: "office").code == "not-receiver")
    #expect(try ledger.ledger.change(.removeMember("lab")).isAccepted)
    #expect(try ledger.submit(ledger.payload(.decline), by: "court").code == "not-receiver")
    #expect(try ledger.submit(ledger.payload(.accept), by: "office").code == "not-receiver")
    #expect(try ledger.submit(ledger.payload(.decline), by: "office").isAccepted)
    #expect(try ledger.item()?.state == .disputed)
    let waiting = try ledger.submit(ledger.payload(.resolve), by: "office")
    #expect(try ledger.ledger.countersign(waiting.id, by: "supervisor").isAccepted)
    // And nothing is offered to it.
    #expect(try ledger.submit(ledger.payload(.offer, to: "lab"), by: "office").code == "role")
    try ledger.ledger.cut()
    #expect(try ledger.ledger.replayed() == ledger.ledger.dump)
  }

  @Test("the item is named by sub, of 1 to 128 bytes; names that look alike are two items")
  func names() throws {
    var ledger = try EvidenceLedger()
    #expect(try ledger.submit(EvidenceLedger.deposit(), by: "office", about: nil).code == "malformed")
    let longest = String(repeating: "证", count: 42) + "ab"
    #expect(
      try ledger.submit(EvidenceLedger.deposit(), by: "office", about: longest + "c").code == "malformed")
    #expect(try ledger.submit(EvidenceLedger.deposit(), by: "office", about: longest).isAccepted)
    #expect(try ledger.submit(EvidenceLedger.deposit(), by: "office", about: "caf\u{e9}").isAccepted)
    #expect(try ledger.submit(EvidenceLedger.deposit(), by: "office", about: "cafe\u{301}").isAccepted)
    #expect(
      try ledger.submit(EvidenceLedger.deposit(), by: "office", about: "caf\u{e9}").code == "duplicate-item")
  }

  @Test("without the rules, and for types that they do not know, there is no kind")
  func versions() throws {
    var without = try EvidenceLedger(evidenceRules: 0)
    #expect(try without.submit(EvidenceLedger.deposit(), by: "office").code == "unknown-kind")
    var ledger = try EvidenceLedger()
    let payload = EvidenceLedger.deposit().encoded
    for type in [
      "application/vnd.zheng.evidence.borrow+cbor", "application/vnd.zheng.evidence.deposit",
      "application/vnd.zheng.evidence.deposit+cbor; v=1", "application/vnd.zheng.evidence.+cbor",
      "Application/vnd.zheng.evidence.deposit+cbor", "application/vnd.zheng.evidence.DEPOSIT+cbor",
    ] {
      #expect(
        try ledger.ledger.submit(type, by: "office", about: "E-1", payload).code == "unknown-kind", "\(type)")
    }
    // Set to 0 later: what was accepted stays, and what waits can't be completed.
    try ledger.bring(to: .sealed)
    let waiting = try ledger.submit(ledger.payload(.release), by: "office")
    #expect(try ledger.ledger.change(.setParameter(name: "evidence-rules", value: 0)).isAccepted)
    #expect(try ledger.ledger.countersign(waiting.id, by: "court").code == "unknown-kind")
    #expect(try ledger.submit(ledger.payload(.present), by: "court").code == "unknown-kind")
    #expect(try ledger.ledger.replayed() == ledger.ledger.dump)
  }

  @Test("a signed life of an item, over blocks and a restart, replays to the same state")
  func signedLife() throws {
    var ledger = try EvidenceLedger(isSigned: true)
    try ledger.bring(to: .examining)
    try ledger.ledger.restart()
    try ledger.ledger.advance(by: 3_600_000)
    try ledger.accept(ledger.payload(.reseal), by: "lab")
    try ledger.accept(ledger.payload(.offer, to: "office"), by: "lab")
    try ledger.ledger.restart()
    try ledger.accept(ledger.payload(.accept), by: "office")
    let waiting = try ledger.submit(ledger.payload(.release), by: "office")
    try ledger.ledger.restart()
    #expect(try ledger.ledger.countersign(waiting.id, by: "court").isAccepted)
    try ledger.ledger.cut()
    #expect(try ledger.item()?.state == .released)
    #expect(try ledger.ledger.replayed() == ledger.ledger.dump)
  }

  @Test("what a patched proposer lets through is found by the audit, with the rule, at its place")
  func patchedProposer() throws {
    var ledger = try ledger(at: .sealed)
    try ledger.ledger.cut()
    try ledger.ledger.advance(by: 1000)
    let offer = try ledger.payload(.offer, to: "lab")
    try ledger.accept(ledger.payload(.present), by: "court")
    let index = ledger.ledger.nextIndex
    let height = ledger.ledger.height
    #expect(try ledger.submit(offer, by: "custodian", admitsRefused: true).code == "not-custodian")
    try ledger.ledger.cut()
    let (faults, values) = ledger.ledger.audit()
    #expect(faults.count == 1)
    let fault = try #require(faults.first)
    #expect(fault.code == .refused && fault.refusal == .notCustodian)
    #expect(fault.block == height && fault.entry == index)
    #expect(TestLedger.dump(values) == ledger.ledger.dump)
  }
}
