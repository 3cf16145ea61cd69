public import Ledger

/// The destruction of one side's copy of delivered data, salt and all. From then on its vault's item is *erased*, and not
/// *tampered*, and nobody can guess at the data through the commitment with what that vault held.
///
/// ```cddl
/// erase = {
///   ? reason: tstr .size (1..2000),   ; searched; without it the statement is refused, as missing-reason
///   request: id,                      ; searched
///   delivery: 1..1000000000,
/// }
/// ```
///
/// `sub` is the request.
public struct SharingErase: SharingPayload {
  /// The request.
  public let request: String
  /// The delivery's number.
  public let delivery: UInt64
  /// Why; nil gets it refused.
  public let reason: String?

  /// An erasure.
  public init(request: String, delivery: UInt64, reason: String?) {
    (self.request, self.delivery, self.reason) = (request, delivery, reason)
  }

  /// `erase`.
  public static let kind = SharingKind.erase
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request), ("reason", reason ?? "")]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "erase")
    reason = try fields.optionalText("reason", Bounds.prose, .prose)
    request = try fields.id("request")
    delivery = try fields.unsigned("delivery", in: Bounds.ordinal)
    try fields.finish()
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("reason", reason)
    fields.text("request", request)
    fields.unsigned("delivery", delivery)
    return fields.bytes
  }
}
