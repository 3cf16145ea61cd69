public import LedgerCrypto
import Statements

/// The proposals to change the roster, open and settled: what the core's own kinds act on.
public struct Proposals: Sendable, Hashable {
  /// A proposal that may still be approved.
  public struct Pending: Sendable, Hashable {
    /// What it changes.
    public let change: RosterChange
    /// The time of the block that recorded it, in ms since the epoch.
    public let proposed: UInt64
    /// The administrators that approve it, in the order in which they did; one that is removed approves nothing any
    /// more.
    public internal(set) var approvals: [String]
  }

  /// What a proposal or an approval is judged by.
  struct Circumstances {
    /// The roster in force for the block.
    let roster: Roster
    /// That roster as the statements before in the block have changed it.
    let changed: Roster
    /// What they have changed in it.
    let touched: Set<RosterChange.Touched>
    /// The height from which an adopted change is in force.
    let next: UInt64
    /// The block's time, and for how long a proposal stays open, in ms.
    let time, window: UInt64
    /// Whose roles may be given.
    let rules: [any RuleSet]
    /// The ledger id.
    let ledger: Digest
  }

  /// By statement id.
  public internal(set) var pending: [Digest: Pending] = [:]
  /// The ids of those that were adopted or became void last, the oldest first, for the wording of refusals; no judgement
  /// depends on them.
  public internal(set) var settled: [Digest] = []

  /// The most that are open at a time.
  static let mostPending = 256

  /// How many of those are remembered.
  static let mostSettled = 256

  /// Whether `id` is a proposal to change the roster, open or settled.
  func knows(_ id: Digest) -> Bool { pending[id] != nil || settled.contains(id) }

  /// Judges a statement of one of the core's kinds.
  ///
  /// - Returns: what this statement's approval decides: the change, and the roster that it makes; nil if more must
  /// approve.
  mutating func judge(
    _ statement: SignedStatement, issuer: String, _ now: Circumstances
  ) throws(Refusal) -> (change: RosterChange.Action, roster: Roster)? {
    if statement.contentType == Kind.countersign { return try approve(statement, issuer: issuer, now) }
    guard let change = try RosterChange(contentType: statement.contentType, payload: statement.payload) else {
      throw Refusal(.unknownKind, "no rule knows the kind \(statement.contentType)")
    }
    let isAdministrator = now.changed.isAdministrator(issuer, at: now.next)
    guard isAdministrator || change.action.isOwn else {
      throw Refusal(.notAdministrator, "\(issuer) is not an administrator; only they propose changes")
    }
    try change.checkProofs(by: issuer, now.roster, of: now.ledger)
    guard change.roster == now.roster.root, now.touched.isDisjoint(with: change.action.touched) else {
      throw Refusal(
        .proposalVoid, "it changes the roster \(change.roster), which is not in force; propose it anew")
    }
    switch change.action {
    case .addMember(let id, _, let roles, _), .setRoles(let id, let roles):
      try now.rules.requireKnown(roles: roles, of: id)
    case .setParameter(let name, let value): try now.rules.parameters.requireSettable(name, value)
    case .revokeKey(_, _, _, let since?, _) where since > now.time:
      throw Refusal(
        .malformed, "the key can't have been in other hands since \(since) ms, after the block's time")
    case .removeMember, .rotateKey, .rename, .renewKey, .revokeKey, .setAdministrators, .setValidators,
      .setLogKey:
      break
    }
    // Judged now, so that nobody is asked to approve what can't be done.
    let changed = try now.changed.applying(change.action, inForceFrom: now.next)
    guard pending.count < Proposals.mostPending else {
      throw Refusal(
        .tooLarge,
        "\(pending.count) proposals are open; approve some or let them expire first")
    }
    pending[statement.id] = Pending(
      change: change, proposed: min(now.time, BlockHeader.maximumTime),
      approvals: isAdministrator ? [issuer] : [])
    return adopt(statement.id, changed, now.changed.terms.threshold)
  }

