public import Ledger

/// A grant (同意共享): what the provider gives of what was asked for, and for how long.
///
/// ```cddl
/// grant = {
///   from: second,
///   items: [1*256 item],              ; searched; sorted by bytes; a part of what was asked for
///   ? limit: 1..1000000000,           ; how many deliveries; absent for any number
///   until: second,                    ; not included
///   purpose: purpose,                 ; searched; the purpose asked for, or one within it
///   request: id,                      ; searched
///   ? conditions: tstr .size (1..2000), ; searched
/// }
/// ```
///
/// `sub` is the request.
public struct SharingGrant: SharingPayload {
  /// The request that it answers.
  public let request: String
  /// The items that may be delivered.
  public let items: DataItems
  /// What they may be used for.
  public let purpose: String
  /// From when it holds, in s since the epoch.
  public let from: UInt64
  /// Up to, not including, when.
  public let until: UInt64
  /// The most deliveries; nil for any number.
  public let limit: UInt64?
  /// What the demander must keep to.
  public let conditions: String?

  /// A grant.
  public init(
    request: String, items: DataItems, purpose: String, from: UInt64, until: UInt64, limit: UInt64? = nil,
    conditions: String? = nil
  ) {
    (self.request, self.items, self.purpose) = (request, items, purpose)
    (self.from, self.until, self.limit, self.conditions) = (from, until, limit, conditions)
  }

  /// `grant`.
  public static let kind = SharingKind.grant
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request), ("purpose", purpose), ("conditions", conditions ?? "")] + items.searched
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "grant")
    from = try fields.time("from")
    items = try fields.items("items")
    limit = try fields.optionalUnsigned("limit", in: Bounds.ordinal)
    until = try fields.time("until")
    purpose = try fields.purpose("purpose")
    request = try fields.id("request")
    conditions = try fields.optionalText("conditions", Bounds.prose, .prose)
    try fields.finish()
    guard from < until else { throw Refusal(.malformed, "grant: its time ends before it begins") }
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.unsigned("from", from)
    fields.texts("items", items.names)
    fields.unsigned("limit", limit)
    fields.unsigned("until", until)
    fields.text("purpose", purpose)
    fields.text("request", request)
    fields.text("conditions", conditions)
    return fields.bytes
  }
}
