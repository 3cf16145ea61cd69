import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import TransparencyLog

/// `zheng bench rules`.
struct RulesBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Measure what the rules of the scenarios add to the validation of a record.",
    discussion: """
      Statements of both scenarios, each item and each request going its way, and beside each a plain record of the same \
      bytes under another type. Both are validated in one run, in rounds that take turns: decoded, hashed, their signatures \
      verified, and judged. The rules' share is the difference of the judgements alone, so that the noise of the signatures \
      is not in it. Processor time of one core, medians.

        zheng bench rules
        zheng bench rules --records 40000 --json
      """)

  static let title = "What the rules of the scenarios add to a record, one core"

  @Option(help: "How many statements of each scenario.") var records = 8000
  @OptionGroup var measuring: MeasureOptions

  /// What the rules may add to a record: so many µs, or so much of a plain record's validation, whichever is more.
  static let limit = (microseconds: 3.0, share: 0.1)

  func validate() throws {
    guard (8...1_000_000).contains(records) else {
      throw ValidationError("--records may be 8 to 1000000")
    }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    let scene = try ScenarioScene()
    for (name, statements) in [
      ("evidence", try scene.evidence(records)), ("sharing", try scene.sharing(records)),
    ] {
      let race = RulesRace(scene: scene, scenario: statements, plain: try scene.plain(statements))
      for measure in try race.measures(name, rounds: measuring.rounds) { try tell(measure) }
    }
  }
}

/// Two ways of the same statements through the validation core.
private struct RulesRace {
  let scene: ScenarioScene
  let scenario: [[UInt8]]
  let plain: [[UInt8]]

  /// What `name`'s rules add, and the validation of its records beside that of plain ones; µs a record.
  func measures(_ name: String, rounds: Int) throws -> [Measure] {
    var (whole, added, plainWhole): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<rounds {
      let (ours, theirs) = (try scene.validate(scenario), try scene.validate(plain))
      let each = 1e6 / Double(scenario.count)
      whole.append((ours.checking + ours.judging) * each)
      plainWhole.append((theirs.checking + theirs.judging) * each)
      added.append((ours.judging - theirs.judging) * each)
    }
    let allowed = max(RulesBench.limit.microseconds, RulesBench.limit.share * Spread(plainWhole).median)
    return [
      Measure("\(name)-rules", "what the rules of \(name) add", unit: "µs", added, goal: .atMost(allowed)),
      Measure(
        "\(name)-whole", "validation of a record of \(name)", unit: "µs", whole,
        against: ("a plain record of the same bytes", plainWhole)),
    ]
  }
}

/// A ledger in memory, and two members that do what both scenarios are about.
private struct ScenarioScene {
  private let members: [(id: String, key: PrivateKey)]
  private let state: LedgerState
  private let time: UInt64

  init() throws {
    let consortium = try BenchConsortium(members: 2)
    members = consortium.members
    let folder = NSTemporaryDirectory() + "zheng-bench-\(UUID().uuidString)"
    defer {
      do { try FileManager.default.removeItem(atPath: folder) } catch {
        Diagnostics.note("\(folder): can't be removed: \(error.localizedDescription)")
      }
    }
    _ = try consortium.found(at: folder)
    let reader = try LedgerReader(LedgerFolder(folder, rules: Scenarios.rules))
    state = try reader.state()
    time = (state.parentTime ?? 0) + 1000
  }

  private func sign(
    _ member: Int, _ type: String, _ subject: String?, _ payload: [UInt8]
  ) throws -> SignedStatement {
    let claims = Claims(
      issuer: members[member].id, subject: subject, audience: state.ledgerID, issuedAt: time / 1000,
      tokenID: try randomBytes(16))
    return try StatementDraft(contentType: type, claims: claims, payload: payload).signed(
      by: members[member].key)
  }