  private mutating func approve(
    _ statement: SignedStatement, issuer: String, _ now: Circumstances
  ) throws(Refusal) -> (change: RosterChange.Action, roster: Roster)? {
    let id = try Proposals.countersigned(statement.payload)
    guard let proposal = pending[id] else {
      throw settled.contains(id)
        ? Refusal(
          .proposalVoid,
          "the proposal \(id) is closed: it was adopted, it ran out, another change made it void, or nobody who approved it is an administrator any more"
        )
        : Refusal(.unknownProposal, "no proposal \(id) waits for a countersignature")
    }
    guard now.changed.isAdministrator(issuer, at: now.next) else {
      throw Refusal(.notAdministrator, "\(issuer) is not an administrator; only they approve changes")
    }
    guard !proposal.isOver(at: now.time, window: now.window) else {
      throw Refusal(
        .proposalVoid,
        "the proposal \(id) has waited for more than \(now.window / 86_400_000) days; propose it anew")
    }
    guard !proposal.approvals.contains(issuer) else {
      throw Refusal(.alreadyApproved, "\(issuer) has approved \(id) already")
    }
    if case .setParameter(let name, let value) = proposal.change.action {
      try now.rules.parameters.requireSettable(name, value)
    }
    let changed = try now.changed.applying(proposal.change.action, inForceFrom: now.next)
    pending[id]?.approvals.append(issuer)
    return adopt(id, changed, now.changed.terms.threshold)
  }

  /// The change and `changed` if enough approve; then what touches the same is void, and the others stay open.
  ///
  /// - Parameter threshold: that of the roster before: a change of the threshold is approved by the old one.
  private mutating func adopt(
    _ id: Digest, _ changed: Roster, _ threshold: Int
  ) -> (change: RosterChange.Action, roster: Roster)? {
    guard let proposal = pending[id], proposal.approvals.count >= threshold else { return nil }
    let action = proposal.change.action
    let touched = action.touched
    settle { !$0.change.action.touched.isDisjoint(with: touched) }
    switch action {
    case .removeMember(let member): takeOff { $0 == member }
    case .setAdministrators(let administrators, _): takeOff { !administrators.contains($0) }
    default: break
    }
    return (action, changed)
  }

  /// Takes off the approvals of those that administer no more: an approval counts while its giver is an administrator, and does not come
  /// back with it. What nobody approves any more is closed.
  private mutating func takeOff(_ isGone: (String) -> Bool) {
    for other in pending.keys.sorted()
    where pending[other]?.approvals.contains(where: isGone) ?? false {
      pending[other]?.approvals.removeAll(where: isGone)
      if pending[other]?.approvals.isEmpty ?? false { settle(other) }
    }
  }

  private mutating func settle(_ id: Digest) {
    pending[id] = nil
    settled = (settled + [id]).suffix(Proposals.mostSettled)
  }

  private mutating func settle(where isVoid: (Pending) -> Bool) {
    let void = pending.filter { isVoid($0.value) }.keys.sorted()
    for id in void { pending[id] = nil }
    settled = (settled + void).suffix(Proposals.mostSettled)
  }

  /// Ends those that have waited for longer than `window` ms at `time`.
  mutating func settle(at time: UInt64, window: UInt64) {
    settle { $0.isOver(at: time, window: window) }
  }

  /// The statement that a countersignature names: `{ statement: digest }`.
  static func countersigned(_ payload: [UInt8]) throws(Refusal) -> Digest {
    do {
      var fields = try CBORFields(CBOR(decoding: payload), of: "countersign")
      let id = try fields.digest("statement")
      try fields.finish()
      return id
    } catch {
      throw Refusal(.malformed, error.description)
    }
  }

  /// The payload of a countersignature under `statement`.
  public static func countersignPayload(_ statement: Digest) -> [UInt8] {
    CBOR.map([.text("statement"): .bytes(statement.bytes)]).encoded
  }
}

extension Proposals.Pending {
  /// Whether it has waited for longer than `window` ms at `time`.
  fileprivate func isOver(at time: UInt64, window: UInt64) -> Bool { proposed + window < time }
}
