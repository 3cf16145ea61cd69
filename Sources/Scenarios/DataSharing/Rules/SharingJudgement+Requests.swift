import Ledger
import Statements
import TransparencyLog

// MARK: Asking, and what the provider says

extension SharingJudgement {
  func request(_ request: SharingRequest) throws(Refusal) -> [StateChange] {
    let entry = try knownEntry(request.entry)
    guard request.version == entry.catalogue.version else {
      throw Refusal(
        .notInForce,
        "version \(request.version) of \(request.entry.quoted) is not in force; version \(entry.catalogue.version) is"
      )
    }
    guard entry.provider != issuer else { throw Refusal(.role, "\(issuer) asks itself") }
    guard statement.memberInForce(entry.provider) != nil else {
      throw Refusal(
        .notInForce,
        "\(entry.provider) is no member in force any more; nobody answers requests for \(request.entry.quoted)"
      )
    }
    guard !isThere(RequestRecord.key(request.request)) else {
      throw Refusal(.duplicate, "there is a request \(request.request.quoted) already")
    }
    if request.basis == nil {
      guard entry.catalogue.attribute != .notShareable else {
        throw Refusal(
          .notShareable,
          "\(request.entry.quoted) is not shareable; only who names a law that says otherwise may ask")
      }
      throw Refusal(.missingBasis, "a request names the law or duty that needs the data")
    }
    if let item = request.items.firstMissing(in: entry.catalogue.items) {
      throw Refusal(.scope, "\(item.quoted) is no item of \(request.entry.quoted)")
    }
    if let until = request.until, until * 1000 <= now {
      throw Refusal(.expired, "the time that it asks for is over")
    }
    let calendar = try calendarInForce()
    if let cited = request.calendar, calendar.version.map({ !$0.hasSameBytes(as: cited) }) ?? true {
      let inForce = calendar.version.map { "\($0.quoted) is" } ?? "none is"
      throw Refusal(.notInForce, "the calendar \(cited.quoted) is not in force; \(inForce)")
    }
    let days =
      entry.catalogue.attribute == .unconditional
      ? Parameters.unconditionalReplyDays : Parameters.conditionalReplyDays
    let record = RequestRecord(
      request, of: entry, by: issuer, at: now,
      due: calendar.due(statement.parameter(days), from: now, statement.utcOffset),
      calendar: calendar.version)
    return [StateChange(RequestRecord.key(request.request), record)]
  }

  func grant(_ grant: SharingGrant) throws(Refusal) -> [StateChange] {
    var request = try requestToAnswer(grant.request)
    guard SharingPurpose.isWithin(grant.purpose, request.purpose) else {
      throw Refusal(
        .purpose, "asked for was \(request.purpose.quoted), and \(grant.purpose.quoted) is not within it")
    }
    if let item = grant.items.firstMissing(in: request.items) {
      throw Refusal(.scope, "\(item.quoted) was not asked for")
    }
    let (from, until) = (grant.from * 1000, grant.until * 1000)
    guard from >= request.from ?? 0, until <= request.until ?? UInt64.max else {
      throw Refusal(.scope, "it holds for a time that was not asked for")
    }
    guard until > now else { throw Refusal(.expired, "its time is over before it begins") }
    let calendar = try calendarInForce()
    try reply(to: &request, .granted)
    // From now, whatever the grant's beginning: or it would put the delivery off for years.
    let due = calendar.due(statement.parameter(Parameters.deliveryDays), from: now, statement.utcOffset)
    request.take(grant, due: due, by: calendar.version)
    return [StateChange(RequestRecord.key(request.request), request)]
  }

  func refuse(_ refusal: SharingRefuse) throws(Refusal) -> [StateChange] {
    var request = try requestToAnswer(refusal.request)
    guard refusal.reason != nil else { throw Refusal(.missingReason, "whoever refuses says why") }
    guard request.attribute != .unconditional || refusal.basis != nil else {
      throw Refusal(
        .missingBasis, "what is shared unconditionally is refused by a law only, and this names none")
    }
    try reply(to: &request, .refused)
    return [StateChange(RequestRecord.key(request.request), request)]
  }

  func revoke(_ revocation: SharingRevoke) throws(Refusal) -> [StateChange] {
    var request = try knownRequest(revocation.request)
    if !has(.authority) { try requireParty(request.provider, "or an authority revokes this grant") }
    let effective = max(now, (revocation.effective ?? 0) * 1000)
    switch request.hold(at: now) {
    case .none: throw request.noGrant
    case .revoked: throw Refusal(.revoked, "it was revoked already")
    case .expired: throw Refusal(.expired, "its time is over already")
    case .inForce, .notYet: break
    }
    // One that takes effect later may still be brought forward.
    if let revoked = request.revoked, revoked <= effective {
      throw Refusal(.revoked, "it was revoked already, with effect from no later an instant")
    }
    guard revocation.basis != nil else {
      throw Refusal(.missingBasis, "whoever revokes a grant names the basis")
    }
    request.revoke(from: effective)
    return [StateChange(RequestRecord.key(request.request), request)]
  }

  private func requestToAnswer(_ id: String) throws(Refusal) -> RequestRecord {
    let request = try knownRequest(id)
    try requireParty(request.provider, "answers this request")
    guard request.state == .submitted else {
      throw Refusal(.wrongState, "the request \(id.quoted) is \(request.state.rawValue) already")
    }
    return request
  }

  private func reply(to request: inout RequestRecord, _ state: RequestRecord.State) throws(Refusal) {
    let limit = try limit(from: request.requested, until: request.due, by: request.calendar)
    request.reply(state, at: now, limit)
  }
}
