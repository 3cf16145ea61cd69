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
  public var request = ""
  /// The items that may be delivered.
  public var items = DataItems()
  /// What they may be used for.
  public var purpose = ""
  /// From when it holds, in s since the epoch.
  public var from: UInt64 = 0
  /// Up to, not including, when.
  public var until: UInt64 = 0
  /// The most deliveries; nil for any number.
  public var limit: UInt64?
  /// What the demander must keep to.
  public var conditions: String?

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

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.time("from", &from)
    try visitor.items("items", &items)
    try visitor.unsigned("limit", &limit, in: Bounds.ordinal)
    try visitor.time("until", &until)
    try visitor.purpose("purpose", &purpose)
    try visitor.id("request", &request)
    try visitor.text("conditions", &conditions, Bounds.prose, .prose)
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    guard from < until else { throw Refusal(.malformed, "grant: its time ends before it begins") }
  }
}
