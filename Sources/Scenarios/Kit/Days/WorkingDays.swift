public import Ledger

/// Which days are working days (工作日): Monday to Friday but for holidays, and the weekend days that are worked in exchange
/// (调休).
///
/// A limit of n working days is counted as officials count it: the day on which the clock starts does not count, the first
/// day is the next working day, and the limit ends at 24:00 of the n-th. So what arrives on a Friday afternoon, on a
/// Saturday or on the Sunday after has the same last day. n = 0 means: on that same day, or the first working day after where
/// that is none.
///
/// A calendar says nothing of a year of which it lists no day: there Saturdays and Sundays are free and all else is worked, and
/// code that shows such a limit marks it (`silentYears`).
public struct WorkingDays: Hashable, Sendable {
  /// The version of the calendar; nil for the plain one, which knows Saturdays and Sundays only.
  public let version: String?
  /// Days that are free whatever weekday they are, ascending.
  public let holidays: [CivilDate]
  /// Saturdays and Sundays that are worked, ascending.
  public let extra: [CivilDate]

  /// Saturdays and Sundays are free.
  public static let plain = WorkingDays(version: nil, holidays: [], extra: [])

  /// A calendar.
  ///
  /// - Parameters:
  ///   - holidays: ascending.
  ///   - extra: ascending; wins if a day is in both lists, which a recorded calendar never has.
  public init(version: String?, holidays: [CivilDate], extra: [CivilDate]) {
    (self.version, self.holidays, self.extra) = (version, holidays, extra)
  }

  /// Whether `date` is worked.
  public func isWorking(_ date: CivilDate) -> Bool {
    date.isWeekend
      ? WorkingDays.find(date, extra) : !WorkingDays.find(date, holidays) || WorkingDays.find(date, extra)
  }

  /// The `count`-th working day after `date`; for 0, `date` itself or the first working day after it.
  public func day(_ count: UInt64, after date: CivilDate) -> CivilDate {
    var day = date
    if count == 0 {
      while !isWorking(day), day.day < CivilDate.last { day = day.next }
      return day
    }
    var left = count
    while left > 0, day.day < CivilDate.last {
      day = day.next
      if isWorking(day) { left -= 1 }
    }
    return day
  }

  /// The instant at which a limit of `count` working days ends that starts at the instant `start`, both in ms since the
  /// epoch. What happens before it is in time. Days are those of clocks at `offset`.
  public func due(_ count: UInt64, from start: UInt64, _ offset: UTCOffset) -> UInt64 {
    day(count, after: CivilDate(at: start, offset)).end(offset)
  }

  /// The working days after `first` up to and including `last`; 0 unless `last` is later.
  ///
  /// - Complexity: O(log n) for a calendar of n days, however far apart they are, and the calendar's days between them.
  public func count(after first: CivilDate, through last: CivilDate) -> Int {
    guard first < last else { return 0 }
    var count = WorkingDays.weekdays(through: last) - WorkingDays.weekdays(through: first)
    for day in WorkingDays.part(holidays, after: first, through: last)
    where !day.isWeekend && !WorkingDays.find(day, extra) { count -= 1 }
    for day in WorkingDays.part(extra, after: first, through: last) where day.isWeekend { count += 1 }
    return count
  }

  /// How many Mondays to Fridays there are from 1970-01-01 through `date`.
  private static func weekdays(through date: CivilDate) -> Int {
    // 1970-01-01 was a Thursday; counted from the Monday before.
    let days = Int(date.day) + 4
    return days / 7 * 5 + min(5, days % 7) - 3
  }

  /// Those of `dates` after `first`, up to and including `last`.
  private static func part(
    _ dates: [CivilDate], after first: CivilDate, through last: CivilDate
  ) -> ArraySlice<CivilDate> {
    let start = place(of: first.next, in: dates)
    let end = place(of: last.next, in: dates)
    // The last day that there is has no next one.
    return dates[start..<max(start, last.next == last ? dates.count : end)]
  }

  // MARK: What it says nothing of

  /// Whether it lists a day of this year.
  public func covers(_ year: Int) -> Bool {
    guard let first = CivilDate(year: year, month: 1, day: 1),
      let last = CivilDate(year: year, month: 12, day: 31)
    else { return false }
    return [holidays, extra].contains { dates in
      let place = WorkingDays.place(of: first, in: dates)
      return place < dates.count && dates[place] <= last
    }
  }

  /// The years of the days after `first` up to and including `last` of which it says nothing, ascending.
  public func silentYears(after first: CivilDate, through last: CivilDate) -> [Int] {
    first < last ? (first.next.year...last.year).filter { !covers($0) } : []
  }

  /// The same, and what `other` says of the years of which this one says nothing; called as `other` is.
  func filled(by other: WorkingDays) -> WorkingDays {
    func merged(_ own: [CivilDate], _ others: [CivilDate]) -> [CivilDate] {
      (own + others.filter { !covers($0.year) }).sorted()
    }
    return WorkingDays(
      version: other.version, holidays: merged(holidays, other.holidays), extra: merged(extra, other.extra))
  }

  /// How many working days are left at the instant `now` of a limit that ends at the instant `due`: 0 on its last day, less
  /// than 0 by the working days that have begun since.
  public func left(at now: UInt64, until due: UInt64, _ offset: UTCOffset) -> Int {
    let today = CivilDate(at: now, offset)
    // `due` is the last day's 24:00, which is not on that day any more.
    let last = CivilDate(at: due == 0 ? 0 : due - 1, offset)
    if today <= last { return count(after: today, through: last) }
    // At least 1, or a limit that passed on a Friday would not look passed on the Saturday after.
    return -max(1, count(after: last, through: today))
  }

  private static func find(_ date: CivilDate, _ dates: [CivilDate]) -> Bool {
    let place = place(of: date, in: dates)
    return place < dates.count && dates[place] == date
  }

  /// The place of the first of `dates` that is not before `date`.
  private static func place(of date: CivilDate, in dates: [CivilDate]) -> Int {
    var (low, high) = (0, dates.count)
    while low < high {
      let middle = (low + high) / 2
      if dates[middle] < date { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
