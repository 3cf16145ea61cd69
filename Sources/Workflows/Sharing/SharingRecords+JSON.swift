import LedgerCrypto
import Scenarios

// What programs read of the records of data sharing.

extension RequestRecord {
  /// Whether a delivery is owed and overdue at the instant `now`.
  package func isDeliveryOverdue(_ calendars: SharingCalendars, at now: UInt64) -> Bool {
    owesDelivery && deliveryLimit(calendars).map { now >= $0.due } ?? false
  }

  /// Every part, as it stands at the instant `now`; times by RFC 3339, and due dates as days too.
  package func json(_ calendars: SharingCalendars, at now: UInt64) -> JSON {
    let isOverdue = isDeliveryOverdue(calendars, at: now)
    let (reply, delivery) = (replyLimit(calendars), deliveryLimit(calendars))
    let first = owedAgain == nil ? delivery?.due : deliveryDue
    return [
      "id": .text(request), "state": .text(state.rawValue), "entry": .text(entry),
      "version": .number(version),
      "attribute": .text(attribute.rawValue), "provider": .text(provider), "demander": .text(demander),
      "items": items.json, "purpose": .text(purpose), "from": JSON(from.asTimestamp),
      "until": JSON(until.asTimestamp),
      "requested": JSON(requested.asTimestamp), "due": JSON(reply.due.asTimestamp),
      "dueDay": .text(reply.lastDay.description),
      "calendar": JSON(reply.days.version), "uncoveredYears": reply.silentYearsJSON,
      "replied": JSON(replied.asTimestamp), "late": JSON(isLate),
      "limit": JSON(limit),
      "deliveryDue": JSON(first.asTimestamp),
      "deliveryDueDay": JSON(first.map(calendars.time.lastDay)),
      "deliveryUncoveredYears": delivery?.silentYearsJSON ?? .null, "deliveryOwed": .bool(owesDelivery),
      "owedAgain": JSON(owedAgain.asTimestamp),
      "owedAgainDueDay": JSON(owedAgain == nil ? nil : delivery?.lastDay.description),
      "delivered": JSON(delivered.asTimestamp), "deliveryLate": isOverdue ? true : JSON(isDeliveryLate),
      "deliveryOverdue": .bool(isOverdue),
      "deliveries": .number(deliveries), "mismatches": .number(mismatches),
      "revoked": JSON(revoked.asTimestamp),
    ]
  }
}

extension CountedLimit {
  var silentYearsJSON: JSON { .array(silentYears.map { .number(UInt64($0)) }) }
}

extension DeliveryRecord {
  /// Every part.
  package var json: JSON {
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
  /// Every part.
  package func json(_ calendars: SharingCalendars) -> JSON {
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
      "dueDay": .text(limit.lastDay.description),
      "calendar": JSON(limit.days.version), "uncoveredYears": limit.silentYearsJSON,
      "answered": JSON(answered.asTimestamp), "late": JSON(isLate),
      "outcome": JSON(outcome?.rawValue), "corrected": JSON(corrected),
    ]
  }
}

extension SharingCatalogue {
  /// Every part.
  package var json: JSON {
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
  package var asTimestamp: String { Timestamp.text(milliseconds: self) }
}

extension UInt64? {
  package var asTimestamp: String? { map { $0.asTimestamp } }
}

extension DataItems {
  package var json: JSON { .array(names.map(JSON.text)) }
}
