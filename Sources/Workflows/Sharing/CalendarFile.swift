import Ledger
import LedgerStore
import Scenarios

/// The small JSON file in which an authority writes a calendar of working days.
///
///     {
///       "version": "2026-1",
///       "basis": "国务院办公厅关于2026年部分节假日安排的通知",
///       "holidays": ["2026-10-01", "2026-10-02"],
///       "working": ["2026-10-10"]
///     }
///
/// Exactly these keys, each at most once, `basis` optional: a calendar of which half was overlooked would move due dates.
package enum CalendarFile {
  private static let limit = 65_536

  /// The calendar in the file at `path`.
  package static func read(_ path: String) throws -> SharingCalendar {
    let bytes = try Files.contents(path, of: "a calendar", limit: limit)
    do { return try calendar(bytes) } catch {
      throw WorkflowError(.usage, "malformed-calendar", "\(path): \(error.reason)")
    }
  }

  private static func calendar(_ bytes: [UInt8]) throws(Refusal) -> SharingCalendar {
    var file = try StrictJSON(parsing: bytes, of: "the calendar")
    let version = try file.text("version")
    let basis = try file.optionalText("basis")
    let days = [
      try file.list("holidays", of: "a day YYYY-MM-DD", CivilDate.init),
      try file.list("working", of: "a day YYYY-MM-DD", CivilDate.init),
    ]
    try file.finish()
    for (name, dates) in zip(["holidays", "working"], days) {
      var seen: Set<CivilDate> = []
      if let date = dates.first(where: { !seen.insert($0).inserted }) {
        throw Refusal(.malformed, "\(date) is in \(name) twice")
      }
    }
    let calendar = SharingCalendar(version: version, basis: basis, holidays: days[0], workingDays: days[1])
    return try SharingCalendar(decoding: calendar.encoded)
  }
}
