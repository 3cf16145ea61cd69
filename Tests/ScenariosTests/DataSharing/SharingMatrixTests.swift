import Ledger
import LedgerCrypto
import Scenarios
import Testing

/// Every kind, from every state, by every role: what is accepted, and by which code all else is refused.
@Suite("Data sharing, the whole matrix")
struct SharingMatrixTests {
  /// Where the entry, the request and its first delivery stand.
  enum Situation: String, CaseIterable {
    case noEntry = "no-entry"
    case offered, entry, submitted, refused, granted
    case notYet = "not-yet"
    case delivered, received, mismatch, objected, answered, erased, expired, revoked
  }

  /// Who issues: two bureaus of each role, so that the party and the role are told apart.
  static let columns = [
    SharingScene.health, SharingScene.police, SharingScene.civil, SharingScene.housing,
    SharingScene.authority, SharingScene.auditor, SharingScene.visitor,
  ]

  /// By kind. A line holds situations, `*` for all that no other line names, and the codes for, in this order: the provider
  /// of the entry, another provider, the demander of the request, another demander, the authority, and whoever has another
  /// role or none.
  static let table: [String: String] = [
    "calendar": """
    *                                   role role role role accepted role
    """,
    "catalogue": """
    no-entry offered                    accepted accepted role role role role
    *                                   accepted role role role role role
    """,
    "countersign": """
    no-entry                            unknown-proposal unknown-proposal unknown-proposal unknown-proposal unknown-proposal unknown-proposal
    offered                             role role role role accepted role
    *                                   role role role role proposal-void role
    """,
    "request": """
    no-entry                            role role unknown-entry unknown-entry role role
    offered                             role role not-in-force not-in-force role role
    entry                               role role accepted accepted role role
    *                                   role role duplicate duplicate role role
    """,
    "grant": """
    no-entry offered entry              unknown-request unknown-request role role role role
    submitted                           accepted role role role role role
    *                                   wrong-state role role role role role
    """,
    "refuse": """
    no-entry offered entry              unknown-request unknown-request role role role role
    submitted                           accepted role role role role role
    *                                   wrong-state role role role role role
    """,
    "deliver": """
    no-entry offered entry              unknown-request unknown-request role role role role
    submitted refused                   no-grant role role role role role
    not-yet                             not-in-force role role role role role
    expired                             expired role role role role role
    revoked                             revoked role role role role role
    *                                   accepted role role role role role
    """,
    "receipt": """
    no-entry offered entry              role role unknown-request unknown-request role role
    submitted refused granted not-yet   role role wrong-state wrong-state role role
    delivered                           role role accepted role role role
    erased                              role role wrong-state role role role
    *                                   role role duplicate role role role
    """,
    "use": """
    no-entry offered entry              role role unknown-request unknown-request role role
    submitted refused granted not-yet   role role wrong-state wrong-state role role
    delivered mismatch erased           role role wrong-state role role role
    expired                             role role expired role role role
    revoked                             role role revoked role role role
    *                                   role role accepted role role role
    """,
    "object": """
    no-entry offered entry              role role unknown-request unknown-request role role
    submitted refused granted not-yet   role role wrong-state wrong-state role role
    delivered erased                    role role wrong-state role role role
    *                                   role role accepted role role role
    """,
    "object to the entry": """
    no-entry                            role role unknown-entry unknown-entry role role
    offered                             role role not-in-force not-in-force role role
    *                                   role role accepted accepted role role
    """,
    "answer": """
    objected                            accepted role role role role role
    answered                            wrong-state role role role role role
    *                                   wrong-state wrong-state role role role role
    """,
    "revoke": """
    no-entry offered entry              unknown-request unknown-request role role unknown-request role
    submitted refused                   no-grant role role role no-grant role
    expired                             expired role role role expired role
    revoked                             revoked role role role revoked role
    *                                   accepted role role role accepted role
    """,
    "erase": """
    no-entry offered entry              unknown-request unknown-request unknown-request unknown-request role role
    submitted refused granted not-yet   wrong-state wrong-state wrong-state wrong-state role role
    erased                              accepted role duplicate role role role
    *                                   accepted role accepted role role role
    """,
  ]

  /// Which values of the state an accepted statement may touch, by the second part of their keys.
  static let touched: [String: Set<String>] = [
    "calendar": ["calendar"], "catalogue": ["pending", "offered"],
    "countersign": ["pending", "offered", "entry", "version", "lead"], "request": ["request"],
    "grant": ["request"], "refuse": ["request"], "deliver": ["request", "delivery"],
    "receipt": ["delivery", "request"], "use": ["delivery", "use"], "object": ["objection", "delivery"],
    "object to the entry": ["objection", "entry"], "answer": ["objection", "delivery", "entry"],
    "revoke": ["request"], "erase": ["delivery"],
  ]

