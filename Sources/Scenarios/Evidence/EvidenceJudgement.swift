package import Ledger
import LedgerCrypto

/// The judgement of one statement: what it is about, and what it leaves behind. `EvidenceTransition` has the checks of each kind.
struct EvidenceJudgement {
  let kind: EvidenceKind
  let item: String
  let statement: JudgedStatement
  let state: StateReader

  var issuer: Member { statement.issuer }

  // MARK: Checks

  func requireRole(_ roles: [EvidenceRole]) throws(Refusal) { try kind.require(roles, of: issuer) }

  /// The item's state.
  func known() throws(Refusal) -> Evidence.Item {
    guard let known = try state.value(of: Evidence.Item.key(item), as: Evidence.Item.self) else {
      throw Refusal(.unknownItem, "no item \(item.quoted) was deposited")
    }
    return known
  }

  /// Checks that a seal's number is new to the ledger.
  func requireUnused(_ seal: String) throws(Refusal) {
    guard let use = try state.value(of: Evidence.SealUse.key(seal), as: Evidence.SealUse.self) else { return }
    throw Refusal(
      .sealReused, "the seal \(seal.quoted) was used on \(use.item.quoted); a number is used once")
  }

  func requireNoHold(_ known: Evidence.Item) throws(Refusal) {
    guard let order = known.orders.first else { return }
    throw Refusal(
      .legalHold,
      "\(item.quoted) is held by the order \(order.order.quoted) of \(order.court); it is lifted first")
  }

  // MARK: Changes

  /// What an accepted statement leaves behind: the item as it is then, who said it, and what that brings with it.
  func changes(
    _ before: Evidence.Item, by payload: some EvidencePayload, _ effect: EvidenceTransition.Effect
  ) throws(Refusal) -> [StateChange] {
    let record = StateChange(
      Evidence.Record.key(statement.id), Evidence.Record(item: item, issuer: issuer.id))
    if effect == .none { return [record] }
    var after = before
    after.apply(payload, Evidence.Act(id: statement.id, issuer: issuer.id, time: statement.blockTime))
    var changes = [StateChange(Evidence.Item.key(item), after), record]
    if let seal = payload.newSeal { changes.append(sealed(seal)) }
    if case .awaits(let role) = effect, let awaited = payload.awaited {
      let pending = Evidence.Pending(
        item: item, kind: kind, issuer: issuer.id, waits: role, outcome: awaited.outcome, seal: awaited.seal,
        previous: after.last)
      changes.append(StateChange(Evidence.Pending.key(statement.id), pending))
    }
    if let waiting = before.pending, after.pending != waiting,
      var overtaken = try state.value(of: Evidence.Pending.key(waiting), as: Evidence.Pending.self)
    {
      overtaken.state = .void
      changes.append(StateChange(Evidence.Pending.key(waiting), overtaken))
    }
    return changes
  }

  /// Takes the countersignature under `pending`, the statement `id`.
  func complete(_ pending: Evidence.Pending, _ id: Digest) throws(Refusal) -> [StateChange] {
    var known = try known()
    guard pending.state == .waiting, known.pending == id, known.last == pending.previous else {
      throw Refusal(
        .proposalVoid, "the \(kind.rawValue) \(id) was countersigned before, or something else came first")
    }
    guard issuer.has(pending.waits), issuer.id != pending.issuer else {
      throw Refusal(
        .role, "the \(kind.rawValue) waits for another member with the role \(pending.waits.rawValue)")
    }
    if pending.outcome.isTerminal { try requireNoHold(known) }
    if let seal = pending.seal { try requireUnused(seal) }
    known.complete(id, outcome: pending.outcome, seal: pending.seal, at: statement.blockTime)
    var completed = pending
    completed.state = .completed
    var changes = [
      StateChange(Evidence.Item.key(item), known),
      StateChange(Evidence.Pending.key(id), completed),
    ]
    if let seal = pending.seal { changes.append(sealed(seal)) }
    return changes
  }

  private func sealed(_ seal: String) -> StateChange {
    StateChange(Evidence.SealUse.key(seal), Evidence.SealUse(item: item))
  }
}

extension EvidenceKind {
  /// Sees that `member` has a role that may make it, where that is a matter of roles alone.
  ///
  /// - Throws: `role`, as the judgement does.
  package func requireRole(of member: Member) throws(Refusal) {
    if case .roles(let roles) = EvidenceTransition.of(self).who { try require(roles, of: member) }
  }

  fileprivate func require(_ roles: [EvidenceRole], of member: Member) throws(Refusal) {
    guard !roles.contains(where: member.has) else { return }
    let names = roles.map(\.rawValue).joined(separator: " or ")
    throw Refusal(.role, "\(rawValue) takes the role \(names), which \(member.id) has not")
  }
}
