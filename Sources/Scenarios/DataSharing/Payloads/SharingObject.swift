public import Ledger

/// What an objection, and the answer to it, is about.
public enum SharingTarget: Hashable, Sendable {
  /// A delivery of a request.
  case delivery(request: String, UInt64)
  /// A version of a catalogue entry.
  case entry(String, version: UInt64)

  /// The one that these fields name; nil unless they are those of one of the two.
  init?(_ entry: String?, _ version: UInt64?, _ request: String?, _ delivery: UInt64?) {
    switch (entry, version, request, delivery) {
    case (let entry?, let version?, nil, nil): self = .entry(entry, version: version)
    case (nil, nil, let request?, let delivery?): self = .delivery(request: request, delivery)
    default: return nil
    }
  }

  /// The claim `sub` of whatever is said about it.
  public var subject: String {
    switch self {
    case .delivery(let request, _): request
    case .entry(let entry, _): entry
    }
  }
}

/// An objection to data or to an entry (校核申请): what a demander found wrong.
///
/// ```cddl
/// object = {
///   ? entry: id,                      ; searched; with version, or
///   fault: "inaccurate" / "incomplete" / "outdated" / "inconsistent" / "unusable",
///   ? detail: tstr .size (1..2000),   ; searched; which record is named by a business number, never a person's
///   ? request: id,                    ; searched; with delivery
///   ? version: 1..1000000000,
///   ? delivery: 1..1000000000,
/// }
/// ```
///
/// Either `entry` and `version` or `request` and `delivery`; `sub` is the entry or the request. Its statement id names the
/// objection from then on.
public struct SharingObject: SharingPayload {
  /// What it is about.
  public let target: SharingTarget
  /// What is wrong.
  public let fault: SharingFault
  /// More about it.
  public let detail: String?

  /// An objection.
  public init(to target: SharingTarget, fault: SharingFault, detail: String? = nil) {
    (self.target, self.fault, self.detail) = (target, fault, detail)
  }

  /// `object`.
  public static let kind = SharingKind.object
  /// The request or the entry.
  public var subject: String { target.subject }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("sub", subject), ("detail", detail ?? "")]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    let entry, request: String?
    let version, delivery: UInt64?
    var fields = try PayloadReader(payload, of: "object")
    entry = try fields.optionalID("entry")
    fault = try fields.word("fault")
    detail = try fields.optionalText("detail", Bounds.prose, .prose)
    request = try fields.optionalID("request")
    version = try fields.optionalUnsigned("version", in: Bounds.ordinal)
    delivery = try fields.optionalUnsigned("delivery", in: Bounds.ordinal)
    try fields.finish()
    guard let target = SharingTarget(entry, version, request, delivery) else {
      throw Refusal(
        .malformed, "object: it names either an entry and its version or a request and its delivery")
    }
    self.target = target
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    switch target {
    case .entry(let entry, let version):
      fields.text("entry", entry)
      fields.text("fault", fault.rawValue)
      fields.text("detail", detail)
      fields.unsigned("version", version)
    case .delivery(let request, let delivery):
      fields.text("fault", fault.rawValue)
      fields.text("detail", detail)
      fields.text("request", request)
      fields.unsigned("delivery", delivery)
    }
    return fields.bytes
  }
}
