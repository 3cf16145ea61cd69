public import Ledger

/// A calendar of working days, recorded by the authority; it is in force from its own record until the next one.
///
/// The State Council publishes a year's holidays in the autumn before. A calendar may list several years. Where it says
/// nothing, Monday to Friday are worked.
///
/// ```cddl
/// calendar = {
///   ? basis: tstr .size (1..2000),    ; searched; the notice that it follows, as 国办发明电〔2024〕12号
///   version: id,                      ; searched
///   working: [* date],                ; weekend days that are worked (调休), ascending
///   holidays: [* date],               ; ascending
/// }
/// id   = tstr .size (1..64)           ; no spaces, no control characters
/// date = tstr .regexp "[0-9]{4}-[0-9]{2}-[0-9]{2}"
/// ```
///
/// A day stands in one list only, and what is listed as worked is a Saturday or a Sunday: anything else is a slip of the
/// pen, and `malformed`. `sub` is the version.
public struct SharingCalendar: SharingPayload {
  /// Its name, as requests cite it.
  public let version: String
  /// The notice that it follows.
  public let basis: String?
  /// Free days, ascending; a weekend within a holiday may be listed or not.
  public let holidays: [CivilDate]
  /// Weekend days that are worked, ascending.
  public let workingDays: [CivilDate]

  /// A calendar.
  public init(version: String, basis: String? = nil, holidays: [CivilDate], workingDays: [CivilDate]) {
    (self.version, self.basis) = (version, basis)
    (self.holidays, self.workingDays) = (holidays.sorted(), workingDays.sorted())
  }

  /// `calendar`.
  public static let kind = SharingKind.calendar
  /// The version.
  public var subject: String { version }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("version", version), ("basis", basis ?? "")]
  }

  /// The calendar that limits are counted by.
  public var days: WorkingDays { WorkingDays(version: version, holidays: holidays, extra: workingDays) }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "calendar")
    basis = try fields.optionalText("basis", Bounds.prose, .prose)
    version = try fields.id("version")
    workingDays = try fields.dates("working")
    holidays = try fields.dates("holidays")
    try fields.finish()
    if let day = workingDays.first(where: { !$0.isWeekend }) {
      throw Refusal(
        .malformed, "calendar: \(day) is listed as worked, and is neither a Saturday nor a Sunday")
    }
    let free = Set(holidays)
    if let day = workingDays.first(where: free.contains) {
      throw Refusal(.malformed, "calendar: \(day) is listed as worked and as free")
    }
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("basis", basis)
    fields.text("version", version)
    fields.texts("working", workingDays.map(\.description))
    fields.texts("holidays", holidays.map(\.description))
    return fields.bytes
  }
}
