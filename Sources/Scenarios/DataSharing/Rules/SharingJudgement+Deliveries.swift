public import Ledger
import Statements

// MARK: Handing over, and what becomes of the data

extension SharingJudgement {
  func deliver(_ delivery: SharingDeliver) throws(Refusal) -> [StateChange] {
    var request = try knownRequest(delivery.request)
    try requireParty(request.provider, "delivers under this grant")
    try request.requireDeliverable(at: now)
    let next = request.deliveries + 1
    guard delivery.sequence >= next else {
      throw Refusal(.duplicate, "delivery \(delivery.sequence) was made already; the next is \(next)")
    }
    guard delivery.sequence == next else {
      throw Refusal(.wrongState, "the next delivery is \(next), not \(delivery.sequence)")
    }
    guard SharingPurpose.isWithin(delivery.purpose, request.purpose) else {
      throw Refusal(
        .purpose, "granted was \(request.purpose.quoted), and \(delivery.purpose.quoted) is not within it")
    }
    if let item = delivery.items.firstMissing(in: request.items) {
      throw Refusal(.scope, "\(item.quoted) was not granted")
    }
    let owed = try owedLimit(request)
    let isLate = request.deliver(at: now, owed)
    let record = DeliveryRecord(delivery, under: request, at: now, isLate: isLate)
    return [
      StateChange(RequestRecord.key(request.request), request),
      StateChange(DeliveryRecord.key(request.request, next), record),
    ]
  }

  /// The limit of the delivery that is owed; nil if none is.
  private func owedLimit(_ request: RequestRecord) throws(Refusal) -> CountedLimit? {
    if request.delivered == nil {
      guard let due = request.deliveryDue else { return nil }
      return try limit(from: request.replied ?? now, until: due, by: request.deliveryCalendar)
    }
    guard let again = request.owedAgain, let due = request.owedAgainDue else { return nil }
    return try limit(from: again, until: due, by: request.owedAgainCalendar)
  }

  /// The demander says what it got, whether or not the grant still holds.
  func receipt(_ receipt: SharingReceipt) throws(Refusal) -> [StateChange] {
    var delivery = try knownDelivery(receipt.request, receipt.delivery)
    try requireParty(delivery.demander, "gives the receipt for this delivery")
    switch delivery.state {
    case .delivered: break
    case .received, .mismatch:
      throw Refusal(.duplicate, "there is a receipt for delivery \(receipt.delivery) already")
    case .erased: throw Refusal(.wrongState, "delivery \(receipt.delivery) was erased")
    }
    delivery.receive(receipt.commitment, at: now)
    let change = StateChange(DeliveryRecord.key(delivery.request, delivery.delivery), delivery)
    if delivery.state == .received { return [change] }
    // The provider owes what it has not delivered, and learns of it now.
    var request = try knownRequest(receipt.request)
    let calendar = try calendarInForce()
    let due = calendar.due(statement.parameter(Parameters.deliveryDays), from: now, statement.utcOffset)
    request.mismatch(at: now, due: due, by: calendar.version)
    return [change, StateChange(RequestRecord.key(request.request), request)]
  }

  /// The right to use data comes from the grant, and ends with it (使用时限).
  func use(_ use: SharingUse) throws(Refusal) -> [StateChange] {
    var delivery = try knownDelivery(use.request, use.delivery)
    try requireParty(delivery.demander, "uses this delivery")
    guard delivery.state == .received else {
      throw Refusal(
        .wrongState, "delivery \(use.delivery) is \(delivery.state.rawValue); only what was received is used")
    }
    try knownRequest(use.request).requireGrant(at: now)
    guard SharingPurpose.isWithin(use.purpose, delivery.purpose) else {
      throw Refusal(
        .purpose, "delivered was for \(delivery.purpose.quoted), and \(use.purpose.quoted) is not within it")
    }
    let entry = try entryInForce(delivery.entry)
    delivery.uses += 1
    let record = UseRecord(
      use, number: delivery.uses, by: issuer, at: now,
      objections: delivery.objections + (entry?.objections ?? 0),
      open: delivery.openObjections + (entry?.openObjections ?? 0))
    return [
      StateChange(DeliveryRecord.key(delivery.request, delivery.delivery), delivery),
      StateChange(UseRecord.key(delivery.request, delivery.delivery, record.use), record),
    ]
  }

  /// Each side speaks for its own vault, and once.
  func erase(_ erasure: SharingErase) throws(Refusal) -> [StateChange] {
    var delivery = try knownDelivery(erasure.request, erasure.delivery)
    let isProvider = issuer == delivery.provider && has(.provider)
    guard isProvider || (issuer == delivery.demander && has(.demander)) else {
      throw Refusal(
        .role, "only \(delivery.provider) and \(delivery.demander) have copies of this delivery")
    }
    if let index = delivery.erasure(by: issuer) {
      throw Refusal(.duplicate, "\(issuer) has erased its copy already, by entry \(index)")
    }
    guard erasure.reason != nil else { throw Refusal(.missingReason, "whoever erases says why") }
    delivery.erase(byProvider: isProvider, index: statement.index)
    return [StateChange(DeliveryRecord.key(delivery.request, delivery.delivery), delivery)]
  }
}

extension RequestRecord {
  /// Checks that one more delivery may be made at the instant `time`, in ms since the epoch.
  ///
  /// - Throws: `no-grant`, `not-in-force`, `expired`, `revoked`; `limit`.
  public func requireDeliverable(at time: UInt64) throws(Refusal) {
    try requireGrant(at: time)
    guard let limit, deliveries - mismatches >= limit else { return }
    throw Refusal(.limit, "the grant's limit of \(limit) deliveries is used up")
  }

  /// Checks that there is a grant at the instant `time`, in ms since the epoch.
  ///
  /// - Throws: `no-grant`, `not-in-force`, `expired`, `revoked`.
  public func requireGrant(at time: UInt64) throws(Refusal) {
    switch hold(at: time) {
    case .inForce: return
    case .none: throw noGrant
    case .notYet: throw Refusal(.notInForce, "the grant of \(request.quoted) holds from a later time on")
    case .expired: throw Refusal(.expired, "the time of the grant of \(request.quoted) is over")
    case .revoked: throw Refusal(.revoked, "the grant of \(request.quoted) was revoked")
    }
  }

  /// The refusal of what needs a grant where nobody has granted it.
  var noGrant: Refusal {
    state == .refused
      ? Refusal(.noGrant, "the request \(request.quoted) was refused")
      : Refusal(.noGrant, "the request \(request.quoted) waits for \(provider) to grant it")
  }
}
