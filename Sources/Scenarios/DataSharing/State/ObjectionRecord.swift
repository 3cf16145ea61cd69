public import Ledger
public import LedgerCrypto

/// An objection (校核) and its answer, at `sharing/objection/STATEMENT-ID`. All instants are ms since the epoch.
public struct ObjectionRecord: Hashable, StateValue {
  /// Where an objection stands.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for the provider.
    case open
    /// The provider has answered.
    case answered
  }

  /// The id of the statement that objects.
  public let objection: Digest
  /// Where it stands.
  public internal(set) var state: State
  /// What it is about.
  public let target: SharingTarget
  /// What is wrong.
  public let fault: SharingFault
  /// Who objects.
  public let demander: String
  /// Who must answer.
  public let provider: String
  /// When it was made.
  public let opened: UInt64
  /// The answer is in time before this instant.
  public internal(set) var due: UInt64
  /// The version of the calendar that `due` was counted by; nil where there was none.
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

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "objection record")
    due = try fields.unsigned("due")
    isLate = try fields.optionalFlag("late")
    let entry = try fields.optionalID("entry")
    fault = try fields.word("fault")
    state = try fields.word("state")
    opened = try fields.unsigned("opened")
    outcome = try fields.optionalWord("outcome")
    let request = try fields.optionalID("request")
    let version = try fields.optionalUnsigned("version", in: Bounds.ordinal)
    answered = try fields.optionalUnsigned("answered")
    calendar = try fields.optionalID("calendar")
    let delivery = try fields.optionalUnsigned("delivery", in: Bounds.ordinal)
    demander = try fields.id("demander")
    provider = try fields.id("provider")
    corrected = try fields.optionalUnsigned("corrected", in: Bounds.ordinal)
    objection = try fields.digest("objection")
    try fields.finish()
    guard let target = SharingTarget(entry, version, request, delivery) else {
      throw Refusal(.malformed, "objection record: what it is about")
    }
    self.target = target
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    var entry, request: String?
    var version, delivery: UInt64?
    switch target {
    case .entry(let id, let number): (entry, version) = (id, number)
    case .delivery(let id, let number): (request, delivery) = (id, number)
    }
    fields.unsigned("due", due)
    fields.flag("late", isLate)
    fields.text("entry", entry)
    fields.text("fault", fault.rawValue)
    fields.text("state", state.rawValue)
    fields.unsigned("opened", opened)
    fields.text("outcome", outcome?.rawValue)
    fields.text("request", request)
    fields.unsigned("version", version)
    fields.unsigned("answered", answered)
    fields.text("calendar", calendar)
    fields.unsigned("delivery", delivery)
    fields.text("demander", demander)
    fields.text("provider", provider)
    fields.unsigned("corrected", corrected)
    fields.digest("objection", objection)
    return fields.bytes
  }
}

extension ObjectionRecord {
  /// The limit of the answer as it stands.
  public func limit(_ calendars: SharingCalendars) -> CountedLimit {
    answered == nil
      ? calendars.limit(from: opened, until: due, by: calendar)
      : CountedLimit(from: opened, until: due, by: calendars.days(calendar))
  }
}
