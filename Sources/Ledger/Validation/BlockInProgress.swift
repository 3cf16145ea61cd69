public import LedgerCrypto
import Statements
public import TransparencyLog

/// A block as far as its statements have been judged: what a proposer fills and an audit follows, by the same code.
///
/// Statements are admitted one by one; the header closes it. Every judgement is by the state after the parent block,
/// the statements before in this block, and the block's own time.
public struct BlockInProgress: Sendable {
  /// The block's time, in ms since the epoch.
  public let time: UInt64
  /// The state after the parent, with this block's leaves and approvals added.
  public internal(set) var state: LedgerState
  /// The index that the next entry of this block has.
  public private(set) var nextIndex: UInt64
  /// The index of its first entry.
  public let firstIndex: UInt64
  /// How many statements were admitted or passed over.
  public private(set) var statementCount = 0
  /// The bytes of those statements, without the lengths that bundles put before them.
  public private(set) var byteCount = 0

  /// The roster that an approval in this block has brought about; in force from the next block.
  private(set) var adopted: Roster?
  /// What the approvals in this block have changed in the roster.
  private var touched: Set<RosterChange.Touched> = []
  /// Whether something was passed over, so that this block must never be cosigned.
  private(set) var isFaulty = false
  /// Whether `time` is the block's own; an audit that can't read the header only guesses it.
  var isTimeKnown = true

  /// The proposals that were open after the parent.
  private let openBefore: [Digest: Proposals.Pending]
  private let rules: [any RuleSet]
  /// The rule sets' state after the parent.
  private let ruleState: RuleState
  /// What the statements of this block change in it, and in the core's part of the state.
  public internal(set) var changes = StateChanges()
  /// The latest claimed time, in ms, that is not after the block's.
  private let latest: UInt64
  /// The statement window in ms.
  private let window: UInt64
  /// The most statements that the roster allows in the block, and the most bytes of them.
  package let mostStatements: Int
  private let mostBytes: Int

  /// A block upon `state`.
  ///
  /// - Parameter ruleState: the rule sets' state after the parent; it is only read. Whoever makes the block final applies
  ///   `changes` to it.
  public init(
    upon state: LedgerState, time: UInt64, rules: [any RuleSet], ruleState: RuleState = RuleState()
  ) {
    (self.state, self.time, self.rules, self.ruleState) = (state, time, rules, ruleState)
    (nextIndex, firstIndex, openBefore) = (state.frontier.size, state.frontier.size, state.proposals.pending)
    let parameters = state.roster.terms.parameters
    // No header may say a time beyond the maximum, so sums with it are far from overflow.
    latest = min(time, BlockHeader.maximumTime) + parameters[Parameters.allowedDrift]
    window = parameters[Parameters.statementWindow] * 1000
    mostStatements = Int(clamping: parameters[Parameters.blockRecords])
    mostBytes = Int(clamping: parameters[Parameters.blockBytes])
  }

  /// Whether one more statement of `count` bytes keeps the block within the roster's limits.
  public func hasRoom(for count: Int) -> Bool {
    statementCount < mostStatements && byteCount + count <= mostBytes
  }

  /// Judges `entry` and takes it in as the block's next statement.
  ///
  /// The first of these that holds is the refusal: `malformed` or `too-large`, `wrong-ledger`, `unknown-member`,
  /// `unknown-key`, `bad-signature`, `duplicate`, `key-not-in-force`, `after-block-time`, `stale`, and then what the
  /// rules say. So a statement sent again gets `duplicate`, whatever has changed since.
  ///
  /// - Parameters:
  ///   - checked: what `EntryChecker` says of these bytes.
  ///   - earlier: the statements before; this one is remembered there when it is accepted.
  /// - Throws: the refusal; then nothing has changed.
  public mutating func admit(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, earlier: inout some StatementRegistry,
    using hasher: inout TreeHasher
  ) throws(Refusal) {
    try take(checked, entry, earlier: &earlier)
    state.frontier.append(checked.leaf, using: &hasher)
  }

  /// Takes in the leaf of a faulty entry, so that the entries after it can be judged. The block can no longer be
  /// validated.
  public mutating func passOver(_ leaf: Digest, using hasher: inout TreeHasher) {
    skip()
    state.frontier.append(leaf, using: &hasher)
  }

  /// As `admit`, but without the tree: for an audit, which has computed it already and sets it before it closes, and for a
  /// proposer, which lets it `grow` by all leaves at once.
  package mutating func take(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, earlier: inout some StatementRegistry
  ) throws(Refusal) {
    let isFounding = state.height == 0 && nextIndex == 0
    let (id, issuedAt) = try judge(checked, entry, isFounding: isFounding, earlier: &earlier)
    if !isFounding { earlier.remember(id, index: nextIndex, issuedAt: issuedAt) }
    nextIndex += 1
    statementCount += 1
    byteCount += entry.count
  }

