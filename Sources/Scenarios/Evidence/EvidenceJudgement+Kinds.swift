import Ledger
import LedgerCrypto
import TransparencyLog

// Each method decides one kind: the table of `EvidenceRules`, row by row.
extension EvidenceJudgement {
  func deposit(_ deposit: Evidence.Deposit) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(deposit.occurred, "the deposit")
    try requireNotAfterBlock(deposit.collected, "the collection")
    try requireRole(.collector, .custodian)
    guard !state.hasValue(at: Evidence.Item.key(item)) else {
      throw Refusal(.duplicateItem, "there is an item \(item.quoted) already")
    }
    let deposited = Evidence.Item(deposit, by: statement)
    guard let seal = deposit.seal else { return changes(deposited) }
    try requireUnused(seal)
    return changes(deposited, sealed(seal))
  }

  func seal(_ seal: Evidence.Seal) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(seal.occurred, "the sealing")
    var known = try held()
    try require(.deposited, known)
    try requireLast(seal.previous, known)
    // While it is deposited, an item has a seal only if the deposit named it.
    if !known.isSealed(with: seal.seal) { try requireUnused(seal.seal) }
    (known.state, known.seal) = (.sealed, seal.seal)
    return try custody(known, using: seal.seal)
  }

  func offer(_ offer: Evidence.Offer) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(offer.occurred, "the offer")
    var known = try held()
    try require(.sealed, known)
    try requireLast(offer.previous, known)
    guard offer.to != issuer.id else {
      throw Refusal(.selfTransfer, "\(issuer.id) holds \(item.quoted) already")
    }
    guard let receiver = statement.memberInForce(offer.to), receiver.mayKeepEvidence else {
      throw Refusal(.role, "\(offer.to) is no member in force with a role that may keep evidence")
    }
    guard known.isSealed(with: offer.seal) else {
      throw Refusal(.sealMismatch, "the seal of \(item.quoted) is \((known.seal ?? "").quoted)")
    }
    guard offer.digest == known.digests.sha256 else {
      throw Refusal(.sealMismatch, "the digest is not that of \(item.quoted) as it was deposited")
    }
    (known.state, known.receiver) = (.inTransit, offer.to)
    return try custody(known)
  }

  func accept(_ accept: Evidence.Accept) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(accept.occurred, "the acceptance")
    var known = try known()
    try require(.inTransit, known)
    try requireReceiver(known)
    try requireLast(accept.previous, known)
    let isDigestSame = accept.digest == known.digests.sha256
    let isSealSame = known.isSealed(with: accept.seal)
    known.receiver = nil
    if isDigestSame && isSealSame {
      (known.state, known.custodian) = (.sealed, issuer.id)
    } else {
      known.state = .disputed
      known.dispute = isSealSame ? "digest" : isDigestSame ? "seal" : "digest and seal"
    }
    return try custody(known)
  }

  func decline(_ decline: Evidence.Decline) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(decline.occurred, "the refusal")
    var known = try known()
    try require(.inTransit, known)
    let receiver = known.receiver ?? ""
    if known.custodian != issuer.id || statement.memberInForce(receiver) != nil {
      try requireReceiver(known)
    }
    try requireLast(decline.previous, known)
    (known.state, known.receiver, known.dispute) = (.disputed, nil, "declined")
    return try custody(known)
  }

  private func requireReceiver(_ known: Evidence.Item) throws(Refusal) {
    guard known.receiver != issuer.id else { return }
    throw Refusal(
      .notReceiver, "\(item.quoted) is offered to \(known.receiver ?? "nobody"), not to \(issuer.id)")
  }

  func examine(_ examine: Evidence.Examine) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(examine.occurred, "the examination")
    var known = try held()
    try require(.sealed, known)
    try requireRole(.examiner)
    try requireLast(examine.previous, known)
    known.state = .examining
    return try custody(known)
  }

  func reseal(_ reseal: Evidence.Reseal) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(reseal.occurred, "the sealing")
    // Custody does not move while an item is examined, so its custodian is who examined it.
    var known = try held()
    try require(.examining, known)
    try requireLast(reseal.previous, known)
    try requireUnused(reseal.seal)
    (known.state, known.seal) = (.sealed, reseal.seal)
    return try custody(known, using: reseal.seal)
  }

  // MARK: What waits for a countersignature

  func resolve(_ resolve: Evidence.Resolve) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(resolve.occurred, "the resolution")
    let known = try held()
    guard known.state == .disputed || known.state == .inTransit else {
      throw Refusal(.wrongState, "\(item.quoted) is \(known.state.rawValue); there is no dispute")
    }
    try require(.disputed, known)
    try requireLast(resolve.previous, known)
    let outcome: Evidence.State = resolve.outcome == .sealed ? .sealed : .disposed
    if outcome == .disposed { try requireNoHold(known) }
    if let seal = resolve.seal { try requireUnused(seal) }
    return try wait(known, for: .supervisor, outcome: outcome, seal: resolve.seal)
  }

  func release(_ release: Evidence.Release) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(release.occurred, "the release")
    let known = try held()
    try require(.sealed, known)
    try requireLast(release.previous, known)
    try requireNoHold(known)
    return try wait(known, for: .court, outcome: release.outcome == .released ? .released : .disposed)
  }

  private func wait(
    _ known: Evidence.Item, for role: EvidenceRole, outcome: Evidence.State, seal: String? = nil
  ) throws(Refusal) -> [StateChange] {
    var known = known
    let overtaken = try overtake(&known)
    known.pending = statement.id
    let pending = Evidence.Pending(
      item: item, kind: kind, issuer: issuer.id, waits: role, outcome: outcome, seal: seal,
      previous: known.last)
    let changes = changes(known, StateChange(Evidence.Pending.key(statement.id), pending))
    return overtaken.map { changes + [$0] } ?? changes
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
    // Taken off first, so that it does not become void as an overtaken one does.
    known.pending = nil
    _ = try advance(&known, to: id)
    (known.state, known.dispute) = (pending.outcome, nil)
    if let seal = pending.seal { known.seal = seal }
    var completed = pending
    completed.state = .completed
    let changes = [
      StateChange(Evidence.Item.key(item), known),
      StateChange(Evidence.Pending.key(id), completed),
    ]
    return pending.seal.map { changes + [sealed($0)] } ?? changes
  }

  // MARK: What leaves the state as it is

  func present(_ present: Evidence.Present) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(present.occurred, "the presentation")
    let known = try known()
    if known.custodian != issuer.id { try requireRole(.court, .notary) }
    try requireNotTerminal(known)
    return [record]
  }

  func hold(_ hold: Evidence.Hold) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(hold.occurred, "the order")
    try requireRole(.court)
    var known = try known()
    try requireNotTerminal(known)
    guard !known.orders.contains(where: { $0.order.isSameReference(as: hold.order) }) else {
      throw Refusal(.wrongState, "\(item.quoted) is held by the order \(hold.order.quoted) already")
    }
    guard known.orders.count < Evidence.Item.maximumOrderCount else {
      throw Refusal(
        .wrongState, "\(item.quoted) is held by \(known.orders.count) orders, and no more are kept")
    }
    known.orders.append(
      Evidence.Item.Order(order: hold.order, court: issuer.id, statement: statement.id))
    return changes(known)
  }

  func lift(_ lift: Evidence.Lift) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(lift.occurred, "the order")
    try requireRole(.court)
    var known = try known()
    try requireNotTerminal(known)
    guard let place = known.orders.firstIndex(where: { $0.order.isSameReference(as: lift.order) }) else {
      throw Refusal(.wrongState, "\(item.quoted) is not held by an order \(lift.order.quoted)")
    }
    known.orders.remove(at: place)
    return changes(known)
  }

  func renew(_ renew: Evidence.Renew) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(renew.occurred, "the renewal")
    var known = try held()
    try requireNotTerminal(known)
    if let both = known.digests.add(renew.digests) {
      throw Refusal(
        .wrongState,
        "\(item.quoted) has a digest by \(both.rawValue) already; digests are added, never changed")
    }
    return changes(known)
  }

  func correct(_ correct: Evidence.Correct) throws(Refusal) -> [StateChange] {
    try requireNotAfterBlock(correct.occurred, "the correction")
    _ = try known()
    let key = Evidence.Record.key(correct.statement)
    guard let corrected = try state.value(of: key, as: Evidence.Record.self) else {
      throw Refusal(.unknownItem, "no statement \(correct.statement) about \(item.quoted) was recorded")
    }
    guard corrected.item.hasSameBytes(as: item) else {
      throw Refusal(.unknownItem, "the statement \(correct.statement) is about another item")
    }
    guard corrected.issuer == issuer.id else {
      throw Refusal(.role, "only \(corrected.issuer), who issued it, corrects it")
    }
    return [record]
  }

  private var record: StateChange {
    StateChange(
      Evidence.Record.key(statement.id), Evidence.Record(item: item, issuer: issuer.id))
  }
}
