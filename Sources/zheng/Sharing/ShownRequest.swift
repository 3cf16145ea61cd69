import LedgerCrypto
import Scenarios

// How records of the state are shown.

extension RequestRecord {
  /// How it stands, for people.
  var rows: [(String, String)] {
    var rows = [
      ("request", "\(request), of \(demander) to \(provider), \(SharingTime.text(requested))"),
      ("for", "\(items.list) of \(entry), version \(version); \(purpose)"),
      ("state", stateText),
      ("reply", replyText),
    ]
    if state == .granted || state == .revoked {
      rows.append(
        ("grant", SharingTime.span(from, until) + (limit.map { ", \($0) deliveries at most" } ?? "")))
      rows.append(("delivery", deliveryText))
    }
    return rows
  }

  private var stateText: String {
    revoked.map { "\(state.rawValue), from \(SharingTime.text($0)) on" } ?? state.rawValue
  }

  private var calendarText: String { calendar.map { "by calendar \($0)" } ?? "without a calendar" }

  private var replyText: String {
    let due = "due \(SharingTime.lastDay(due)) 24:00, \(calendarText)"
    guard let replied else { return due }
    return "\(isLate == true ? "LATE, " : "in time, ")\(SharingTime.text(replied)); was \(due)"
  }

  private var deliveryText: String {
    let due = deliveryDue.map { "due \(SharingTime.lastDay($0)) 24:00" } ?? ""
    guard let delivered else { return "first one \(due)" }
    let late = isDeliveryLate == true ? "LATE, " : ""
    return
      "\(Printable.count(deliveries, "delivery", plural: "deliveries")), the first \(late)\(SharingTime.text(delivered)); was \(due)"
  }

  /// Every part; times by RFC 3339, and due dates as days too.
  var json: JSON {
    [
      "id": .text(request), "state": .text(state.rawValue), "entry": .text(entry),
      "version": .number(version),
      "attribute": .text(attribute.rawValue), "provider": .text(provider), "demander": .text(demander),
      "items": items.json, "purpose": .text(purpose), "from": JSON(from.asTimestamp),
      "until": JSON(until.asTimestamp),
      "requested": JSON(requested.asTimestamp), "due": JSON(due.asTimestamp),
      "dueDay": .text(SharingTime.lastDay(due)),
      "calendar": JSON(calendar), "replied": JSON(replied.asTimestamp), "late": JSON(isLate),
      "limit": JSON(limit),
      "deliveryDue": JSON(deliveryDue.asTimestamp),
      "deliveryDueDay": JSON(deliveryDue.map(SharingTime.lastDay)),
      "delivered": JSON(delivered.asTimestamp), "deliveryLate": JSON(isDeliveryLate),
      "deliveries": .number(deliveries), "mismatches": .number(mismatches),
      "revoked": JSON(revoked.asTimestamp),
    ]
  }
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
  var json: JSON {
    var about: JSON
    switch target {
    case .delivery(let request, let number): about = ["request": .text(request), "delivery": .number(number)]
    case .entry(let entry, let version): about = ["entry": .text(entry), "version": .number(version)]
    }
    return [
      "objection": .text(objection.hex), "state": .text(state.rawValue), "about": about,
      "fault": .text(fault.rawValue), "demander": .text(demander), "provider": .text(provider),
      "opened": JSON(opened.asTimestamp), "due": JSON(due.asTimestamp),
      "dueDay": .text(SharingTime.lastDay(due)),
      "calendar": JSON(calendar), "answered": JSON(answered.asTimestamp), "late": JSON(isLate),
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