  static func expected(_ kind: String, _ situation: Situation) throws -> [String] {
    var fallback: [String]?
    for line in try #require(table[kind]).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      let (situations, codes) = (words.dropLast(6), Array(words.suffix(6)))
      try #require(situations.allSatisfy { $0 == "*" || Situation(rawValue: $0) != nil }, "\(line)")
      if situations.contains(situation.rawValue) { return codes + [codes[5]] }
      if situations == ["*"] { fallback = codes + [codes[5]] }
    }
    return try #require(fallback)
  }

  // MARK: The situations

  struct Stage {
    var scene: SharingScene
    var offer: Digest
    var objection: Digest
  }

  /// A ledger on which things stand as `situation` says.
  static func stage(_ situation: Situation) throws -> Stage {
    var scene = try SharingScene()
    var stage = Stage(scene: scene, offer: .zero, objection: .zero)
    let order: [Situation] = [.noEntry, .offered, .entry, .submitted]
    func isBeyond(_ other: Situation) -> Bool {
      (order.firstIndex(of: situation) ?? order.count) > order.firstIndex(of: other)!
    }
    func finish() -> Stage {
      stage.scene = scene
      return stage
    }
    guard isBeyond(.noEntry) else { return finish() }
    stage.offer = try scene.accept(SharingScene.catalogue(), by: SharingScene.health)
    guard isBeyond(.offered) else { return finish() }
    #expect(try scene.ledger.countersign(stage.offer, by: SharingScene.authority).code == "accepted")
    guard isBeyond(.entry) else { return finish() }
    try scene.accept(SharingScene.request(), by: SharingScene.civil)
    guard isBeyond(.submitted) else { return finish() }
    if situation == .refused {
      try scene.accept(SharingScene.refuse(), by: SharingScene.health)
      return finish()
    }
    let from = situation == .notYet ? scene.now + 86_400 : scene.now
    try scene.accept(scene.grant(from: from), by: SharingScene.health)
    guard situation != .granted, situation != .notYet else { return finish() }
    try scene.accept(SharingScene.deliver(), by: SharingScene.health)
    guard situation != .delivered else { return finish() }
    let isRight = situation != .mismatch
    try scene.accept(SharingScene.receipt(data: isRight ? [1, 2, 3] : [1, 2]), by: SharingScene.civil)
    switch situation {
    case .objected, .answered:
      stage.objection = try scene.accept(SharingScene.object(), by: SharingScene.civil)
      if situation == .answered {
        try scene.accept(SharingScene.answer(stage.objection), by: SharingScene.health)
      }
    case .erased: try scene.accept(SharingScene.erase(), by: SharingScene.civil)
    case .revoked: try scene.accept(SharingScene.revoke(), by: SharingScene.authority)
    case .expired: try scene.ledger.advance(by: 31 * 86_400_000)
    default: break
    }
    return finish()
  }

  /// The statement of this kind that goes with the stage; a copy of its ledger takes it.
  static func submit(_ kind: String, by member: String, on stage: Stage) throws -> (Verdict, SharingScene) {
    var scene = stage.scene
    let version = (try scene.entry()?.catalogue.version ?? 0) + 1
    let next = (try scene.request()?.deliveries ?? 0) + 1
    let verdict: Verdict
    switch kind {
    case "calendar": verdict = try scene.submit(China2025.calendar, by: member)
    case "catalogue": verdict = try scene.submit(SharingScene.catalogue(version: version), by: member)
    case "countersign": verdict = try scene.ledger.countersign(stage.offer, by: member)
    case "request": verdict = try scene.submit(SharingScene.request(), by: member)
    case "grant": verdict = try scene.submit(scene.grant(), by: member)
    case "refuse": verdict = try scene.submit(SharingScene.refuse(), by: member)
    case "deliver":
      verdict = try scene.submit(SharingScene.deliver(SharingScene.id, next), by: member)
    case "receipt": verdict = try scene.submit(SharingScene.receipt(), by: member)
    case "use": verdict = try scene.submit(SharingScene.use(), by: member)
    case "object": verdict = try scene.submit(SharingScene.object(), by: member)
    case "object to the entry": verdict = try scene.submit(SharingScene.objectToEntry(), by: member)
    case "answer": verdict = try scene.submit(SharingScene.answer(stage.objection), by: member)
    case "revoke": verdict = try scene.submit(SharingScene.revoke(), by: member)
    case "erase": verdict = try scene.submit(SharingScene.erase(), by: member)
    default: preconditionFailure("no kind is called \(kind)")
    }
    return (verdict, scene)
  }

  // MARK: The tests

  @Test("the table has every kind")
  func kinds() {
    let named = Set(SharingMatrixTests.table.keys.map { String($0.split(separator: " ")[0]) })
    #expect(named == Set(SharingKind.allCases.map(\.rawValue)).union(["countersign"]))
    #expect(Set(SharingMatrixTests.table.keys) == Set(SharingMatrixTests.touched.keys))
  }

  @Test("is as the table says, and what is refused changes nothing", arguments: Situation.allCases)
  func matrix(situation: Situation) throws {
    let stage = try SharingMatrixTests.stage(situation)
    let before = stage.scene.ledger.values
    for kind in SharingMatrixTests.table.keys.sorted() {
      let expected = try SharingMatrixTests.expected(kind, situation)
      for (member, code) in zip(SharingMatrixTests.columns, expected) {
        let (verdict, scene) = try SharingMatrixTests.submit(kind, by: member, on: stage)
        #expect(
          verdict.code == code,
          "\(kind) by \(member) when \(situation.rawValue): \(verdict.refusal.map(\.reason) ?? "")")
        let after = scene.ledger.values
        guard verdict.isAccepted else {
          #expect(after == before, "\(kind) by \(member) when \(situation.rawValue) left something behind")
          continue
        }
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        #expect(!changed.isEmpty)
        #expect(Set(changed.map { $0.parts[1] }).isSubset(of: try #require(SharingMatrixTests.touched[kind])))
        #expect(changed.allSatisfy { $0.parts[0] == "sharing" })
      }
    }
  }
}
