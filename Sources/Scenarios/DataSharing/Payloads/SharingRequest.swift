public import Ledger

/// A request for data (共享申请): the ground, the scenario, the scope, the method and the time of use.
///
/// ```cddl
/// request = {
///   ? from: second,                   ; use is asked for from here …
///   ? basis: tstr .size (1..2000),    ; searched; the law or duty that needs the data
///   entry: id,                        ; searched
///   items: [1*256 item],              ; searched; sorted by bytes
///   ? until: second,                  ; … up to, not including, here
///   method: tstr .size (1..64),       ; searched
///   handler: tstr .size (1..64),      ; searched; the office that handles it (经办处室), not a person's name
///   purpose: purpose,                 ; searched
///   request: id,                      ; searched
///   version: 1..1000000000,           ; the entry's version, which must be in force
///   ? calendar: id,                   ; searched; the calendar in force; absent for whichever is
///   scenario: tstr .size (1..200),    ; searched; 使用场景
/// }
/// purpose = tstr .size (1..200)       ; levels divided by /, none empty
/// second  = 0..1099511627776          ; since the epoch
/// ```
///
/// `sub` is the request.
public struct SharingRequest: SharingPayload {
  /// The request's id, new on this ledger.
  public var request = ""
  /// The entry that it asks for.
  public var entry = ""
  /// The version of the entry, which the grant stays pinned to.
  public var version: UInt64 = 0
  /// The items that it asks for.
  public var items = DataItems()
  /// What they are needed for.
  public var purpose = ""
  /// On which legal ground; nil gets a request refused, as `missing-basis` or `not-shareable`.
  public var basis: String?
  /// In which work they are used.
  public var scenario = ""
  /// How they are to be handed over.
  public var method = ""
  /// From when use is asked for, in s since the epoch; nil for no limit.
  public var from: UInt64?
  /// Up to, not including, when; nil for no limit.
  public var until: UInt64?
  /// The office that handles it.
  public var handler = ""
  /// The version of the calendar by which the reply is due; nil for the one in force.
  public var calendar: String?

  public init(
    request: String, entry: String, version: UInt64, items: DataItems, purpose: String, basis: String?,
    scenario: String, method: String, from: UInt64? = nil, until: UInt64? = nil, handler: String,
    calendar: String? = nil
  ) {
    (self.request, self.entry, self.version, self.items) = (request, entry, version, items)
    (self.purpose, self.basis, self.scenario, self.method) = (purpose, basis, scenario, method)
    (self.from, self.until, self.handler, self.calendar) = (from, until, handler, calendar)
  }

  /// `request`.
  public static let kind = SharingKind.request
  /// The request.
  public var subject: String { request }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.time("from", &from)
    try visitor.text("basis", &basis, Bounds.prose, .prose)
    try visitor.id("entry", &entry)
    try visitor.items("items", &items)
    try visitor.time("until", &until)
    try visitor.text("method", &method, Bounds.word, .line)
    try visitor.text("handler", &handler, Bounds.word, .line)
    try visitor.purpose("purpose", &purpose)
    try visitor.id("request", &request)
    try visitor.unsigned("version", &version, in: Bounds.ordinal)
    try visitor.id("calendar", &calendar)
    try visitor.text("scenario", &scenario, Bounds.name, .line)
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    guard (from ?? 0) < (until ?? UInt64.max) else {
      throw Refusal(.malformed, "request: the time asked for ends before it begins")
    }
  }
}