  /// Adds the leaves of the statements that were taken, in their order, to the tree.
  package mutating func grow(by leaves: [Digest], using hasher: inout TreeHasher) {
    state.frontier.append(contentsOf: leaves[...], using: &hasher)
  }

  /// As `passOver`, but without the tree.
  mutating func skip() {
    isFaulty = true
    nextIndex += 1
    statementCount += 1
  }

  // MARK: The judgement

  private mutating func judge(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, isFounding: Bool, earlier: inout some StatementRegistry
  ) throws(Refusal) -> (id: Digest, issuedAt: UInt64) {
    let decoded: CheckedEntry.Decoded
    switch checked.content {
    case .malformed(let error): throw Refusal(error)
    case .decoded(let content): decoded = content
    }
    guard let claims = decoded.view.claims else { throw Refusal(.malformed, "a statement without claims") }
    guard claims.audience == (isFounding ? nil : state.ledgerID) else {
      let named = claims.audience.map(\.hex) ?? "none"
      throw Refusal(.wrongLedger, "its audience is \(named), and this ledger is \(state.ledgerID)")
    }
    guard !isFounding || checked.leaf == state.ledgerID else {
      throw Refusal(
        .wrongLedger, "it founds the ledger \(checked.leaf), and this ledger is \(state.ledgerID)")
    }
    let (member, key) = try issuer(of: decoded, claims, entry)
    if let index = earlier.index(of: decoded.id) {
      throw Refusal(.duplicate, "the same statement is entry \(index)")
    }
    guard state.roster.members[member].keys[key].isInForce(at: state.height) else {
      throw keyNotInForce(state.roster.members[member].keys[key], of: state.roster.members[member].id)
    }
    if isTimeKnown { try judgeTime(claims) }
    if isFounding {
      try rules.requireKnown(state.roster.terms.parameters)
      for member in state.roster.members { try rules.requireKnown(roles: member.roles, of: member.id) }
    }
    // Before anything changes: a record may name too many.
    var lists = try digests(decoded, entry).map(StateKey.digest)
    if isFounding {
      lists.append(contentsOf: subject(of: claims, entry, StateKey.plain))
    } else {
      lists.append(contentsOf: try judgeKind(decoded, claims, entry, member, earlier: &earlier))
    }
    changes.add(.init(id: decoded.id, index: nextIndex), at: lists)
    return (decoded.id, claims.issuedAt)
  }

  private func keyNotInForce(_ key: MemberKey, of member: String) -> Refusal {
    let limits = key.until.map { "until block \($0)" } ?? "from block \(key.from)"
    return Refusal(.keyNotInForce, "the key \(key.id) of \(member) holds \(limits) only")
  }

  /// The places of the issuer and of the key in the roster.
  private func issuer(
    of decoded: CheckedEntry.Decoded, _ claims: ClaimsView, _ entry: Span<UInt8>
  ) throws(Refusal) -> (member: Int, key: Int) {
    guard let place = state.roster.place(of: decoded.view.keyID),
      entry.text(claims.issuer, is: state.roster.members[place.member].id)
    else {
      let name = entry.text(claims.issuer)
      guard state.roster.member(name) != nil else {
        throw Refusal(.unknownMember, "no member is called \(name.quoted)")
      }
      throw Refusal(.unknownKey, "the key \(decoded.view.keyID) is none of \(name)'s")
    }
    let key = state.roster.members[place.member].keys[place.key].key
    guard decoded.view.algorithm.keyAlgorithm == key.algorithm else {
      throw Refusal(.malformed, "the algorithm does not fit the key")
    }
    guard decoded.isSigned(entry, by: key) else {
      let issuer = state.roster.members[place.member].id
      throw Refusal(.badSignature, "the signature of \(issuer) does not verify")
    }
    return place
  }

  private func judgeTime(_ claims: ClaimsView) throws(Refusal) {
    // At most 2^40 s, as decoding has checked.
    let issuedAt = claims.issuedAt
    let issued = issuedAt * 1000
    if issued > latest {
      throw Refusal(
        .afterBlockTime,
        "its claimed time, \(issuedAt) s, lies after the block's, \(time) ms, by more than is allowed")
    }
    if issued + window < time {
      throw Refusal(.stale, "its claimed time lies \((time - issued) / 1000) s back; sign it anew")
    }
    if let expiresAt = claims.expiresAt, expiresAt * 1000 < time {
      throw Refusal(
        .stale, "it expired at \(expiresAt * 1000) ms; the block's time is \(time) ms; sign it anew")
    }
  }

  /// The most digests that a record may name. A statement about the roster may name more: its keys look like digests.
  public static let mostDigests = 64

  /// The digests by which a record is found: a plain one's payload's SHA-256, or those that a field of a kind names.
  ///
  /// - Throws: `too-large` if there are more than `mostDigests`.
  private func digests(_ decoded: CheckedEntry.Decoded, _ entry: Span<UInt8>) throws(Refusal) -> [Digest] {
    guard Kind.isReserved(decoded.view.contentType, of: entry) else { return [decoded.payloadHash] }
    let named = NamedDigests.of(entry.extracting(decoded.view.payload))
    guard
      named.count <= BlockInProgress.mostDigests
        || Kind.isAboutRoster(decoded.view.contentType, of: entry)
    else {
      throw Refusal(
        .tooLarge,
        "it names \(named.count) digests, and a record names at most \(BlockInProgress.mostDigests); put more into a manifest"
      )
    }
    return named.sorted()
  }

