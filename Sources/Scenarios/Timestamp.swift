/// Times as commands and pages write and read them: RFC 3339, in UTC where it writes.
package enum Timestamp {
  /// `2026-07-03T08:00:00Z`.
  package static func text(seconds: UInt64) -> String {
    let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = date(days: Int64(clamping: days))
    let clock = [rest / 3600, rest % 3600 / 60, rest % 60].map { padded(Int64($0), 2) }
    return
      "\(padded(year, 4))-\(padded(Int64(month), 2))-\(padded(Int64(day), 2))T\(clock.joined(separator: ":"))Z"
  }

  /// `2026-07-03T08:00:00.123Z`.
  package static func text(milliseconds: UInt64) -> String {
    "\(text(seconds: milliseconds / 1000).dropLast()).\(padded(Int64(milliseconds % 1000), 3))Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// The first and the last ms of the moment that `text` names by RFC 3339; nil for one before 1970, and for leap seconds, which
  /// no time of a ledger is.
  package static func range(_ text: String) -> ClosedRange<UInt64>? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, let days = days(bytes[..<10]),
      [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(bytes[10]),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19]), hour < 24, minute < 60, second < 60
    else { return nil }
    var (at, milliseconds, length) = (19, Int64(0), UInt64(1000))
    if bytes[at] == UInt8(ascii: ".") {
      let digits = bytes[(at + 1)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard (1...9).contains(digits.count),
        let thousandths = number(Array((digits + [48, 48, 48]).prefix(3))[...])
      else { return nil }
      (milliseconds, length) = (thousandths, 1)
      at += 1 + digits.count
    }
    guard let offset = offset(bytes[at...]) else { return nil }
    return range(
      seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, milliseconds: milliseconds,
      length: length)
  }

  private static func range(seconds: Int64, milliseconds: Int64, length: UInt64) -> ClosedRange<UInt64>? {
    let first = seconds * 1000 + milliseconds
    guard first >= 0 else { return nil }
    return UInt64(first)...UInt64(first) + length - 1
  }

  /// Seconds east of UTC: `Z`, `+08:00`.
  private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
    if text.count == 1, text.first == UInt8(ascii: "Z") || text.first == UInt8(ascii: "z") { return 0 }
    guard text.count == 6, let sign = text.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      text[text.startIndex + 3] == UInt8(ascii: ":"),
      let hours = number(text.dropFirst().prefix(2)), let minutes = number(text.suffix(2)), hours < 24,
      minutes < 60
    else { return nil }
    return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Days since the epoch of `YYYY-MM-DD`, or nil if there is no such day.
  private static func days(_ text: ArraySlice<UInt8>) -> Int64? {
    guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), let year = number(text[0..<4]),
      let month = number(text[5..<7]), let day = number(text[8..<10]), (1...12).contains(month), day >= 1
    else { return nil }
    // Days are counted from 1 March, so that the leap day ends a year; there are 719,468 between 0000-03-01 and the epoch.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    let (y, m, d) = date(days: days)
    return y == year && m == Int(month) && d == Int(day) ? days : nil
  }

  private static func date(days: Int64) -> (year: Int64, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let years = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * years + years / 4 - years / 100)
    let shiftedMonth = (5 * ofYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      years + era * 400 + (month <= 2 ? 1 : 0), Int(month), Int(ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    )
  }
}
