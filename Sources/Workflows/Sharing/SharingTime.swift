import Foundation
import Scenarios

/// Times as officials read them: at UTC+8.
package enum SharingTime {
  /// `2026-10-09`, the day on which an instant falls.
  package static func day(_ milliseconds: UInt64) -> String { CivilDate(at: milliseconds).description }

  /// The last day before an instant that is the 24:00 of one, as all limits are.
  package static func lastDay(_ end: UInt64) -> String { day(end == 0 ? 0 : end - 1) }

  /// What a person must know of a limit that reaches into `years` of which its calendar says nothing; nil where there are none.
  package static func silence(_ years: [Int], _ calendar: String?) -> String? {
    guard let first = years.first, let last = years.last else { return nil }
    let span = years.count > 2 ? "\(first) to \(last)" : years.map(String.init).joined(separator: " and ")
    let what = calendar.map { "the calendar \($0) says nothing of \(span)" } ?? "there was no calendar"
    return "\(what): counted as if Mondays to Fridays were all worked"
  }

  /// `2026-10-09T16:30:00+08:00`.
  package static func text(_ milliseconds: UInt64) -> String {
    let date = CivilDate(at: milliseconds)
    let second = (milliseconds / 1000 + 8 * 3600) % 86_400
    return String(
      format: "%@T%02d:%02d:%02d+08:00", date.description, Int(second / 3600), Int(second / 60 % 60),
      Int(second % 60))
  }

  /// `from 2026-10-01 through 2026-12-31`, with times where it does not begin and end with days.
  package static func span(_ from: UInt64?, _ until: UInt64?) -> String {
    var parts: [String] = []
    if let from {
      let date = CivilDate(at: from)
      parts.append("from \(date.start == from ? date.description : text(from))")
    }
    if let until {
      let last = CivilDate(at: until == 0 ? 0 : until - 1)
      parts.append(last.end == until ? "through \(last)" : "until \(text(until))")
    }
    return parts.isEmpty ? "without limit" : parts.joined(separator: " ")
  }
}
