public import Ledger
public import LedgerCrypto

/// An objection (校核) and its answer, at `sharing/objection/STATEMENT-ID`. All instants are ms since the epoch.
public struct ObjectionRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "objection record"

  /// The state of an objection.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for the provider.
    case open
    /// The provider has answered.
    case answered
  }

  /// The id of the statement that objects.
  public internal(set) var objection = Digest.zero
  /// Its state.
  public internal(set) var state: State = .open
  /// What it is about.
  public internal(set) var target = SharingTarget.unknown
  /// What is wrong.
  public internal(set) var fault: SharingFault = .inaccurate
  /// The member that objects.
  public internal(set) var demander = ""
  /// The member that must answer.
  public internal(set) var provider = ""
  /// When it was made.
  public internal(set) var opened: UInt64 = 0
  /// The answer is in time before this instant.
  public internal(set) var due: UInt64 = 0
  /// The version of the calendar that `due` was counted by; nil if there was none.
  public internal(set) var calendar: String?
  /// When it was answered.
  public internal(set) var answered: UInt64?
  /// Whether that was late.
  public internal(set) var isLate: Bool?
  /// What the provider found.
  public internal(set) var outcome: SharingOutcome?
  /// The delivery, or the version of the entry, that has it right.
  public internal(set) var corrected: UInt64?

  /// Where an objection is kept.
  public static func key(_ objection: Digest) -> StateKey { StateKey("sharing", "objection", objection.hex) }

  init(
    _ payload: SharingObject, _ objection: Digest, by demander: String, to provider: String,
    at opened: UInt64,
    due: UInt64, calendar: String?
  ) {
    (self.objection, target, fault) = (objection, payload.target, payload.fault)
    (self.demander, self.provider, state) = (demander, provider, .open)
    (self.opened, self.due, self.calendar) = (opened, due, calendar)
  }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    var about = target.fields
    try visitor.unsigned("due", &due)
    try visitor.flag("late", &isLate)
    try visitor.id("entry", &about.entry)
    try visitor.word("fault", &fault)
    try visitor.word("state", &state)
    try visitor.unsigned("opened", &opened)
    try visitor.word("outcome", &outcome, .optional)
    try visitor.id("request", &about.request)
    try visitor.unsigned("version", &about.version, in: Bounds.ordinal)
    try visitor.unsigned("answered", &answered)
    try visitor.id("calendar", &calendar)
    try visitor.unsigned("delivery", &about.delivery, in: Bounds.ordinal)
    try visitor.id("demander", &demander)
    try visitor.id("provider", &provider)
    try visitor.unsigned("corrected", &corrected, in: Bounds.ordinal)
    try visitor.digest("objection", &objection)
    if V.setsFields { target = SharingTarget(about) }
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    guard target.isKnown else { throw Refusal(.malformed, "objection record: what it is about") }
  }
}

extension ObjectionRecord {
  /// The current limit of the answer.
  public func limit(_ calendars: SharingCalendars) -> CountedLimit {
    answered == nil
      ? calendars.limit(from: opened, until: due, by: calendar)
      : CountedLimit(from: opened, until: due, by: calendars.days(calendar), calendars.offset)
  }
}