  /// The list of the records about the subject that a statement claims, where it claims one.
  private func subject(of claims: ClaimsView, _ entry: Span<UInt8>, _ owner: String) -> [StateKey] {
    claims.subject.map { [.subject(entry.text($0), of: owner)] } ?? []
  }

  /// - Returns: the lists of the records about what the statement is about.
  private mutating func judgeKind(
    _ decoded: CheckedEntry.Decoded, _ claims: ClaimsView, _ entry: Span<UInt8>, _ issuer: Int,
    earlier: inout some StatementRegistry
  ) throws(Refusal) -> [StateKey] {
    let type = decoded.view.contentType
    let isReserved = Kind.isReserved(type, of: entry)
    let judged = JudgedStatement(
      view: decoded.view, claims: claims, id: decoded.id, index: nextIndex,
      issuerPlace: issuer, roster: state.roster, height: state.height, blockTime: time)
    for rule in rules where rule.covers(entry.extracting(type), isReserved: isReserved) {
      // The reader must be gone before its changes are added to, or they would be copied whole.
      let made = try rule.judge(judged, entry: entry, reading: StateReader(ruleState, after: changes))
      return add(made, of: rule, claims, entry)
    }
    guard isReserved else { throw Refusal(.unknownKind, "no rule set covers \(entry.text(type))") }
    let statement: SignedStatement
    do { statement = try SignedStatement(decoding: entry.bytes) } catch { throw Refusal(error) }
    if statement.contentType == Kind.countersign {
      let target = try Proposals.countersigned(statement.payload)
      if !state.proposals.knows(target), let (rule, made) = try countersign(target, judged) {
        return add(made, of: rule, claims, entry)
      }
    }
    let now = Proposals.Circumstances(
      roster: state.roster, changed: adopted ?? state.roster, touched: touched, next: state.height + 1,
      time: time, window: window, rules: rules, ledger: state.ledgerID)
    if statement.contentType == Kind.setValidators { try requireRecent(statement, earlier: &earlier) }
    let issuer = state.roster.members[issuer].id
    if let (change, changed) = try state.proposals.judge(statement, issuer: issuer, now) {
      adopted = changed
      touched.formUnion(change.touched)
    }
    return subject(of: claims, entry, StateKey.plain)
  }

  /// Sees that validators that join have verified the ledger as it stood not long ago.
  private func requireRecent(
    _ statement: SignedStatement, earlier: inout some StatementRegistry
  ) throws(Refusal) {
    guard
      case .setValidators(_, _, _, let joins)? = try RosterChange(
        contentType: statement.contentType, payload: statement.payload)?.action
    else { return }
    for join in joins where !earlier.isRecent(size: join.size, root: join.root) {
      throw Refusal(
        .unknownCheckpoint,
        """
        \(join.name.quoted) has signed a checkpoint of \(join.size) entries that is none of the newest \(RecentTrees.most) blocks' here; \
        it signs a newer one
        """)
    }
  }

  /// Takes in what `rule` has made of a statement.
  ///
  /// - Returns: the lists of the records about what the statement is about.
  private mutating func add(
    _ made: [StateChange], of rule: any RuleSet, _ claims: ClaimsView, _ entry: Span<UInt8>
  ) -> [StateKey] {
    changes.add(made)
    return subject(of: claims, entry, rule.name) + made.filter(\.isListing).map(\.key)
  }

  /// The rule set that takes the countersignature under `target`, and what that changes.
  private func countersign(
    _ target: Digest, _ statement: JudgedStatement
  ) throws(Refusal) -> (any RuleSet, [StateChange])? {
    for rule in rules {
      let made = try rule.countersign(
        target, by: statement, reading: StateReader(ruleState, after: changes))
      if let made { return (rule, made) }
    }
    return nil
  }

  // MARK: The state

  /// Ends the block's statements: sets what they have changed in the core's part of the state, so that `changes` is all
  /// that the block changes. Nothing is taken in afterwards.
  public mutating func endStatements() {
    state.proposals.settle(at: time, window: window)
    let open = state.proposals.pending
    for (id, proposal) in open where openBefore[id] != proposal {
      changes.set(.proposal(id), OpenProposal(proposal))
    }
    for id in openBefore.keys where open[id] == nil { changes.set(.proposal(id), OpenProposal?.none) }
    if state.height == 0 || adopted != nil || Set(open.keys) != Set(openBefore.keys) {
      changes.set(.roster, RosterInForce(root: (adopted ?? state.roster).root, open: open.keys.sorted()))
    }
    var hasher = StateHasher()
    changes.end(using: &hasher)
  }
}
