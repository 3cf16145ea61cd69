import LedgerCrypto
import Scenarios
import Workflows

// How records of the state are shown.

extension RequestRecord {
  /// How it stands at the instant `now`, for people.
  func rows(_ calendars: SharingCalendars, at now: UInt64 = CommandContext.now) -> [(String, String)] {
    let time = calendars.time
    var rows = [
      ("request", "\(request), of \(demander) to \(provider), \(time.text(requested))"),
      ("for", "\(items.list) of \(entry), version \(version); \(purpose)"),
      ("state", stateText(time)),
      ("reply", replyText(calendars)),
    ]
    if state == .granted || state == .revoked {
      rows.append(
        ("grant", time.span(from, until) + (limit.map { ", \($0) deliveries at most" } ?? "")))
      rows.append(("delivery", deliveryText(calendars, now)))
    }
    return rows
  }

  private func stateText(_ time: SharingTime) -> String {
    revoked.map { "\(state.rawValue), from \(time.text($0)) on" } ?? state.rawValue
  }

  private func replyText(_ calendars: SharingCalendars) -> String {
    let due = replyLimit(calendars).text
    guard let replied else { return due }
    return "\(isLate == true ? "LATE, " : "in time, ")\(calendars.time.text(replied)); was \(due)"
  }

  private func deliveryText(_ calendars: SharingCalendars, _ now: UInt64) -> String {
    let due =
      (isDeliveryOverdue(calendars, at: now) ? "OVERDUE, " : "") + (deliveryLimit(calendars)?.text ?? "")
    guard let delivered else { return "none yet, \(due)" }
    let late = isDeliveryLate == true ? "LATE, " : ""
    let made =
      "\(late)\(Printable.count(deliveries, "delivery", plural: "deliveries")), the first \(calendars.time.text(delivered))"
    return owedAgain == nil ? "\(made); was \(due)" : "\(made); owed again after a mismatch, \(due)"
  }
}

extension CountedLimit {
  /// Until when, by which calendar, and what that says nothing of.
  fileprivate var text: String {
    let due = "due \(lastDay) 24:00"
    guard let version = days.version else { return "\(due), without a calendar" }
    let silence = SharingTime.silence(silentYears, version)
    return silence.map { "\(due); \($0)" } ?? "\(due), by calendar \(version)"
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
}

extension ObjectionRecord {
  /// What it is about.
  var targetText: String {
    switch target {
    case .delivery(let request, let number): "delivery \(number) of \(request)"
    case .entry(let entry, let version): "version \(version) of \(entry)"
    }
  }
}
