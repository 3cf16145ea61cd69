import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import TransparencyLog

/// What the rules say of a submitted statement.
struct Verdict {
  /// The statement id.
  let id: Digest
  /// The refusal; nil where the statement was accepted.
  let refusal: Refusal?

  /// The refusal's code, or `accepted`.
  var code: String { refusal?.code.rawValue ?? "accepted" }
  /// Whether it was accepted.
  var isAccepted: Bool { refusal == nil }
}

/// A founded ledger in memory whose members hold the roles that a test needs.
///
///     var ledger = try TestLedger(["notary": ["collector", "custodian"], "court": ["court"]])
///     let verdict = try ledger.submit(EvidenceKind.deposit, by: "notary", about: "E-1", deposit.cbor)
///     #expect(verdict.code == "accepted")
///
/// Statements go through `BlockInProgress` as a proposer's do. They are unsigned and trusted, so that generated sequences
/// may be long; a ledger made with `isSigned` signs and checks each. The member `admin`, who has no role, is the administrator.
struct TestLedger {
  static let origin = "ledger.example/scenarios"
  static let administrator = "admin"
  /// The time of the founding block, in s since the epoch: 2025-06-15T15:06:40Z, a Sunday in Zhengzhou already over.
  static let founded: UInt64 = 1_750_000_000

  /// The time of the open block, in ms since the epoch. Setting another one cuts the block when it holds statements.
  private(set) var time = TestLedger.founded * 1000
  /// Every block that was cut.
  private(set) var blocks: [StoredBlock] = []
  /// The rule sets' state after the last block that was cut.
  private(set) var committed = RuleState()

  let rules: [any RuleSet]
  let isSigned: Bool
  /// Each member, by id.
  let parties: [String: Party]

  private let thumbprints: [String: Digest]
  private let log: NoteSigner
  private let validator: TestValidator
  private let foundingState: LedgerState
  private var state: LedgerState
  private var open: BlockInProgress
  private var entries: [[UInt8]] = []
  private var registry = MemoryRegistry()
  private var statementCount: UInt64 = 0
  private var snapshot: [StateKey: [UInt8]?] = [:]
  /// The state tree after the last block that was cut.
  private(set) var tree = StateInMemory()

  /// A ledger with these members, by id, and their roles.
  init(
    _ members: [String: [String]], rules: [any RuleSet] = Scenarios.rules,
    parameters: [String: UInt64] = [:], isSigned: Bool = false
  ) throws {
    log = try .log(TestLedger.origin)
    validator = try TestValidator("v0")
    var parties: [String: Party] = [:]
    var items: [Member] = []
    for (id, roles) in members.merging(
      [TestLedger.administrator: []], uniquingKeysWith: { first, _ in first })
    {
      let party = try Party(id)
      parties[id] = party
      items.append(try party.member(roles: roles))
    }
    var parts = RosterParts(log: log, validators: [validator], members: items)
    (parts.administrators, parts.parameters) = ([TestLedger.administrator], parameters)
    parts.definitions = rules.flatMap(\.parameters)
    let founding = try Founding.statement(
      parts.roster(), administrator: TestLedger.administrator,
      key: parties[TestLedger.administrator]!.key, issuedAt: TestLedger.founded,
      tokenID: [UInt8](repeating: 0xff, count: 16))
    self.parties = parties
    thumbprints = parties.mapValues(\.key.publicKey.thumbprint)
    (self.rules, self.isSigned) = (rules, isSigned)
    foundingState = try Founding.state(of: founding)
    state = foundingState
    open = BlockInProgress(upon: state, time: time, rules: rules, ruleState: committed)
    let verdict = try admit(founding.entry, id: founding.id, admitsRefused: false)
    precondition(verdict.isAccepted, "\(verdict.code)")
    try cut()
    try advance(by: 1000)
  }

  var ledgerID: Digest { foundingState.ledgerID }
  var roster: Roster { state.roster }
  /// The height of the open block.
  var height: UInt64 { state.height }
  /// The index that the next statement gets.
  var nextIndex: UInt64 { open.nextIndex }
  /// The time of the open block, in s.
  var now: UInt64 { time / 1000 }

  // MARK: Statements

