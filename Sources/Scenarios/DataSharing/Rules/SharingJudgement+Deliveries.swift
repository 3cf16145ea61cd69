import Ledger
import Statements

// MARK: Handing over, and what becomes of the data

extension SharingJudgement {
  func deliver(_ delivery: SharingDeliver) throws(Refusal) -> [StateChange] {
    try require(.provider, "delivers")
    var request = try knownRequest(delivery.request)
    try requireParty(request.provider, "delivers under this grant")
    try requireGrant(request)
    if let limit = request.limit, request.deliveries - request.mismatches >= limit {
      throw Refusal(.limit, "the grant allows \(limit) deliveries, and they were made")
    }
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
    var isLate = false
    if request.delivered == nil {
      isLate = request.deliveryDue.map { now >= $0 } ?? false
      request.delivered = now
      request.isDeliveryLate = isLate
    }
    request.deliveries = next
    let record = DeliveryRecord(delivery, under: request, at: now, isLate: isLate)
    return [
      StateChange(RequestRecord.key(request.request), request),
      StateChange(DeliveryRecord.key(request.request, next), record),
    ]
  }

  /// The demander says what it got, whether or not the grant still holds.
  func receipt(_ receipt: SharingReceipt) throws(Refusal) -> [StateChange] {
    try require(.demander, "gives receipts")
    var delivery = try knownDelivery(receipt.request, receipt.delivery)
    try requireParty(delivery.demander, "gives the receipt for this delivery")
    switch delivery.state {
    case .delivered: break
    case .received, .mismatch:
      throw Refusal(.duplicate, "there is a receipt for delivery \(receipt.delivery) already")
    case .erased: throw Refusal(.wrongState, "delivery \(receipt.delivery) was erased")
    }
    delivery.received = now
    if delivery.commitment == receipt.commitment {
      delivery.state = .received
      return [StateChange(DeliveryRecord.key(delivery.request, delivery.delivery), delivery)]
    }
    delivery.state = .mismatch
    var request = try knownRequest(receipt.request)
    request.mismatches += 1
    return [
      StateChange(DeliveryRecord.key(delivery.request, delivery.delivery), delivery),
      StateChange(RequestRecord.key(request.request), request),
    ]
  }

  /// The right to use data comes from the grant, and ends with it (使用时限).
  func use(_ use: SharingUse) throws(Refusal) -> [StateChange] {
    try require(.demander, "uses data")
    var delivery = try knownDelivery(use.request, use.delivery)
    try requireParty(delivery.demander, "uses this delivery")
    guard delivery.state == .received else {
      throw Refusal(
        .wrongState, "delivery \(use.delivery) is \(delivery.state.rawValue); only what was received is used")
    }
    try requireGrant(knownRequest(use.request))
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
    guard has(.provider) || has(.demander) else {
      throw Refusal(.role, "\(issuer) has neither the role provider nor demander, and only they have vaults")
    }
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
    if isProvider {
      delivery.providerErasure = statement.index
    } else {
      delivery.demanderErasure = statement.index
      delivery.state = .erased
    }
    return [StateChange(DeliveryRecord.key(delivery.request, delivery.delivery), delivery)]
  }

  private func requireGrant(_ request: RequestRecord) throws(Refusal) {
    switch request.hold(at: now) {
    case .inForce: return
    case .none: throw noGrant(request)
    case .notYet:
      throw Refusal(.notInForce, "the grant of \(request.request.quoted) holds from a later time on")
    case .expired: throw Refusal(.expired, "the time of the grant of \(request.request.quoted) is over")
    case .revoked: throw Refusal(.revoked, "the grant of \(request.request.quoted) was revoked")
    }
  }
}
