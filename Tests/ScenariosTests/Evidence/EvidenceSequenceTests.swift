import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing

/// Random statements, good ones and bad ones, over many small ledgers.
@Suite("Evidence: generated sequences")
struct EvidenceSequenceTests {
  /// To one ledger.
  static let ledgerLength = 250

  @Test(
    "custody stays one unbroken chain with one custodian, refusals change nothing, lists and state are the entries'"
  )
  func sequences() async throws {
    let count = (Fuzzing.inputs + Self.ledgerLength - 1) / Self.ledgerLength
    print("evidence sequences: \(count) ledgers of \(Self.ledgerLength), ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    let tally = try await withThrowingTaskGroup(of: [String: Int].self) { group in
      for worker in 0..<4 {
        group.addTask {
          var tally: [String: Int] = [:]
          for number in stride(from: worker, to: count, by: 4) {
            var run = try EvidenceRun(seed: Fuzzing.seed &+ UInt64(number))
            for _ in 0..<Self.ledgerLength { try run.step() }
            try run.finish()
            tally.merge(run.tally, uniquingKeysWith: +)
          }
          return tally
        }
      }
      var tally: [String: Int] = [:]
      for try await part in group { tally.merge(part, uniquingKeysWith: +) }
      return tally
    }
    // That the sequences reach every corner: each kind accepted, each code given.
    guard count >= 100 else { return }
    for kind in EvidenceKind.allCases {
      #expect(tally["\(kind.rawValue) accepted", default: 0] > 0, "\(kind.rawValue)")
    }
    let codes: [Refusal.Code] = [
      .duplicateItem, .unknownItem, .notCustodian, .notReceiver, .pendingTransfer, .selfTransfer, .disputed,
      .wrongState, .sealReused, .sealMismatch, .legalHold, .role, .missingDigest, .afterBlockTime,
      .personalData,
      .malformed, .proposalVoid, .unknownProposal,
    ]
    for code in codes { #expect(tally[code.rawValue, default: 0] > 0, "\(code.rawValue)") }
  }
}

/// One ledger under random statements, and what must hold after each, told without the rules.
struct EvidenceRun {
  private static let items = ["E-1", "E-2", "证-3"]
  private static let members = EvidenceLedger.members.keys.sorted() + [TestLedger.administrator]

  private(set) var ledger: EvidenceLedger
  private var random: SeededGenerator
  private(set) var tally: [String: Int] = [:]
  private let seed: UInt64

  /// What each item was after the last statement.
  private var known: [String: Evidence.Item] = [:]
  /// The custody entries of each item, in their order.
  private var chains: [String: [Digest]] = [:]
  /// What `resolve` and `release` statements named as previous.
  private var waiting: [Digest: (item: String, previous: Digest)] = [:]
  /// The numbers of seals, and the item that each was put on.
  private var seals: [String: String] = [:]
  private var statements: [Digest] = []
  private var lists: FollowedLists

