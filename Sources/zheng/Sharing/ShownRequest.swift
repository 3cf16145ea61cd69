import LedgerCrypto
import Scenarios
import Workflows

// How records of the state are shown.

extension RequestRecord {
  /// How it stands at the instant `now`, for people.
  func rows(_ calendars: SharingCalendars, at now: UInt64 = CommandContext.now) -> [(String, String)] {
    var rows = [
      ("request", "\(request), of \(demander) to \(provider), \(SharingTime.text(requested))"),
      ("for", "\(items.list) of \(entry), version \(version); \(purpose)"),
      ("state", stateText),
      ("reply", replyText(calendars)),
    ]
    if state == .granted || state == .revoked {
      rows.append(
        ("grant", SharingTime.span(from, until) + (limit.map { ", \($0) deliveries at most" } ?? "")))
      rows.append(("delivery", deliveryText(calendars, now)))
    }
    return rows
  }

  private var stateText: String {
    revoked.map { "\(state.rawValue), from \(SharingTime.text($0)) on" } ?? state.rawValue
  }

  private func replyText(_ calendars: SharingCalendars) -> String {
    let due = replyLimit(calendars).text
    guard let replied else { return due }
    return "\(isLate == true ? "LATE, " : "in time, ")\(SharingTime.text(replied)); was \(due)"
  }

  private func isOverdue(_ calendars: SharingCalendars, _ now: UInt64) -> Bool {
    owesDelivery && deliveryLimit(calendars).map { now >= $0.due } ?? false
  }

  private func deliveryText(_ calendars: SharingCalendars, _ now: UInt64) -> String {
    let due = (isOverdue(calendars, now) ? "OVERDUE, " : "") + (deliveryLimit(calendars)?.text ?? "")
    guard let delivered else { return "none yet, \(due)" }
    let late = isDeliveryLate == true ? "LATE, " : ""
    let made =
      "\(late)\(Printable.count(deliveries, "delivery", plural: "deliveries")), the first \(SharingTime.text(delivered))"
    return owedAgain == nil ? "\(made); was \(due)" : "\(made); owed again after a mismatch, \(due)"
  }

  /// Every part, as it stands at the instant `now`; times by RFC 3339, and due dates as days too.
  func json(_ calendars: SharingCalendars, at now: UInt64 = CommandContext.now) -> JSON {
    let isOverdue = isOverdue(calendars, now)
    let (reply, delivery) = (replyLimit(calendars), deliveryLimit(calendars))
    let first = owedAgain == nil ? delivery?.due : deliveryDue
    return [
      "id": .text(request), "state": .text(state.rawValue), "entry": .text(entry),
      "version": .number(version),
      "attribute": .text(attribute.rawValue), "provider": .text(provider), "demander": .text(demander),
      "items": items.json, "purpose": .text(purpose), "from": JSON(from.asTimestamp),
      "until": JSON(until.asTimestamp),
      "requested": JSON(requested.asTimestamp), "due": JSON(reply.due.asTimestamp),
      "dueDay": .text(SharingTime.lastDay(reply.due)),
      "calendar": JSON(reply.days.version), "uncoveredYears": reply.silentYearsJSON,
      "replied": JSON(replied.asTimestamp), "late": JSON(isLate),
      "limit": JSON(limit),
      "deliveryDue": JSON(first.asTimestamp),
      "deliveryDueDay": JSON(first.map(SharingTime.lastDay)),
      "deliveryUncoveredYears": delivery?.silentYearsJSON ?? .null, "deliveryOwed": .bool(owesDelivery),
      "owedAgain": JSON(owedAgain.asTimestamp),
      "owedAgainDueDay": JSON(owedAgain == nil ? nil : delivery.map { SharingTime.lastDay($0.due) }),
      "delivered": JSON(delivered.asTimestamp), "deliveryLate": isOverdue ? true : JSON(isDeliveryLate),
      "deliveryOverdue": .bool(isOverdue),
      "deliveries": .number(deliveries), "mismatches": .number(mismatches),
      "revoked": JSON(revoked.asTimestamp),
    ]
  }
}