  /// Submits a statement of `member` to the open block.
  ///
  /// - Parameters:
  ///   - time: the block's, in ms since the epoch; that of the open block where nil.
  ///   - issuedAt: the claim, in s; the block's time where nil.
  ///   - admitsRefused: what a patched proposer does: the entry goes into the block whatever the rules say.
  mutating func submit(
    _ kind: String, by member: String, about subject: String? = nil, _ payload: [UInt8],
    at time: UInt64? = nil, issuedAt: UInt64? = nil, admitsRefused: Bool = false
  ) throws -> Verdict {
    if let time { try set(time: time) }
    statementCount += 1
    let statement = try statement(kind, member, subject, payload, issuedAt ?? now)
    return try admit(statement.entry, id: statement.id, admitsRefused: admitsRefused)
  }

  /// The same with the payload as a CBOR item.
  mutating func submit(
    _ kind: String, by member: String, about subject: String? = nil, _ payload: CBOR,
    at time: UInt64? = nil, issuedAt: UInt64? = nil, admitsRefused: Bool = false
  ) throws -> Verdict {
    try submit(
      kind, by: member, about: subject, payload.encoded, at: time, issuedAt: issuedAt,
      admitsRefused: admitsRefused)
  }

  /// Submits a countersignature of `member` under `statement`.
  mutating func countersign(_ statement: Digest, by member: String) throws -> Verdict {
    try submit(Kind.countersign, by: member, Proposals.countersignPayload(statement))
  }

  /// Proposes, and so adopts, a change of the roster; it is in force from the next block, which is opened.
  mutating func change(_ action: RosterChange.Action) throws -> Verdict {
    let change = RosterChange(of: roster.root, action)
    let verdict = try submit(change.contentType, by: TestLedger.administrator, change.payload)
    try cut()
    return verdict
  }

  private func statement(
    _ kind: String, _ member: String, _ subject: String?, _ payload: [UInt8], _ issuedAt: UInt64
  ) throws -> (entry: [UInt8], id: Digest) {
    guard let party = parties[member], let thumbprint = thumbprints[member] else {
      preconditionFailure("the test ledger has no member \(member)")
    }
    let tokenID = (0..<16).map { $0 < 8 ? UInt8(truncatingIfNeeded: statementCount >> (8 * $0)) : 0 }
    if isSigned {
      let signed = try party.statement(
        payload, on: ledgerID, type: kind, subject: subject, at: issuedAt, tokenID: tokenID)
      return (signed.entry, signed.id)
    }
    var claims: [(CBOR, CBOR)] = [
      (1, .text(member)), (3, .text(ledgerID.hex)), (6, .unsigned(issuedAt)), (7, .bytes(tokenID)),
    ]
    if let subject { claims.append((2, .text(subject))) }
    let protected: CBOR = .map([
      1: -7, 3: .text(kind), 4: .bytes(thumbprint.bytes), 15: .map(CBORMap(claims)),
    ])
    let parts: [CBOR] = [
      .bytes(protected.encoded), [:], .bytes(payload), .bytes([UInt8](repeating: 0, count: 64)),
    ]
    let entry = CBOR.tagged(18, .array(parts)).encoded
    var hasher = SHA256()
    return (entry, try EntryView(decoding: entry.span).statementID(of: entry.span, using: &hasher))
  }

  private mutating func admit(_ entry: [UInt8], id: Digest, admitsRefused: Bool) throws -> Verdict {
    var checker = EntryChecker()
    var hasher = TreeHasher()
    let checked = isSigned ? checker.check(entry.span, keys: roster.keys) : checker.trust(entry.span)
    do {
      try open.admit(checked, entry.span, earlier: &registry, using: &hasher)
      entries.append(entry)
      return Verdict(id: id, refusal: nil)
    } catch {
      if admitsRefused {
        open.passOver(checked.leaf, using: &hasher)
        entries.append(entry)
      }
      return Verdict(id: id, refusal: error)
    }
  }

  // MARK: Blocks

  /// Sets the time of the open block, in ms; cuts it first when it holds statements and has another.
  mutating func set(time: UInt64) throws {
    guard time != self.time else { return }
    if !entries.isEmpty { try cut() }
    self.time = time
    open = BlockInProgress(upon: state, time: time, rules: rules, ruleState: committed)
  }