  init(seed: UInt64, isSigned: Bool = false) throws {
    self.seed = seed
    random = SeededGenerator(seed: seed)
    ledger = try EvidenceLedger(isSigned: isSigned)
    lists = FollowedLists(ledger.ledger)
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  private mutating func pick<Element>(_ from: [Element]) -> Element { from.randomElement(using: &random)! }

  mutating func step() throws {
    if chance(8) { try ledger.ledger.advance(by: UInt64.random(in: 1...3_600_000, using: &random)) }
    lists.follow(ledger.ledger, "seed \(seed), statement \(statements.count)")
    if chance(1) { try ledger.ledger.restart() }
    if chance(12), try countersign() { return }
    let item = pick(Self.items)
    let kind = likelyKind(item)
    let payload = try payload(kind, item)
    let member = likelyMember(kind, item)
    let verdict = try watched { try $0.submit(kind.contentType, by: member, about: item, payload) }
    tally["\(kind.rawValue) \(verdict.code)", default: 0] += 1
    try check(verdict, kind, item, payload, by: member)
  }

  /// What `submit` gives, which must not have changed anything where it is refused. Now and then the whole state is compared.
  private mutating func watched(_ submit: (inout TestLedger) throws -> Verdict) throws -> Verdict {
    let mark = ledger.ledger.mark
    let dump = chance(2) ? ledger.ledger.dump : nil
    let verdict = try submit(&ledger.ledger)
    tally[verdict.code, default: 0] += 1
    if !verdict.isAccepted {
      expect(ledger.ledger.isUnchanged(since: mark), "a refusal (\(verdict.code)) has changed the state")
      if let dump { expect(ledger.ledger.dump == dump, "a refusal (\(verdict.code)) has changed the state") }
    }
    return verdict
  }

  // MARK: Generation

  private mutating func likelyKind(_ item: String) -> EvidenceKind {
    guard chance(75) else { return pick(EvidenceKind.allCases) }
    switch known[item]?.state {
    case nil: return .deposit
    case .deposited: return .seal
    case .sealed: return pick([.offer, .offer, .examine, .release, .hold, .lift, .renew, .present, .correct])
    case .inTransit: return pick([.accept, .accept, .decline])
    case .examining: return .reseal
    case .disputed: return .resolve
    case .released, .disposed: return .correct
    }
  }

  private mutating func likelyMember(_ kind: EvidenceKind, _ item: String) -> String {
    guard chance(80), let known = known[item] else { return chance(70) ? "office" : pick(Self.members) }
    switch kind {
    case .accept, .decline: return known.receiver ?? known.custodian
    case .hold, .lift: return "court"
    case .correct: return known.depositor
    default: return known.custodian
    }
  }

  private mutating func payload(_ kind: EvidenceKind, _ item: String) throws -> [UInt8] {
    let known = known[item]
    let last = chance(92) ? known?.last ?? .zero : statements.randomElement(using: &random) ?? .zero
    let content = chance(93) ? EvidenceLedger.content(of: item) : EvidenceLedger.digest("another")
    let seal = chance(93) ? known?.seal ?? "S-0" : "S-\(Int.random(in: 0...60, using: &random))"
    let fresh = chance(85) ? ledger.freshSeal() : "S-\(Int.random(in: 0...60, using: &random))"
    let now = ledger.ledger.now
    let occurred = chance(85) ? nil : chance(70) ? now - UInt64.random(in: 0...9999, using: &random) : now + 1
    let text = chance(97) ? "正常 as usual" : "电话13912345678"
    let order = "第\(Int.random(in: 1...3, using: &random))号"
    switch kind {
    case .deposit:
      var deposit = EvidenceLedger.deposit(item, seal: chance(30) ? fresh : nil)
      (deposit.method, deposit.occurred) = (text, occurred)
      if chance(2) { deposit.digests = .init([.md5: random.bytes(16)]) }
      return deposit.encoded
    case .seal:
      let number = chance(60) ? known?.seal ?? fresh : fresh
      return Evidence.Seal(seal: number, condition: text, previous: last, occurred: occurred).encoded
    case .offer:
      let to =
        chance(70) ? pick(["lab", "examiner", "office", "custodian"]) : pick(Self.members + ["nobody"])
      return Evidence.Offer(
        to: to, seal: seal, digest: content, purpose: text, previous: last, occurred: occurred
      ).encoded
    case .accept:
      return Evidence.Accept(
        seal: seal, digest: content, location: text, previous: last, occurred: occurred
      ).encoded
    case .decline: return Evidence.Decline(reason: text, previous: last, occurred: occurred).encoded
    case .resolve:
      let isKept = chance(80)
      return Evidence.Resolve(
        reason: text, outcome: isKept ? .sealed : .disposed, seal: isKept && chance(40) ? fresh : nil,
        previous: last, occurred: occurred
      ).encoded
    case .examine: return Evidence.Examine(method: text, previous: last, occurred: occurred).encoded
    case .reseal: return Evidence.Reseal(seal: fresh, previous: last, occurred: occurred).encoded
    case .present: return Evidence.Present(to: text, purpose: text, occurred: occurred).encoded
    case .hold: return Evidence.Hold(order: order, reason: text, occurred: occurred).encoded
    case .lift: return Evidence.Lift(order: order, occurred: occurred).encoded
    case .release:
      return Evidence.Release(
        order: order, outcome: chance(50) ? .released : .disposed, previous: last, occurred: occurred
      ).encoded
    case .renew:
      let algorithm = pick(Evidence.DigestAlgorithm.allCases)
      return Evidence.Renew(
        digests: .init([algorithm: random.bytes(algorithm.byteCount)]), occurred: occurred
      ).encoded
    case .correct:
      let statement = chance(50) ? known?.deposit : statements.randomElement(using: &random)
      if chance(3) { return random.bytes(40) }
      return Evidence.Correct(statement: statement ?? .zero, what: text, why: text, occurred: occurred)
        .encoded
    }
  }

  // MARK: What must hold

  private func expect(_ condition: Bool, _ what: String) {
    #expect(condition, "\(what) (seed \(seed), statement \(statements.count))")
  }

  private mutating func check(
    _ verdict: Verdict, _ kind: EvidenceKind, _ item: String, _ payload: [UInt8], by member: String
  ) throws {
    guard verdict.isAccepted else { return }
    statements.append(verdict.id)
    let fields = try CBOR(decoding: payload)
    guard case .map(let map) = fields, let after = try ledger.item(item) else {
      return expect(false, "an accepted statement without an item")
    }
    let before = known[item]
    var seal: String?
    if case .text(let number)? = map["seal"] { seal = number }
    switch kind {
    case .deposit:
      expect(before == nil, "an item is deposited twice")
      expect(after.custodian == member && after.depositor == member, "the depositor does not hold the item")
      chains[item] = [verdict.id]
    case .resolve, .release:
      expect(
        after.last == before?.last && after.state == before?.state, "a waiting statement has changed the item"
      )
      waiting[verdict.id] = (item, after.last)
      seal = nil
    default:
      if kind.isCustodyEntry { try extend(item, with: verdict.id, previous: map["previous"]) }
    }
    if kind == .deposit || kind == .seal || kind == .reseal, let seal { use(seal, on: item, by: kind) }
    checkItem(item, before, after, kind, by: member)
  }

  /// Puts an entry at the end of an item's chain, whose last one it must name.
  private mutating func extend(_ item: String, with id: Digest, previous: CBOR?) throws {
    expect(previous == chains[item]?.last.map { .bytes($0.bytes) }, "an entry does not name the one before")
    chains[item]?.append(id)
  }

  private mutating func use(_ seal: String, on item: String, by kind: EvidenceKind) {
    if let first = seals[seal] {
      expect(first == item && kind == .seal && chains[item]?.count == 2, "the seal \(seal) is used twice")
    }
    seals[seal] = item
  }

  private mutating func checkItem(
    _ item: String, _ before: Evidence.Item?, _ after: Evidence.Item, _ kind: EvidenceKind?, by member: String
  ) {
    expect(EvidenceLedger.members[after.custodian] != nil, "the custodian is no member")
    expect(after.last == chains[item]?.last, "the chain ends elsewhere than the item says")
    expect(after.entries == UInt64(chains[item]?.count ?? 0), "the chain has a gap")
    expect((after.receiver != nil) == (after.state == .inTransit), "a receiver without an offer")
    expect((after.dispute != nil) == (after.state == .disputed), "a dispute without its reason")
    expect(after.digests.sha256 == EvidenceLedger.content(of: item), "the digest has changed")
    if let before {
      expect(!before.state.isTerminal || after.state == before.state, "a terminal item has moved")
      if before.custodian != after.custodian {
        expect(
          kind == .accept && before.receiver == member && after.custodian == member, "custody moved alone")
        expect(after.seal == before.seal, "custody moved with another seal")
      }
      for element in before.digests.elements {
        expect(after.digests[element.algorithm] == element.bytes, "a digest was lost or changed")
      }
      if after.state.isTerminal && !before.state.isTerminal {
        expect(before.orders.isEmpty, "a held item has left")
      }
    }
    // No other item has changed.
    for other in Self.items where other != item {
      expect((try? ledger.item(other)) == known[other], "a statement about \(item) has changed \(other)")
    }
    known[item] = after
  }

  private mutating func countersign() throws -> Bool {
    let targets = waiting.keys.sorted()
    guard let target = chance(97) ? targets.randomElement(using: &random) : EvidenceLedger.digest("none")
    else { return false }
    let member = chance(60) ? pick(["supervisor", "court"]) : pick(Self.members)
    let verdict = try watched { try $0.countersign(target, by: member) }
    guard verdict.isAccepted, let (item, previous) = waiting[target], let after = try ledger.item(item) else {
      expect(!verdict.isAccepted, "a countersignature under nothing")
      return true
    }
    expect(chains[item]?.last == previous, "a countersigned statement is not the next of its chain")
    expect(member == "supervisor" || member == "court", "countersigned by \(member)")
    chains[item]?.append(target)
    if let seal = after.seal, seal != known[item]?.seal {
      expect(seals[seal] == nil, "the seal \(seal) is used twice")
      seals[seal] = item
    }
    checkItem(item, known[item], after, nil, by: member)
    return true
  }

  mutating func finish() throws {
    try ledger.ledger.cut()
    lists.finish(ledger.ledger, "seed \(seed)")
    expect(TestLedger.dump(lists.audit.values) == ledger.ledger.dump, "a replay gives another state")
    // Every entry stands in one chain, once.
    let entries = chains.values.flatMap { $0 }
    expect(Set(entries).count == entries.count, "an entry stands in two chains")
  }
}
