import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios
import Statements
import TransparencyLog

/// A ledger in memory, and two members that do what both scenarios are about.
struct ScenarioScene {
  private let members: [(id: String, key: PrivateKey)]
  private let state: LedgerState
  private let time: UInt64

  /// - Parameter path: a folder in which their ledger is founded.
  init(in path: String) throws {
    let consortium = try MeasuredConsortium(members: 2)
    members = consortium.members
    let folder = "\(path)/ledger"
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
    var seen = SeenStatements()
    let ruleState = RuleState()
    let keys = state.roster.keys
    var (checking, judging) = (0.0, 0.0)
    var rest = entries[...]
    while !rest.isEmpty {
      let part = rest.prefix(1024)
      rest = rest.dropFirst(1024)
      var checked: [CheckedEntry] = []
      checked.reserveCapacity(part.count)
      checking += Rounds.threadSeconds {
        for entry in part { checked.append(checker.check(entry.span, keys: keys)) }
      }
      judging += try Rounds.threadSeconds {
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

/// The statements of blocks in memory.
struct SeenStatements: StatementRegistry {
  private var indices: [Digest: UInt64] = [:]

  mutating func index(of id: Digest) -> UInt64? { indices[id] }
  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { indices[id] = index }
}