  /// Lets `milliseconds` pass before the next statement.
  mutating func advance(by milliseconds: UInt64) throws { try set(time: time + milliseconds) }

  /// Closes the open block, signs it, and opens the next one at the same time; nothing where it holds no statement.
  mutating func cut() throws {
    guard !entries.isEmpty else { return }
    var checker = EntryChecker()
    var hasher = TreeHasher()
    let first = open.nextIndex - UInt64(entries.count)
    var stateHasher = StateHasher()
    open.endStatements()
    let root = try tree.apply(open.changes, using: &stateHasher)
    let headerEntry = try open.header(state: root, using: &hasher).signed(by: validator.blockKey)
    let closed = open.close(
      checker.check(headerEntry.span, keys: roster.keys), headerEntry.span, state: root, using: &hasher)
    if let fault = closed.faults.first { throw fault }
    committed.apply(closed.changes)
    state = closed.state
    let checkpoint = try Checkpoint(
      origin: TestLedger.origin, size: state.frontier.size, root: state.frontier.root(using: &hasher))
    blocks.append(
      StoredBlock(
        entries: entries + [headerEntry], checkpoint: try validator.sign(checkpoint, log, at: time),
        first: first))
    entries = []
    open = BlockInProgress(upon: state, time: time, rules: rules, ruleState: committed)
  }

  /// Goes on from a stored snapshot of the state, as a node does that was started again. Cuts the open block.
  mutating func restart() throws {
    if !entries.isEmpty { try cut() }
    let stored = values
    snapshot = stored.mapValues(Optional.some)
    committed = RuleState(TestSnapshot(values: stored))
    open = BlockInProgress(upon: state, time: time, rules: rules, ruleState: committed)
  }

  // MARK: The rule sets' state

  /// What rules see after everything that was accepted so far.
  var reader: StateReader { StateReader(committed, after: open.changes) }

  /// The value at `key` after everything that was accepted so far.
  func value(_ key: StateKey) -> [UInt8]? { reader.value(of: key) }

  /// Every value after everything that was accepted so far.
  var values: [StateKey: [UInt8]] {
    let later = committed.recent.merging(open.changes.values) { _, later in later }
    return snapshot.merging(later) { _, later in later }.compactMapValues { $0 }
  }

  /// The whole state, byte for byte; equal exactly where two states are.
  var dump: [UInt8] { TestLedger.dump(values) }

  static func dump(_ values: [StateKey: [UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (key, value) in values.sorted(by: { precedes($0.key.bytes, $1.key.bytes) }) {
      for part in [key.bytes, value] { CBORWriter.byteString(part.span, to: &bytes) }
    }
    return bytes
  }

  /// Bytewise, by the C library: a debug build takes very long over the standard library's comparison.
  private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let order = memcmp(left, right, min(left.count, right.count))
    return order == 0 ? left.count < right.count : order < 0
  }

  /// The state at some moment, for `isUnchanged(since:)`.
  struct Mark {
    fileprivate let committed: RuleState
    fileprivate let committedCount: Int
    fileprivate let changes: [StateKey: [UInt8]?]
  }

  /// The state now.
  var mark: Mark {
    Mark(committed: committed, committedCount: committed.recentCount, changes: open.changes.values)
  }

  /// Whether nothing has been written since `mark`; cheap, so that long sequences can ask after each statement.
  func isUnchanged(since mark: Mark) -> Bool {
    mark.committed === committed && mark.committedCount == committed.recentCount
      && mark.changes == open.changes.values
  }

  // MARK: Auditing

  /// An audit that has seen no block yet.
  func newAudit() -> TestAudit { TestAudit(from: foundingState, rules: rules, isSigned: isSigned) }

  /// Audits every block that was cut, from the founding on.
  ///
  /// - Returns: the faults, and the rule sets' state at which the audit arrives.
  func audit() -> (faults: [Fault], values: [StateKey: [UInt8]]) {
    let audit = newAudit()
    return (audit.follow(self), audit.values)
  }

  /// The state, byte for byte, that an audit of every block that was cut arrives at.
  ///
  /// - Throws: the first fault.
  func replayed() throws -> [UInt8] {
    let (faults, values) = audit()
    if let fault = faults.first { throw fault }
    return TestLedger.dump(values)
  }
}