  /// About `count` statements: items that are deposited, sealed, offered and accepted.
  func evidence(_ count: Int) throws -> [[UInt8]] {
    var entries: [[UInt8]] = []
    for number in 0..<(count + 3) / 4 {
      let item = "E-\(number)"
      let digest = SHA256.digest(of: Array(item.utf8))
      func say(_ member: Int, _ payload: some EvidencePayload) throws -> Digest {
        let kind = type(of: payload).kind
        let statement = try sign(member, kind.contentType, item, payload.encoded)
        entries.append(statement.entry)
        return statement.id
      }
      let deposit = try say(
        0,
        Evidence.Deposit(
          caseReference: "(2026) 豫01民初\(number)号", category: .file, scope: .file, size: 48_213,
          digests: .init([.sha256: digest.bytes]), method: "现场拷贝 copied on site", format: "application/pdf",
          place: "郑州", tool: "dd 8.32"))
      let seal = try say(0, Evidence.Seal(seal: "S-\(number)", condition: "完好 intact", previous: deposit))
      let offer = try say(
        0,
        Evidence.Offer(
          to: members[1].id, seal: "S-\(number)", digest: digest, purpose: "鉴定 examination", previous: seal))
      _ = try say(
        1,
        Evidence.Accept(seal: "S-\(number)", digest: digest, location: "证物室 evidence room", previous: offer))
    }
    return entries
  }

  /// About `count` statements: a catalogue entry, and requests that are granted, delivered and received.
  func sharing(_ count: Int) throws -> [[UInt8]] {
    var entries: [[UInt8]] = []
    func say(_ member: Int, _ payload: some SharingPayload) throws -> Digest {
      let kind = type(of: payload).kind
      let statement = try sign(member, kind.contentType, payload.subject, payload.encoded)
      entries.append(statement.entry)
      return statement.id
    }
    guard let items = DataItems(["出生日期", "医院", "编号"]) else { preconditionFailure("three short names") }
    let offer = try say(
      0,
      SharingCatalogue(
        entry: "410100-0007", version: 1, name: "出生医学证明", items: items, attribute: .unconditional,
        grade: "L2", format: "CSV", frequency: "每日", method: "接口"))
    entries.append(
      try sign(1, Kind.countersign, nil, Proposals.countersignPayload(offer)).entry)
    for number in 0..<(count + 3) / 4 {
      let request = "R-\(number)"
      let commitment = SHA256.digest(of: Array(request.utf8))
      _ = try say(
        1,
        SharingRequest(
          request: request, entry: "410100-0007", version: 1, items: items, purpose: "公证/亲属关系",
          basis: "公证法第二十七条", scenario: "出生公证 birth certificate", method: "接口", handler: "业务一科"))
      _ = try say(
        0,
        SharingGrant(
          request: request, items: items, purpose: "公证/亲属关系", from: time / 1000 - 60,
          until: time / 1000 + 86_400))
      _ = try say(
        0,
        SharingDeliver(
          request: request, sequence: 1, items: items, purpose: "公证/亲属关系", commitment: commitment,
          records: 1))
      _ = try say(1, SharingReceipt(request: request, delivery: 1, commitment: commitment))
    }
    return entries
  }

  /// For each of `entries` a plain record of the same bytes: the same issuer, subject and payload, under another type.
  func plain(_ entries: [[UInt8]]) throws -> [[UInt8]] {
    try entries.map { entry in
      let statement = try SignedStatement(decoding: entry)
      let type = "application/vnd.other." + statement.contentType.dropFirst(Kind.prefix.count)
      let member = members.firstIndex { $0.id == statement.claims?.issuer } ?? 0
      return try sign(member, type, statement.claims?.subject, statement.payload).entry
    }
  }

  /// The processor time, in s, of checking `entries` one by one, and of judging them in blocks.
  ///
  /// - Throws: the `Refusal` of the first that is refused: all of them should be accepted.
  func validate(_ entries: [[UInt8]]) throws -> (checking: Double, judging: Double) {
    var checker = EntryChecker()
    var hasher = TreeHasher()
    var seen = Seen()
    let ruleState = RuleState()
    let keys = state.roster.keys
    var (checking, judging) = (0.0, 0.0)
    var rest = entries[...]
    while !rest.isEmpty {
      let part = rest.prefix(1024)
      rest = rest.dropFirst(1024)
      var checked: [CheckedEntry] = []
      checked.reserveCapacity(part.count)
      checking += Turns.threadSeconds {
        for entry in part { checked.append(checker.check(entry.span, keys: keys)) }
      }
      judging += try Turns.threadSeconds {
        var block = BlockInProgress(upon: state, time: time, rules: Scenarios.rules, ruleState: ruleState)
        for (entry, checked) in zip(part, checked) {
          try block.admit(checked, entry.span, earlier: &seen, using: &hasher)
        }
        ruleState.apply(block.changes)
      }
    }
    return (checking, judging)
  }
}

private struct Seen: StatementRegistry {
  private var indices: [Digest: UInt64] = [:]

  mutating func index(of id: Digest) -> UInt64? { indices[id] }
  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { indices[id] = index }
}
