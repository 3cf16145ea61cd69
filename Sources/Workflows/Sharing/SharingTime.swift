import Foundation
import Ledger
import Scenarios

/// Times as officials read them: by the ledger's clocks.
package struct SharingTime: Sendable {
  package let offset: UTCOffset

  /// By clocks at `offset`.
  package init(_ offset: UTCOffset) { self.offset = offset }

  /// `2026-10-09`, the day on which an instant falls.
  package func day(_ milliseconds: UInt64) -> String { CivilDate(at: milliseconds, offset).description }

  /// The last day before an instant that is the 24:00 of one, as all limits are.
  package func lastDay(_ end: UInt64) -> String { day(end == 0 ? 0 : end - 1) }

  /// What a person must know of a limit that reaches into `years` of which its calendar says nothing; nil where there are none.
  package static func silence(_ years: [Int], _ calendar: String?) -> String? {
    guard let first = years.first, let last = years.last else { return nil }
    let span = years.count > 2 ? "\(first) to \(last)" : years.map(String.init).joined(separator: " and ")
    let what = calendar.map { "the calendar \($0) says nothing of \(span)" } ?? "there was no calendar"
    return "\(what): counted as if Mondays to Fridays were all worked"
  }

  /// `2026-10-09T16:30:00+08:00`.
  package func text(_ milliseconds: UInt64) -> String {
    let date = CivilDate(at: milliseconds, offset)
    let second = (milliseconds - min(milliseconds, date.start(offset))) / 1000 % 86_400
    return String(
      format: "%@T%02d:%02d:%02d%@", date.description, Int(second / 3600), Int(second / 60 % 60),
      Int(second % 60), offset.suffix)
  }

  /// `from 2026-10-01 through 2026-12-31`, with times where it does not begin and end with days.
  package func span(_ from: UInt64?, _ until: UInt64?) -> String {
    var parts: [String] = []
    if let from {
      let date = CivilDate(at: from, offset)
      parts.append("from \(date.start(offset) == from ? date.description : text(from))")
    }
    if let until {
      let last = CivilDate(at: until == 0 ? 0 : until - 1, offset)
      parts.append(last.end(offset) == until ? "through \(last)" : "until \(text(until))")
    }
    return parts.isEmpty ? "without limit" : parts.joined(separator: " ")
  }
}

extension SharingCalendars {
  /// Times by the clocks of the ledger.
  package var time: SharingTime { SharingTime(offset) }
}

extension SharingState {
  /// Times by the clocks of the ledger.
  package func time() async throws -> SharingTime {
    SharingTime(try await ledger.utcOffset())
  }
}

extension LedgerAccess {
  /// The clocks by which its days begin and end.
  package func utcOffset() async throws -> UTCOffset { try await state().roster.terms.parameters.utcOffset }
}
