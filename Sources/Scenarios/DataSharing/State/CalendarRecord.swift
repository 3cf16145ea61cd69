public import Ledger

/// A recorded calendar, at `sharing/calendar/VERSION`; `sharing/calendar` names the one in force.
public struct CalendarRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "calendar record"

  /// The calendar.
  public internal(set) var days = WorkingDays.plain
  /// Its version.
  public internal(set) var version = ""
  /// The authority that recorded it.
  public internal(set) var authority = ""
  /// Since when it is in force: its block's time, in ms since the epoch.
  public internal(set) var since: UInt64 = 0
  /// The version that was in force before; nil for the first.
  public internal(set) var previous: String?

  init(_ calendar: SharingCalendar, authority: String, since: UInt64, after previous: String?) {
    (days, version, self.authority, self.since) = (calendar.days, calendar.version, authority, since)
    self.previous = previous
  }

  /// Where the calendar of this version is kept.
  public static func key(_ version: String) -> StateKey { StateKey("sharing", "calendar", version) }
  /// Where it is kept which calendar is in force.
  public static let currentKey = StateKey("sharing", "calendar")

  public init() {}

  /// Shows the fields.
  ///
  /// Days are numbers, counted from 1970-01-01, since they are read for each request.
  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.unsigned("since", &since)
    try visitor.id("version", &version)
    var (extra, holidays) = (days.extra, days.holidays)
    try visitor.days("working", &extra)
    try visitor.days("holidays", &holidays)
    if V.setsFields { days = WorkingDays(version: version, holidays: holidays, extra: extra) }
    try visitor.id("previous", &previous)
    try visitor.id("authority", &authority)
  }
}

/// Which calendar is in force: the value at `sharing/calendar`.
struct CalendarInForce: StateValue, FieldList {
  static let name = "calendar in force"
  /// The calendar's version.
  var version = ""

  mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.id("version", &version)
  }
}

extension CalendarRecord {
  /// The version that the value at `currentKey` names.
  public static func version(decoding value: [UInt8]) throws(Refusal) -> String {
    try CalendarInForce(decoding: value).version
  }
}
