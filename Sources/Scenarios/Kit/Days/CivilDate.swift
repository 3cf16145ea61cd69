public import Ledger

/// A day of the Gregorian calendar. When it begins and ends follows from a ledger's offset from UTC, 北京时间 for most.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public let day: UInt32

  /// 9999-12-31, the last date that is written with four digits.
  static let last: UInt32 = 2_932_896

  /// The day at this many days after 1970-01-01; nil after 9999-12-31.
  public init?(day: UInt64) {
    guard day <= UInt64(CivilDate.last) else { return nil }
    self.day = UInt32(day)
  }

  /// The day on which the instant `milliseconds` since the epoch falls, by clocks at `offset`. Instants before 1970-01-01 and
  /// after 9999-12-31 fall on these days: no ledger's clock gets there, and nothing may trap.
  public init(at milliseconds: UInt64, _ offset: UTCOffset) {
    let days = (Int64(milliseconds / 1000) + Int64(offset.minutes) * 60) / 86_400
    day = UInt32(min(max(days, 0), Int64(CivilDate.last)))
  }

  /// The day of this year, month (1 to 12) and day of the month; nil if there is none such from 1970 to 9999.
  public init?(year: Int, month: Int, day: Int) {
    guard (1970...9999).contains(year), (1...12).contains(month),
      (1...CivilDate.length(ofMonth: month, year)).contains(day)
    else { return nil }
    // Days from civil, counted from 1 March, so that the leap day is a year's last.
    let shifted = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    self.day = UInt32(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468)
  }

  /// The day written `YYYY-MM-DD` (RFC 3339 full-date), or nil for anything else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var number = 0
      for byte in bytes[range] {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return number
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Its year.
  public var year: Int { parts.year }

  /// Whether it is a Saturday or a Sunday.
  public var isWeekend: Bool {
    // 1970-01-01 was a Thursday.
    let weekday = (day + 4) % 7
    return weekday == 0 || weekday == 6
  }

  /// The instant at which it begins by clocks at `offset`, in ms since the epoch; where 1970-01-01 begins before the epoch, 0
  /// stands for that.
  public func start(_ offset: UTCOffset) -> UInt64 { CivilDate.instant(Int64(day), offset) }

  /// Its 24:00 by clocks at `offset`, in ms since the epoch: the first instant after it.
  public func end(_ offset: UTCOffset) -> UInt64 { CivilDate.instant(Int64(day) + 1, offset) }

  private static func instant(_ day: Int64, _ offset: UTCOffset) -> UInt64 {
    UInt64(max(0, day * 86_400_000 - Int64(offset.minutes) * 60_000))
  }

  /// The day after; the last day is its own.
  public var next: CivilDate { CivilDate(unchecked: min(day + 1, CivilDate.last)) }

  /// As the days follow each other.
  public static func < (left: CivilDate, right: CivilDate) -> Bool { left.day < right.day }

  private init(unchecked day: UInt32) { self.day = day }

  private static func length(ofMonth month: Int, _ year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension CivilDate: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  public var description: String {
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let (year, month, day) = parts
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  fileprivate var parts: (year: Int, month: Int, day: Int) {
    let shifted = Int(day) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfMonth)
  }
}
