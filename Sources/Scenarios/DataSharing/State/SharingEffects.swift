import LedgerCrypto

// What a statement changes: functions of the record as it was, of the statement and of what was counted for it. The rules look
// up the rest of the state and call them; so may code that replays proven statements. Instants are ms since the epoch.

extension RequestRecord {
  /// The provider's reply at `time`, whose limit was `limit`.
  mutating func reply(_ state: State, at time: UInt64, _ limit: CountedLimit) {
    (self.state, replied) = (state, time)
    (due, calendar, isLate) = (limit.due, limit.days.version, time >= limit.due)
  }

  /// What is granted, once the reply is `granted`; the first delivery is due at `due`.
  mutating func take(_ grant: SharingGrant, due: UInt64, by calendar: String?) {
    (items, purpose, limit) = (grant.items, grant.purpose, grant.limit)
    (from, until) = (grant.from * 1000, grant.until * 1000)
    (deliveryDue, deliveryCalendar) = (due, calendar)
  }

  /// One more delivery at `time`.
  ///
  /// - Parameter owed: the limit of the delivery that is owed; nil if none is.
  /// - Returns: whether it is late.
  mutating func deliver(at time: UInt64, _ owed: CountedLimit?) -> Bool {
    let isLate = owed.map { time >= $0.due } ?? false
    if delivered == nil {
      if let owed { (deliveryDue, deliveryCalendar) = (owed.due, owed.days.version) }
      (delivered, isDeliveryLate) = (time, isLate)
    } else if isLate {
      isDeliveryLate = true
    }
    (owedAgain, owedAgainDue, owedAgainCalendar) = (nil, nil, nil)
    deliveries += 1
    return isLate
  }

  /// A receipt at `time` that reports a mismatch. What was not delivered is owed again by `due`, unless it is owed already.
  mutating func mismatch(at time: UInt64, due: UInt64, by calendar: String?) {
    mismatches += 1
    if owedAgain == nil { (owedAgain, owedAgainDue, owedAgainCalendar) = (time, due, calendar) }
  }

  /// The end of the grant, from `effective` on.
  mutating func revoke(from effective: UInt64) { (state, revoked) = (.revoked, effective) }
}

extension DeliveryRecord {
  /// The receipt at `time` for data with this commitment.
  mutating func receive(_ commitment: Digest, at time: UInt64) {
    (received, state) = (time, commitment == self.commitment ? .received : .mismatch)
  }

  /// One more objection.
  mutating func object() { (objections, openObjections) = (objections + 1, openObjections + 1) }

  /// An answer to one.
  mutating func answer() { openObjections -= min(1, openObjections) }

  /// The end of one side's copy, by the entry `index`.
  mutating func erase(byProvider isProvider: Bool, index: UInt64) {
    if isProvider {
      providerErasure = index
    } else {
      (demanderErasure, state) = (index, .erased)
    }
  }
}

extension EntryRecord {
  /// One more objection.
  mutating func object() { (objections, openObjections) = (objections + 1, openObjections + 1) }

  /// An answer to one.
  mutating func answer() { openObjections -= min(1, openObjections) }
}

extension ObjectionRecord {
  /// The answer at `time`, whose limit was `limit`.
  mutating func take(_ answer: SharingAnswer, at time: UInt64, _ limit: CountedLimit) {
    (state, answered, isLate) = (.answered, time, time >= limit.due)
    (due, calendar) = (limit.due, limit.days.version)
    (outcome, corrected) = (answer.outcome, answer.corrected)
  }
}
