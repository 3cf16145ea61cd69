import LedgerCrypto
import Scenarios
import Workflows

// How records of the state are shown.

extension RequestRecord {
  /// How it stands at the instant `now`, for people.
  func rows(_ calendars: SharingCalendars, at now: UInt64 = CommandContext.now) -> [(String, String)] {
    let time = calendars.time
    var rows = [
      ("request", localized("\(request), of \(demander) to \(provider), \(time.text(requested))")),
      ("for", localized("\(items.list) of \(entry), version \(version); \(purpose)")),
      ("state", stateText(time)),
      ("reply", replyText(calendars)),
    ]
    if state == .granted || state == .revoked {
      rows.append(
        (
          "grant",
          retold(time.span(from, until)) + (limit.map { localized(", \($0) deliveries at most") } ?? "")
        ))
      rows.append(("delivery", deliveryText(calendars, now)))
    }
    return rows
  }

  private func stateText(_ time: SharingTime) -> String {
    revoked.map { localized("\(named("request", state.rawValue)), from \(time.text($0)) on") }
      ?? named("request", state.rawValue)
  }

  private func replyText(_ calendars: SharingCalendars) -> String {
    let due = replyLimit(calendars).text
    guard let replied else { return due }
    return localized(
      "\(isLate == true ? localized("LATE, ") : localized("in time, "))\(calendars.time.text(replied)); was \(due)"
    )
  }

  private func deliveryText(_ calendars: SharingCalendars, _ now: UInt64) -> String {
    let due =
      (isDeliveryOverdue(calendars, at: now) ? localized("OVERDUE, ") : "")
      + (deliveryLimit(calendars)?.text ?? "")
    guard let delivered else { return localized("none yet, \(due)") }
    let late = isDeliveryLate == true ? localized("LATE, ") : ""
    let made =
      localized(
        "\(late)\(counted(deliveries, "delivery", plural: "deliveries")), the first \(calendars.time.text(delivered))"
      )
    return owedAgain == nil
      ? localized("\(made); was \(due)") : localized("\(made); owed again after a mismatch, \(due)")
  }
}

extension CountedLimit {
  /// Until when, by which calendar, and what that says nothing of.
  fileprivate var text: String {
    let due = localized("due \(lastDay) 24:00")
    guard let version = days.version else { return localized("\(due), without a calendar") }
    let silence = SharingTime.silence(silentYears, version).map(retold)
    return silence.map { "\(due); \($0)" } ?? localized("\(due), by calendar \(version)")
  }
}

extension DeliveryRecord {
  /// How it stands, in a line.
  var summary: String {
    var parts = [named("delivery", state.rawValue)]
    if isLate { parts.append(localized("LATE")) }
    if uses > 0 { parts.append(counted(uses, "use")) }
    if openObjections > 0 { parts.append(localized("\(counted(openObjections, "objection")) open")) }
    if let providerErasure { parts.append(localized("erased by \(provider), entry \(providerErasure)")) }
    if let demanderErasure { parts.append(localized("erased by \(demander), entry \(demanderErasure)")) }
    return listed(parts)
  }
}

extension ObjectionRecord {
  /// What it is about.
  var targetText: String {
    switch target {
    case .delivery(let request, let number): localized("delivery \(number) of \(request)")
    case .entry(let entry, let version): localized("version \(version) of \(entry)")
    }
  }
}
