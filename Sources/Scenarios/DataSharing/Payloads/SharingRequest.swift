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
  public let request: String
  /// The entry that it asks for.
  public let entry: String
  /// The version of the entry, which the grant stays pinned to.
  public let version: UInt64
  /// The items that it asks for.
  public let items: DataItems
  /// What they are needed for.
  public let purpose: String
  /// On which legal ground; nil gets a request refused, as `missing-basis` or `not-shareable`.
  public let basis: String?
  /// In which work they are used.
  public let scenario: String
  /// How they are to be handed over.
  public let method: String
  /// From when use is asked for, in s since the epoch; nil for no limit.
  public let from: UInt64?
  /// Up to, not including, when; nil for no limit.
  public let until: UInt64?
  /// The office that handles it.
  public let handler: String
  /// The version of the calendar by which the reply is due; nil for the one in force.
  public let calendar: String?

  /// A request.
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
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [
      ("request", request), ("entry", entry), ("purpose", purpose), ("basis", basis ?? ""),
      ("scenario", scenario), ("method", method), ("handler", handler), ("calendar", calendar ?? ""),
    ] + items.searched
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "request")
    from = try fields.optionalTime("from")
    basis = try fields.optionalText("basis", Bounds.prose, .prose)
    entry = try fields.id("entry")
    items = try fields.items("items")
    until = try fields.optionalTime("until")
    method = try fields.text("method", Bounds.word, .line)
    handler = try fields.text("handler", Bounds.word, .line)
    purpose = try fields.purpose("purpose")
    request = try fields.id("request")
    version = try fields.unsigned("version", in: Bounds.ordinal)
    calendar = try fields.optionalID("calendar")
    scenario = try fields.text("scenario", Bounds.name, .line)
    try fields.finish()
    guard (from ?? 0) < (until ?? UInt64.max) else {
      throw Refusal(.malformed, "request: the time asked for ends before it begins")
    }
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.unsigned("from", from)
    fields.text("basis", basis)
    fields.text("entry", entry)
    fields.texts("items", items.names)
    fields.unsigned("until", until)
    fields.text("method", method)
    fields.text("handler", handler)
    fields.text("purpose", purpose)
    fields.text("request", request)
    fields.unsigned("version", version)
    fields.text("calendar", calendar)
    fields.text("scenario", scenario)
    return fields.bytes
  }
}
