public import Ledger

/// A request and its grant, at `sharing/request/REQUEST`. All instants are ms since the epoch.
public struct RequestRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "request record"

  /// The state of a request.
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
  public internal(set) var request = ""
  /// Its state.
  public internal(set) var state: State = .submitted
  /// The entry that it is about.
  public internal(set) var entry = ""
  /// The version of the entry; it stays, whatever becomes of the entry.
  public internal(set) var version: UInt64 = 0
  /// The attribute of that version.
  public internal(set) var attribute: SharingAttribute = .unconditional
  /// The member that has the data.
  public internal(set) var provider = ""
  /// The member that asks.
  public internal(set) var demander = ""
  /// The items asked for, and once it is granted those granted.
  public internal(set) var items = DataItems()
  /// The purpose asked for, and once it is granted the one granted.
  public internal(set) var purpose = ""
  /// From when use is asked for, and once it is granted from when the grant holds; nil if nothing was said.
  public internal(set) var from: UInt64?
  /// Up to, not including, when.
  public internal(set) var until: UInt64?
  /// When it was made.
  public internal(set) var requested: UInt64 = 0
  /// The reply is in time before this instant: 24:00 of a working day.
  public internal(set) var due: UInt64 = 0
  /// The version of the calendar that `due` was counted by; nil if there was none.
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
  /// Since when a delivery is owed again: the receipt that reported a mismatch. Nil if none is owed, or it was made.
  public internal(set) var owedAgain: UInt64?
  /// When that is due.
  public internal(set) var owedAgainDue: UInt64?
  /// The version of the calendar that `owedAgainDue` was counted by.
  public internal(set) var owedAgainCalendar: String?
  /// How many deliveries were made.
  public internal(set) var deliveries: UInt64 = 0
  /// How many of them the demander found not to be what was committed to; they don't count against the limit.
  public internal(set) var mismatches: UInt64 = 0
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

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.unsigned("due", &due)
    try visitor.unsigned("from", &from)
    try visitor.flag("late", &isLate)
    try visitor.unsigned("again", &owedAgain)
    try visitor.id("entry", &entry)
    try visitor.items("items", &items)
    try visitor.unsigned("limit", &limit, in: Bounds.ordinal)
    try visitor.word("state", &state)
    try visitor.unsigned("until", &until)
    try visitor.purpose("purpose", &purpose)
    try visitor.unsigned("replied", &replied)
    try visitor.id("request", &request)
    try visitor.unsigned("revoked", &revoked)
    try visitor.unsigned("version", &version, in: Bounds.ordinal)
    try visitor.id("calendar", &calendar)
    try visitor.id("demander", &demander)
    try visitor.id("provider", &provider)
    try visitor.unsigned("again-due", &owedAgainDue)
    try visitor.word("attribute", &attribute)
    try visitor.unsigned("delivered", &delivered)
    try visitor.unsigned("requested", &requested)
    try visitor.unsigned("deliveries", &deliveries)
    try visitor.unsigned("mismatches", &mismatches, in: 0...deliveries)
    try visitor.unsigned("delivery-due", &deliveryDue)
    try visitor.flag("delivery-late", &isDeliveryLate)
    try visitor.id("again-calendar", &owedAgainCalendar)
    try visitor.id("delivery-calendar", &deliveryCalendar)
  }
}

extension RequestRecord {
  /// Whether there is a grant at some instant.
  public enum Hold: Hashable, Sendable {
    /// There is.
    case inForce
    /// Nobody has granted it.
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

  /// The current limit of the reply.
  public func replyLimit(_ calendars: SharingCalendars) -> CountedLimit {
    replied == nil
      ? calendars.limit(from: requested, until: due, by: calendar)
      : CountedLimit(from: requested, until: due, by: calendars.days(calendar), calendars.offset)
  }

  /// The limit of the delivery that is owed, else of the first; nil if nothing is granted.
  public func deliveryLimit(_ calendars: SharingCalendars) -> CountedLimit? {
    if let owedAgain, let owedAgainDue {
      return calendars.limit(from: owedAgain, until: owedAgainDue, by: owedAgainCalendar)
    }
    guard let replied, let deliveryDue else { return nil }
    return delivered == nil
      ? calendars.limit(from: replied, until: deliveryDue, by: deliveryCalendar)
      : CountedLimit(
        from: replied, until: deliveryDue, by: calendars.days(deliveryCalendar), calendars.offset)
  }
}
