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
  public private(set) var state: LedgerState
  /// How many statements were admitted or passed over.
  public private(set) var statementCount = 0

  private var adopted: Roster?
  private let rules: [any RuleSet]

  /// A block upon `state`.
  public init(upon state: LedgerState, time: UInt64, rules: [any RuleSet]) {
    (self.state, self.time, self.rules) = (state, time, rules)
  }

  /// The index that the next entry of this block has.
  public var nextIndex: UInt64 { state.frontier.size }

  /// Judges `entry` and takes it in as the block's next statement.
  ///
  /// - Parameters:
  ///   - checked: what `EntryChecker` says of these bytes.
  ///   - earlier: the statements before; this one is remembered there when it is accepted.
  /// - Throws: the refusal; then nothing has changed.
  public mutating func admit(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, earlier: inout some StatementRegistry,
    using hasher: inout TreeHasher
  ) throws(Refusal) {
    let (decoded, claims, isFounding) = try judge(checked, entry, earlier: &earlier)
    if !isFounding { earlier.remember(decoded.id, index: nextIndex, issuedAt: claims.issuedAt) }
    passOver(checked.leaf, using: &hasher)
  }

  /// Takes in the leaf of an entry that is at fault, so that an audit can go on behind it.
  public mutating func passOver(_ leaf: Digest, using hasher: inout TreeHasher) {
    state.frontier.append(leaf, using: &hasher)
    statementCount += 1
  }

  private mutating func judge(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, earlier: inout some StatementRegistry
  ) throws(Refusal) -> (CheckedEntry.Decoded, ClaimsView, isFounding: Bool) {
    let decoded: CheckedEntry.Decoded
    switch checked.content {
    case .malformed(let error): throw Refusal(error)
    case .decoded(let content): decoded = content
    }
    let view = decoded.view
    guard let claims = view.claims else { throw Refusal(.malformed, "a statement without claims") }
    let isFounding = state.height == 0 && nextIndex == 0
    let audience: Digest? = isFounding ? nil : state.ledgerID
    guard claims.audience == audience else {
      let named = claims.audience.map(\.hex) ?? "none"
      throw Refusal(.wrongLedger, "its audience is \(named), and this ledger is \(state.ledgerID)")
    }
    let issuer = try issuer(of: decoded, claims, entry)
    if let index = earlier.index(of: decoded.id) {
      throw Refusal(.duplicate, "the same statement is entry \(index)")
    }
    guard issuer.key.isInForce(at: state.height) else {
      let limits = issuer.key.until.map { "until block \($0)" } ?? "from block \(issuer.key.from)"
      throw Refusal(.keyNotInForce, "the key \(issuer.key.id) of \(issuer.member.id) holds \(limits) only")
    }
    try judgeTime(claims.issuedAt)
    if !isFounding { try judgeKind(decoded, entry, issuer.member) }
    return (decoded, claims, isFounding)
  }

  private func issuer(
    of decoded: CheckedEntry.Decoded, _ claims: ClaimsView, _ entry: Span<UInt8>
  ) throws(Refusal) -> (member: Member, key: MemberKey) {
    guard let holder = state.roster.holder(of: decoded.view.keyID),
      entry.text(claims.issuer, is: holder.member.id)
    else {
      let name = entry.text(claims.issuer)
      guard state.roster.member(name) != nil else {
        throw Refusal(.unknownMember, "no member is called \(name)")
      }
      throw Refusal(.unknownKey, "the key \(decoded.view.keyID) is none of \(name)'s")
    }
    guard decoded.view.algorithm.keyAlgorithm == holder.key.key.algorithm else {
      throw Refusal(.malformed, "the algorithm does not fit the key")
    }
    let isValid =
      switch decoded.signature {
      case .valid: true
      case .invalid: false
      // A key that came into the roster after the entry was checked.
      case .unknownKey: decoded.view.isSigned(entry, by: holder.key.key)
      }
    guard isValid else {
      throw Refusal(.badSignature, "the signature of \(holder.member.id) does not verify")
    }
    return holder
  }

  private func judgeTime(_ issuedAt: UInt64) throws(Refusal) {
    let parameters = state.roster.terms.parameters
    let issued = issuedAt * 1000
    if issued > time + parameters[Parameters.allowedDrift] {
      throw Refusal(.afterBlockTime, "its claimed time lies \((issued - time) / 1000) s after the block's")
    }
    if issued + parameters[Parameters.statementWindow] * 1000 < time {
      throw Refusal(.stale, "its claimed time lies \((time - issued) / 1000) s back; sign it anew")
    }
  }

  private mutating func judgeKind(
    _ decoded: CheckedEntry.Decoded, _ entry: Span<UInt8>, _ issuer: Member
  ) throws(Refusal) {
    let type = decoded.view.contentType
    let isReserved = Kind.isReserved(type, of: entry)
    for rule in rules where rule.covers(entry.extracting(type), isReserved: isReserved) {
      let statement = JudgedStatement(view: decoded.view, issuer: issuer, blockTime: time)
      return try rule.judge(statement, entry: entry)
    }
    guard isReserved else { throw Refusal(.unknownKind, "no rule set covers \(entry.text(type))") }
    let statement: SignedStatement
    do { statement = try SignedStatement(decoding: entry.bytes) } catch { throw Refusal(error) }
    let changed = try state.proposals.judge(
      statement, issuer: issuer.id, roster: state.roster, next: state.height + 1, isAdopted: adopted != nil)
    if let changed { adopted = changed }
  }

  // MARK: The header

  /// The header that closes this block as it stands.
  public func header(using hasher: inout TreeHasher) -> BlockHeader {
    BlockHeader(
      height: state.height, previous: state.parent, size: nextIndex,
      root: state.frontier.root(using: &hasher),
      time: time, roster: state.roster.root)
  }

  /// What closing a block gives: the state after it, and what was wrong.
  public struct Closed: Sendable {
    /// The state after the block. With faults it is what an audit goes on with.
    public let state: LedgerState
    /// The header, where it can be read.
    public let header: BlockHeader?
    /// The validator whose log key signed the header, where there is one.
    public let proposer: Validator?
    /// Every fault of the header.
    public let faults: [Fault]
  }

  /// Closes the block with the header entry, as every validator checks it.
  ///
  /// - Parameter roster: the root that the header must name; nil for the roster in force.
  public consuming func close(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, roster: Digest? = nil, using hasher: inout TreeHasher
  ) -> Closed {
    let roster = roster ?? state.roster.root
    let (block, index) = (state.height, nextIndex)
    var faults: [Fault] = []
    var proposer: Validator?
    var header: BlockHeader?
    do {
      guard case .decoded(let decoded) = checked.content, BlockHeader.isHeader(decoded.view, of: entry) else {
        throw StatementError(.malformed, "the block's last entry is not a header")
      }
      let read = try BlockHeader(payload: entry.extracting(decoded.view.payload).bytes)
      header = read
      proposer = state.roster.proposer(decoded.view.keyID)
      if proposer == nil {
        let key = decoded.view.keyID
        faults.append(
          Fault(.unknownSigner, "the header is signed by \(key), which is no validator's log key"))
      } else if decoded.signature != .valid {
        faults.append(Fault(.badSignature, "the header's signature does not verify"))
      }
      faults += judge(read, roster: roster, using: &hasher)
    } catch {
      faults.append(Fault(.malformedEntry, "\(error)"))
    }
    return Closed(
      state: closed(with: checked.leaf, time: header?.time, using: &hasher), header: header,
      proposer: proposer,
      faults: faults.map { Fault($0.code, block: block, entry: index, $0.detail) })
  }

  /// The state after this block where its last entry can't be read: an audit goes on behind it.
  public consuming func closed(
    with leaf: Digest, time: UInt64?, using hasher: inout TreeHasher
  ) -> LedgerState {
    state.frontier.append(leaf, using: &hasher)
    if let adopted { state.roster = adopted }
    state.parent = leaf
    state.parentTime = time
    state.height += 1
    return state
  }

  private func judge(_ header: BlockHeader, roster: Digest, using hasher: inout TreeHasher) -> [Fault] {
    var faults: [Fault] = []
    if header.height != state.height {
      faults.append(
        Fault(.brokenChain, "the header says height \(header.height) where \(state.height) comes next"))
    }
    if header.previous != state.parent {
      faults.append(Fault(.brokenChain, "the header names another previous header than the one before it"))
    }
    if header.size != nextIndex {
      faults.append(
        Fault(.brokenChain, "the header says that \(header.size) entries come before it, not \(nextIndex)"))
    } else if header.root != state.frontier.root(using: &hasher) {
      faults.append(
        Fault(.rootMismatch, "the entries before the header do not hash to the root that it names"))
    }
    if header.roster != roster {
      faults.append(Fault(.brokenChain, "the header names another roster than the one in force"))
    }
    if let parentTime = state.parentTime, header.time < parentTime {
      faults.append(Fault(.time, "the block's time lies \(parentTime - header.time) ms before its parent's"))
    }
    let most = state.roster.terms.parameters[Parameters.blockRecords]
    if statementCount > most {
      faults.append(Fault(.brokenChain, "\(statementCount) statements in a block; \(most) are allowed"))
    }
    if state.height == 0, statementCount != 1 {
      faults.append(Fault(.brokenChain, "the founding block holds \(statementCount) statements, not one"))
    }
    return faults
  }
}

extension Refusal {
  /// The refusal of an entry that can't be decoded.
  init(_ error: StatementError) {
    self.init(error.code == .tooLarge ? .tooLarge : .malformed, error.description)
  }
}

extension Span<UInt8> {
  /// The bytes, copied.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in indices { bytes.append(self[index]) }
    return bytes
  }

  /// The text at `range`, which decoding has found to be UTF-8.
  func text(_ range: Range<Int>) -> String { String(decoding: extracting(range).bytes, as: UTF8.self) }

  /// Whether the bytes at `range` are those of `text`.
  func text(_ range: Range<Int>, is text: String) -> Bool {
    guard range.count == text.utf8.count else { return false }
    return zip(range, text.utf8).allSatisfy { self[$0] == $1 }
  }
}

extension EntryView {
  /// Whether the entry that this is a view of carries a signature of `key`.
  fileprivate func isSigned(_ entry: Span<UInt8>, by key: PublicKey) -> Bool {
    var signed: [UInt8] = []
    appendSigStructure(of: entry, to: &signed)
    return algorithm.keyAlgorithm == key.algorithm
      && key.isValid(signature: entry.extracting(signature), over: signed.span)
  }
}
