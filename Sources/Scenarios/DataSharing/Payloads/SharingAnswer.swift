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
  }

  /// The statement id of the objection.
  public let objection: Digest
  /// What it is about.
  public let about: Subject
  /// What the provider found.
  public let outcome: SharingOutcome
  /// In words.
  public let reply: String
  /// The delivery of the same request, or version of the same entry, that has it right.
  public let corrected: UInt64?

  /// An answer.
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
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("sub", subject), ("reply", reply)]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "answer")
    let entry = try fields.optionalID("entry")
    reply = try fields.text("reply", Bounds.prose, .prose)
    outcome = try fields.word("outcome")
    let request = try fields.optionalID("request")
    corrected = try fields.optionalUnsigned("corrected", in: Bounds.ordinal)
    objection = try fields.digest("objection")
    try fields.finish()
    switch (entry, request) {
    case (let entry?, nil): about = .entry(entry)
    case (nil, let request?): about = .request(request)
    default: throw Refusal(.malformed, "answer: it names either an entry or a request")
    }
    guard corrected == nil || outcome == .upheld else {
      throw Refusal(.malformed, "answer: what was rejected has no correction")
    }
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    if case .entry(let entry) = about { fields.text("entry", entry) }
    fields.text("reply", reply)
    fields.text("outcome", outcome.rawValue)
    if case .request(let request) = about { fields.text("request", request) }
    fields.unsigned("corrected", corrected)
    fields.digest("objection", objection)
    return fields.bytes
  }
}
