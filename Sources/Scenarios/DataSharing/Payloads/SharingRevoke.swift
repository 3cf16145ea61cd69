public import Ledger

/// The end of a grant before its time (撤销授权).
///
/// ```cddl
/// revoke = {
///   ? basis: tstr .size (1..2000),    ; searched; without it the statement is refused, as missing-basis
///   request: id,                      ; searched
///   ? effective: second,              ; absent, or past, for at once
/// }
/// ```
///
/// `sub` is the request.
public struct SharingRevoke: SharingPayload {
  /// The request whose grant ends.
  public let request: String
  /// By which law or decision; nil gets it refused.
  public let basis: String?
  /// From when there is no grant any more, in s since the epoch; nil for at once. It never reaches back: what was done
  /// before the block was done under a grant.
  public let effective: UInt64?

  /// A revocation.
  public init(request: String, basis: String?, effective: UInt64? = nil) {
    (self.request, self.basis, self.effective) = (request, basis, effective)
  }

  /// `revoke`.
  public static let kind = SharingKind.revoke
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request), ("basis", basis ?? "")]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "revoke")
    basis = try fields.optionalText("basis", Bounds.prose, .prose)
    request = try fields.id("request")
    effective = try fields.optionalTime("effective")
    try fields.finish()
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("basis", basis)
    fields.text("request", request)
    fields.unsigned("effective", effective)
    return fields.bytes
  }
}
