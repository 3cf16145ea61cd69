public import Ledger

/// What an objection, and the answer to it, is about.
public enum SharingTarget: Hashable, Sendable {
  /// A delivery of a request.
  case delivery(request: String, UInt64)
  /// A version of a catalogue entry.
  case entry(String, version: UInt64)

  /// What names it in a map: an entry and its version, or a request and its delivery.
  struct Fields {
    var entry, request: String?
    var version, delivery: UInt64?
  }

  /// None, which no map can name.
  static let unknown = SharingTarget.entry("", version: 0)

  /// Whether it is one.
  var isKnown: Bool { self != .unknown }

  /// The one that these fields name; `unknown` unless they are those of one of the two.
  init(_ fields: Fields) {
    self =
      switch (fields.entry, fields.version, fields.request, fields.delivery) {
      case (let entry?, let version?, nil, nil): .entry(entry, version: version)
      case (nil, nil, let request?, let delivery?): .delivery(request: request, delivery)
      default: .unknown
      }
  }

  var fields: Fields {
    switch self {
    case .unknown: Fields()
    case .entry(let entry, let version): Fields(entry: entry, version: version)
    case .delivery(let request, let delivery): Fields(request: request, delivery: delivery)
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
  public var target = SharingTarget.unknown
  /// What is wrong.
  public var fault: SharingFault = .inaccurate
  /// More about it.
  public var detail: String?

  public init(to target: SharingTarget, fault: SharingFault, detail: String? = nil) {
    (self.target, self.fault, self.detail) = (target, fault, detail)
  }

  /// `object`.
  public static let kind = SharingKind.object
  /// The request or the entry.
  public var subject: String { target.subject }

  /// Messages about personal data in the subject call it `sub`.
  public static func name(ofText key: String) -> String { key == "detail" ? key : "sub" }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    var about = target.fields
    try visitor.id("entry", &about.entry)
    try visitor.word("fault", &fault)
    try visitor.text("detail", &detail, Bounds.prose, .prose)
    try visitor.id("request", &about.request)
    try visitor.unsigned("version", &about.version, in: Bounds.ordinal)
    try visitor.unsigned("delivery", &about.delivery, in: Bounds.ordinal)
    if V.setsFields { target = SharingTarget(about) }
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    guard target.isKnown else {
      throw Refusal(
        .malformed, "object: it names either an entry and its version or a request and its delivery")
    }
  }
}
