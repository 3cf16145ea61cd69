public import Ledger

/// A limit of working days, with the calendar that it was counted by.
///
/// Days of a year of which that calendar says nothing are counted as if there were no holidays, and the limit is marked. When a
/// calendar that covers such a year comes before the limit's last day, it is counted again, by both; it never ends before the
/// day on which that calendar came is over. Whatever else a later calendar changes, a limit stays as it was counted.
public struct CountedLimit: Hashable, Sendable {
  /// When it started, in ms since the epoch.
  public let start: UInt64
  /// What happens before this instant is in time: 24:00 of a working day.
  public private(set) var due: UInt64
  /// What it was counted by.
  public private(set) var days: WorkingDays
  /// The clocks by which days begin and end.
  public let offset: UTCOffset

  /// A limit from the instant `start` on that ends at the instant `due`, as `days` have it by clocks at `offset`.
  public init(from start: UInt64, until due: UInt64, by days: WorkingDays, _ offset: UTCOffset) {
    (self.start, self.due, self.days, self.offset) = (start, due, days, offset)
  }

  /// Its last day.
  public var lastDay: CivilDate { CivilDate(at: due == 0 ? 0 : due - 1, offset) }

  /// The years within it of which its calendar says nothing, ascending.
  public var silentYears: [Int] { days.silentYears(after: CivilDate(at: start, offset), through: lastDay) }

  /// How many working days are left at the instant `now`.
  func left(at now: UInt64) -> Int { days.left(at: now, until: due, offset) }

  /// Counts it again by those of `later`, the calendars that came after its own, in this order, that came in time for it.
  mutating func recount(by later: [CalendarRecord]) {
    let first = CivilDate(at: start, offset)
    let count = UInt64(days.count(after: first, through: lastDay))
    for calendar in later where calendar.since < lastDay.start(offset) {
      guard silentYears.contains(where: calendar.days.covers) else { continue }
      days = days.filled(by: calendar.days)
      due = max(
        days.day(count, after: first).end(offset), CivilDate(at: calendar.since, offset).end(offset))
    }
  }
}

/// Every calendar of a ledger, in the order in which they were recorded.
public struct SharingCalendars: Sendable {
  private let ordered: [CalendarRecord]
  private let places: [[UInt8]: Int]
  /// The clocks by which the ledger's days begin and end.
  public let offset: UTCOffset

  /// The calendars of these records, whatever their order, of a ledger with these clocks.
  public init(_ records: [CalendarRecord], _ offset: UTCOffset) {
    self.offset = offset
    let known = Dictionary(records.map { (Array($0.version.utf8), $0) }) { first, _ in first }
    let followed = Set(records.compactMap { $0.previous.map { Array($0.utf8) } })
    var ordered: [CalendarRecord] = []
    var next = records.first { !followed.contains(Array($0.version.utf8)) }
    while let record = next, ordered.count < records.count {
      ordered.append(record)
      next = record.previous.flatMap { known[Array($0.utf8)] }
    }
    self.ordered = ordered.reversed()
    places = Dictionary(self.ordered.enumerated().map { (Array($1.version.utf8), $0) }) { first, _ in first }
  }

  /// The version of the newest calendar; nil if there is none.
  public var newest: String? { ordered.last?.version }

  /// The calendar of a version; the plain one for nil.
  public func days(_ version: String?) -> WorkingDays {
    version.flatMap { places[Array($0.utf8)] }.map { ordered[$0].days } ?? .plain
  }

  /// The working days after the day of the instant `first` up to and including that of `last`, by the calendar of `version`.
  public func count(from first: UInt64, to last: UInt64, by days: WorkingDays) -> Int {
    days.count(after: CivilDate(at: first, offset), through: CivilDate(at: last, offset))
  }

  /// A current limit: counted by the calendar of `version`, and again by those after it.
  public func limit(from start: UInt64, until due: UInt64, by version: String?) -> CountedLimit {
    var limit = CountedLimit(from: start, until: due, by: days(version), offset)
    let next = version.map { (places[Array($0.utf8)] ?? ordered.count) + 1 } ?? 0
    if next < ordered.count { limit.recount(by: Array(ordered[next...])) }
    return limit
  }
}
