public import Ledger

/// A refusal of a request (不同意共享), with its reason.
///
/// ```cddl
/// refuse = {
///   ? basis: tstr .size (1..2000),    ; searched; required where the data are shared unconditionally
///   ? reason: tstr .size (1..2000),   ; searched; without it the statement is refused, as missing-reason
///   request: id,                      ; searched
/// }
/// ```
///
/// `sub` is the request.
public struct SharingRefuse: SharingPayload {
  /// The request that it answers.
  public let request: String
  /// Why; nil gets it refused.
  public let reason: String?
  /// By which law.
  public let basis: String?

  /// A refusal.
  public init(request: String, reason: String?, basis: String? = nil) {
    (self.request, self.reason, self.basis) = (request, reason, basis)
  }

  /// `refuse`.
  public static let kind = SharingKind.refuse
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request), ("reason", reason ?? ""), ("basis", basis ?? "")]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "refuse")
    basis = try fields.optionalText("basis", Bounds.prose, .prose)
    reason = try fields.optionalText("reason", Bounds.prose, .prose)
    request = try fields.id("request")
    try fields.finish()
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("basis", basis)
    fields.text("reason", reason)
    fields.text("request", request)
    return fields.bytes
  }
}
