public import Ledger

/// A request and its grant, at `sharing/request/REQUEST`. All instants are ms since the epoch.
public struct RequestRecord: Hashable, StateValue {
  /// Where a request stands.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for the provider, however late.
    case submitted
    /// The provider has granted it; whether the grant holds at some instant is for `hold` to say.
    case granted
    /// The provider has refused it.
    case refused
    /// The grant was revoked, from `revoked` on.
    case revoked
  }

  /// Its id.
  public let request: String
  /// Where it stands.
  public internal(set) var state: State
  /// The entry that it is about.
  public let entry: String
  /// The version of the entry; it stays, whatever becomes of the entry.
  public let version: UInt64
  /// The attribute of that version.
  public let attribute: SharingAttribute
  /// Who has the data.
  public let provider: String
  /// Who asks.
  public let demander: String
  /// The items asked for, and once it is granted those granted.
  public internal(set) var items: DataItems
  /// The purpose asked for, and once it is granted the one granted.
  public internal(set) var purpose: String
  /// From when use is asked for, and once it is granted from when the grant holds; nil where nothing was said.
  public internal(set) var from: UInt64?
  /// Up to, not including, when.
  public internal(set) var until: UInt64?
  /// When it was made.
  public let requested: UInt64
  /// The reply is in time before this instant: 24:00, UTC+8, of a working day.
  public internal(set) var due: UInt64
  /// The version of the calendar that `due` was counted by; nil where there was none.
  public internal(set) var calendar: String?
  /// When it was granted or refused.
  public internal(set) var replied: UInt64?
  /// Whether that was late.
  public internal(set) var isLate: Bool?
  /// The most deliveries that the grant allows; nil for any number.
  public internal(set) var limit: UInt64?
  /// When the first delivery is due, once it is granted: counted from then, whenever the grant begins to hold.
  public internal(set) var deliveryDue: UInt64?
  /// The version of the calendar that `deliveryDue` was counted by.
  public internal(set) var deliveryCalendar: String?
  /// When the first delivery was made.
  public internal(set) var delivered: UInt64?
  /// Whether that was late, or the delivery that had to follow a mismatch.
  public internal(set) var isDeliveryLate: Bool?
  /// Since when a delivery is owed again: the receipt that told of a mismatch. Nil where none is, or it was made.
  public internal(set) var owedAgain: UInt64?
  /// When that is due.
  public internal(set) var owedAgainDue: UInt64?
  /// The version of the calendar that `owedAgainDue` was counted by.
  public internal(set) var owedAgainCalendar: String?
  /// How many deliveries were made.
  public internal(set) var deliveries: UInt64
  /// How many of them the demander found not to be what was committed to; they don't count against the limit.
  public internal(set) var mismatches: UInt64
  /// From when there is no grant any more.
  public internal(set) var revoked: UInt64?

  /// Where a request is kept.
  public static func key(_ request: String) -> StateKey { StateKey("sharing", "request", request) }

  init(
    _ payload: SharingRequest, of entry: EntryRecord, by demander: String, at requested: UInt64, due: UInt64,
    calendar: String?
  ) {
    (request, self.entry, version) = (payload.request, payload.entry, payload.version)
    (attribute, provider, self.demander) = (entry.catalogue.attribute, entry.provider, demander)
    (items, purpose) = (payload.items, payload.purpose)
    (from, until) = (payload.from.map { $0 * 1000 }, payload.until.map { $0 * 1000 })
    (self.requested, self.due, self.calendar, state) = (requested, due, calendar, .submitted)
    (deliveries, mismatches) = (0, 0)
  }

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "request record")
    due = try fields.unsigned("due")
    from = try fields.optionalUnsigned("from")
    isLate = try fields.optionalFlag("late")
    owedAgain = try fields.optionalUnsigned("again")
    entry = try fields.id("entry")
    items = try fields.items("items")
    limit = try fields.optionalUnsigned("limit", in: Bounds.ordinal)
    state = try fields.word("state")
    until = try fields.optionalUnsigned("until")
    purpose = try fields.purpose("purpose")
    replied = try fields.optionalUnsigned("replied")
    request = try fields.id("request")
    revoked = try fields.optionalUnsigned("revoked")
    version = try fields.unsigned("version", in: Bounds.ordinal)
    calendar = try fields.optionalID("calendar")
    demander = try fields.id("demander")
    provider = try fields.id("provider")
    owedAgainDue = try fields.optionalUnsigned("again-due")
    attribute = try fields.word("attribute")
    delivered = try fields.optionalUnsigned("delivered")
    requested = try fields.unsigned("requested")
    deliveries = try fields.unsigned("deliveries")
    mismatches = try fields.unsigned("mismatches", in: 0...deliveries)
    deliveryDue = try fields.optionalUnsigned("delivery-due")
    isDeliveryLate = try fields.optionalFlag("delivery-late")
    owedAgainCalendar = try fields.optionalID("again-calendar")
    deliveryCalendar = try fields.optionalID("delivery-calendar")
    try fields.finish()
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.unsigned("due", due)
    fields.unsigned("from", from)
    fields.flag("late", isLate)
    fields.unsigned("again", owedAgain)
    fields.text("entry", entry)
    fields.texts("items", items.names)
    fields.unsigned("limit", limit)
    fields.text("state", state.rawValue)
    fields.unsigned("until", until)
    fields.text("purpose", purpose)
    fields.unsigned("replied", replied)
    fields.text("request", request)
    fields.unsigned("revoked", revoked)
    fields.unsigned("version", version)
    fields.text("calendar", calendar)
    fields.text("demander", demander)
    fields.text("provider", provider)
    fields.unsigned("again-due", owedAgainDue)
    fields.text("attribute", attribute.rawValue)
    fields.unsigned("delivered", delivered)
    fields.unsigned("requested", requested)
    fields.unsigned("deliveries", deliveries)
    fields.unsigned("mismatches", mismatches)
    fields.unsigned("delivery-due", deliveryDue)
    fields.flag("delivery-late", isDeliveryLate)
    fields.text("again-calendar", owedAgainCalendar)
    fields.text("delivery-calendar", deliveryCalendar)
    return fields.bytes
  }
}

