public import Ledger

/// A recorded calendar, at `sharing/calendar/VERSION`; `sharing/calendar` names the one in force.
public struct CalendarRecord: Hashable, StateValue {
  /// The calendar.
  public let days: WorkingDays
  /// Its version.
  public let version: String
  /// The authority that recorded it.
  public let authority: String
  /// Since when it is in force: its block's time, in ms since the epoch.
  public let since: UInt64
  /// The version that was in force before; nil for the first.
  public let previous: String?

  init(_ calendar: SharingCalendar, authority: String, since: UInt64, after previous: String?) {
    (days, version, self.authority, self.since) = (calendar.days, calendar.version, authority, since)
    self.previous = previous
  }

  /// Where the calendar of this version is kept.
  public static func key(_ version: String) -> StateKey { StateKey("sharing", "calendar", version) }
  /// Where it is kept which calendar is in force.
  public static let currentKey = StateKey("sharing", "calendar")

  /// The version that the value at `currentKey` names.
  public static func version(decoding value: [UInt8]) throws(Refusal) -> String {
    var fields = try PayloadReader(value, of: "calendar in force")
    let version = try fields.id("version")
    try fields.finish()
    return version
  }

  /// The value at `currentKey` while this one is in force.
  var current: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("version", version)
    return fields.bytes
  }

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "calendar record")
    since = try fields.unsigned("since")
    version = try fields.id("version")
    let extra = try fields.days("working")
    let holidays = try fields.days("holidays")
    previous = try fields.optionalID("previous")
    authority = try fields.id("authority")
    try fields.finish()
    days = WorkingDays(version: version, holidays: holidays, extra: extra)
  }

  /// The state's value: days are numbers, counted from 1970-01-01, since they are read for each request.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.unsigned("since", since)
    fields.text("version", version)
    fields.unsigneds("working", days.extra.map { UInt64($0.day) })
    fields.unsigneds("holidays", days.holidays.map { UInt64($0.day) })
    fields.text("previous", previous)
    fields.text("authority", authority)
    return fields.bytes
  }
}

extension PayloadReader {
  fileprivate mutating func days(_ key: String) throws(Refusal) -> [CivilDate] {
    var dates: [CivilDate] = []
    for day in try unsigneds(key, Bounds.dateCount) {
      guard let date = CivilDate(day: day), dates.last.map({ $0 < date }) ?? true else {
        throw wrong(key, "a list of days, ascending")
      }
      dates.append(date)
    }
    return dates
  }
}
