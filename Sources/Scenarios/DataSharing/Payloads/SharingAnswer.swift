public import Ledger
public import LedgerCrypto

/// The provider's answer to an objection (校核反馈), which closes it.
///
/// ```cddl
/// answer = {
///   ? entry: id,                      ; searched; what the objection is about: this, or
///   reply: tstr .size (1..2000),      ; searched
///   outcome: "upheld" / "rejected",
///   ? request: id,                    ; searched; this
///   ? corrected: 1..1000000000,       ; where upheld: the later delivery, or the later version of the entry
///   objection: bstr .size 32,         ; the statement id of the objection
/// }
/// ```
///
/// `sub` is the entry or the request.
public struct SharingAnswer: SharingPayload {
  /// What the objection is about.
  public enum Subject: Hashable, Sendable {
    /// A request's delivery.
    case request(String)
    /// A catalogue entry.
    case entry(String)

    /// None, which no map can name.
    static let unknown = Subject.entry("")

    init(_ fields: SharingTarget.Fields) {
      self =
        switch (fields.entry, fields.request) {
        case (let entry?, nil): .entry(entry)
        case (nil, let request?): .request(request)
        default: .unknown
        }
    }

    var fields: SharingTarget.Fields {
      switch self {
      case .unknown: SharingTarget.Fields()
      case .entry(let entry): SharingTarget.Fields(entry: entry)
      case .request(let request): SharingTarget.Fields(request: request)
      }
    }
  }

  /// The statement id of the objection.
  public var objection = Digest.zero
  /// What it is about.
  public var about = Subject.unknown
  /// What the provider found.
  public var outcome: SharingOutcome = .rejected
  /// In words.
  public var reply = ""
  /// The delivery of the same request, or version of the same entry, that has it right.
  public var corrected: UInt64?

  public init(
    to objection: Digest, about: Subject, outcome: SharingOutcome, reply: String, corrected: UInt64? = nil
  ) {
    (self.objection, self.about, self.outcome) = (objection, about, outcome)
    (self.reply, self.corrected) = (reply, corrected)
  }

  /// `answer`.
  public static let kind = SharingKind.answer
  /// The request or the entry.
  public var subject: String {
    switch about {
    case .request(let request): request
    case .entry(let entry): entry
    }
  }

  /// Messages about personal data in the subject call it `sub`.
  public static func name(ofText key: String) -> String { key == "reply" ? key : "sub" }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    var about = about.fields
    try visitor.id("entry", &about.entry)
    try visitor.text("reply", &reply, Bounds.prose, .prose)
    try visitor.word("outcome", &outcome)
    try visitor.id("request", &about.request)
    try visitor.unsigned("corrected", &corrected, in: Bounds.ordinal)
    try visitor.digest("objection", &objection)
    if V.setsFields { self.about = Subject(about) }
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    guard !subject.isEmpty else {
      throw Refusal(.malformed, "answer: it names either an entry or a request")
    }
    guard corrected == nil || outcome == .upheld else {
      throw Refusal(.malformed, "answer: what was rejected has no correction")
    }
  }
}