extension RequestRecord {
  /// Whether there is a grant at some instant.
  public enum Hold: Hashable, Sendable {
    /// There is.
    case inForce
    /// There is none: nobody has granted it.
    case none
    /// Its time has not begun.
    case notYet
    /// Its time is over.
    case expired
    /// It was revoked.
    case revoked
  }

  /// Whether there is a grant at the instant `time`, in ms since the epoch.
  public func hold(at time: UInt64) -> Hold {
    switch state {
    case .submitted, .refused: return .none
    case .granted, .revoked:
      if let revoked, time >= revoked { return .revoked }
      if let from, time < from { return .notYet }
      if let until, time >= until { return .expired }
      return .inForce
    }
  }
}

extension RequestRecord {
  /// Whether the provider owes a delivery: it has granted and none was made, or what it made did not match its commitment. That
  /// does not end with the grant.
  public var owesDelivery: Bool {
    switch state {
    case .submitted, .refused: false
    case .granted, .revoked: deliveries == 0 || owedAgain != nil
    }
  }

  /// The limit of the reply as it stands.
  public func replyLimit(_ calendars: SharingCalendars) -> CountedLimit {
    replied == nil
      ? calendars.limit(from: requested, until: due, by: calendar)
      : CountedLimit(from: requested, until: due, by: calendars.days(calendar))
  }

  /// The limit of the delivery that is owed, else of the first; nil where nothing is granted.
  public func deliveryLimit(_ calendars: SharingCalendars) -> CountedLimit? {
    if let owedAgain, let owedAgainDue {
      return calendars.limit(from: owedAgain, until: owedAgainDue, by: owedAgainCalendar)
    }
    guard let replied, let deliveryDue else { return nil }
    return delivered == nil
      ? calendars.limit(from: replied, until: deliveryDue, by: deliveryCalendar)
      : CountedLimit(from: replied, until: deliveryDue, by: calendars.days(deliveryCalendar))
  }
}
