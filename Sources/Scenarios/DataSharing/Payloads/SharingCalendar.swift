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
/// A day is in one list only, and what is listed as worked is a Saturday or a Sunday: anything else is a slip of the
/// pen, and `malformed`. `sub` is the version.
public struct SharingCalendar: SharingPayload {
  /// Its name, as requests cite it.
  public var version = ""
  /// The notice that it follows.
  public var basis: String?
  /// Free days, ascending; a weekend within a holiday may be listed or not.
  public var holidays: [CivilDate] = []
  /// Weekend days that are worked, ascending.
  public var workingDays: [CivilDate] = []

  public init(version: String, basis: String? = nil, holidays: [CivilDate], workingDays: [CivilDate]) {
    (self.version, self.basis) = (version, basis)
    (self.holidays, self.workingDays) = (holidays.sorted(), workingDays.sorted())
  }

  /// `calendar`.
  public static let kind = SharingKind.calendar
  /// The version.
  public var subject: String { version }

  /// The calendar that limits are counted by.
  public var days: WorkingDays { WorkingDays(version: version, holidays: holidays, extra: workingDays) }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.text("basis", &basis, Bounds.prose, .prose)
    try visitor.id("version", &version)
    try visitor.dates("working", &workingDays)
    try visitor.dates("holidays", &holidays)
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    if let day = workingDays.first(where: { !$0.isWeekend }) {
      throw Refusal(
        .malformed, "calendar: \(day) is listed as worked, and is neither a Saturday nor a Sunday")
    }
    let free = Set(holidays)
    if let day = workingDays.first(where: free.contains) {
      throw Refusal(.malformed, "calendar: \(day) is listed as worked and as free")
    }
  }
}