extension CountedLimit {
  /// Until when, by which calendar, and what that says nothing of.
  fileprivate var text: String {
    let due = "due \(SharingTime.lastDay(due)) 24:00"
    guard let version = days.version else { return "\(due), without a calendar" }
    let silence = SharingTime.silence(silentYears, version)
    return silence.map { "\(due); \($0)" } ?? "\(due), by calendar \(version)"
  }

  fileprivate var silentYearsJSON: JSON { .array(silentYears.map { .number(UInt64($0)) }) }
}

extension DeliveryRecord {
  /// How it stands, in a line.
  var summary: String {
    var parts = [state.rawValue]
    if isLate { parts.append("LATE") }
    if uses > 0 { parts.append(Printable.count(uses, "use")) }
    if openObjections > 0 { parts.append("\(Printable.count(openObjections, "objection")) open") }
    if let providerErasure { parts.append("erased by \(provider), entry \(providerErasure)") }
    if let demanderErasure { parts.append("erased by \(demander), entry \(demanderErasure)") }
    return parts.joined(separator: ", ")
  }

  /// Every part.
  var json: JSON {
    [
      "request": .text(request), "delivery": .number(delivery), "state": .text(state.rawValue),
      "entry": .text(entry), "provider": .text(provider), "demander": .text(demander), "items": items.json,
      "purpose": .text(purpose), "commitment": .text(commitment.hex), "records": .number(records),
      "delivered": JSON(delivered.asTimestamp), "late": .bool(isLate), "received": JSON(received.asTimestamp),
      "uses": .number(uses), "objections": .number(objections), "openObjections": .number(openObjections),
      "providerErasure": JSON(providerErasure), "demanderErasure": JSON(demanderErasure),
    ]
  }
}

extension ObjectionRecord {
  /// What it is about.
  var targetText: String {
    switch target {
    case .delivery(let request, let number): "delivery \(number) of \(request)"
    case .entry(let entry, let version): "version \(version) of \(entry)"
    }
  }

  /// Every part.
  func json(_ calendars: SharingCalendars) -> JSON {
    let limit = limit(calendars)
    var about: JSON
    switch target {
    case .delivery(let request, let number): about = ["request": .text(request), "delivery": .number(number)]
    case .entry(let entry, let version): about = ["entry": .text(entry), "version": .number(version)]
    }
    return [
      "objection": .text(objection.hex), "state": .text(state.rawValue), "about": about,
      "fault": .text(fault.rawValue), "demander": .text(demander), "provider": .text(provider),
      "opened": JSON(opened.asTimestamp), "due": JSON(limit.due.asTimestamp),
      "dueDay": .text(SharingTime.lastDay(limit.due)),
      "calendar": JSON(limit.days.version), "uncoveredYears": limit.silentYearsJSON,
      "answered": JSON(answered.asTimestamp), "late": JSON(isLate),
      "outcome": JSON(outcome?.rawValue), "corrected": JSON(corrected),
    ]
  }
}

extension SharingCatalogue {
  /// Every part.
  var json: JSON {
    [
      "entry": .text(entry), "version": .number(version), "name": .text(name), "items": items.json,
      "lead": .array((lead?.names ?? []).map(JSON.text)), "attribute": .text(attribute.rawValue),
      "conditions": JSON(conditions), "basis": JSON(basis), "grade": .text(grade), "format": .text(format),
      "frequency": .text(frequency), "method": .text(method),
    ]
  }
}

extension UInt64 {
  /// An instant in ms, by RFC 3339 in UTC: for programs.
  var asTimestamp: String { Timestamp.text(milliseconds: self) }
}

extension UInt64? {
  var asTimestamp: String? { map { $0.asTimestamp } }
}

extension JSON {
  /// The truth value, or null.
  init(_ value: Bool?) { self = value.map(JSON.bool) ?? .null }
}
