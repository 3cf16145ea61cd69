public import Ledger

/// A use of delivered data, logged by the demander.
///
/// ```cddl
/// use = {
///   purpose: purpose,                 ; searched; the purpose of the delivery, or one within it
///   request: id,                      ; searched
///   delivery: 1..1000000000,
///   reference: tstr .size (1..200),   ; searched; the case or batch that used them (业务编号), never a person's number
/// }
/// ```
///
/// `sub` is the request.
public struct SharingUse: SharingPayload {
  /// The request.
  public let request: String
  /// The delivery's number.
  public let delivery: UInt64
  /// What the data are used for.
  public let purpose: String
  /// The piece of work that used them.
  public let reference: String

  /// A use.
  public init(request: String, delivery: UInt64, purpose: String, reference: String) {
    (self.request, self.delivery, self.purpose, self.reference) = (request, delivery, purpose, reference)
  }

  /// `use`.
  public static let kind = SharingKind.use
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request), ("purpose", purpose), ("reference", reference)]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "use")
    purpose = try fields.purpose("purpose")
    request = try fields.id("request")
    delivery = try fields.unsigned("delivery", in: Bounds.ordinal)
    reference = try fields.text("reference", Bounds.reference, .line)
    try fields.finish()
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("purpose", purpose)
    fields.text("request", request)
    fields.unsigned("delivery", delivery)
    fields.text("reference", reference)
    return fields.bytes
  }
}
