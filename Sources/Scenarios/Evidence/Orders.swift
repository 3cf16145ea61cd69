public import Ledger
public import LedgerCrypto

extension Evidence {
  /// `evidence.hold`: a court orders that the item be kept.
  ///
  /// ```cddl
  /// hold = { order: line<128>, ? reason: prose<1024>, common } ; order, reason: searched
  /// ```
  public struct Hold: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .hold }
    /// The order's reference.
    public var order: String
    /// Why.
    public var reason: String?
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// A hold.
    public init(order: String, reason: String? = nil, occurred: UInt64? = nil) {
      (self.order, self.reason, self.occurred) = (order, reason, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      (order, reason, occurred) = try Evidence.readOrder(payload, of: "hold")
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] { Evidence.writeOrder(order, reason, occurred) }
  }

  /// `evidence.lift`: a court lifts a hold, named by its order.
  ///
  /// ```cddl
  /// lift = { order: line<128>, ? reason: prose<1024>, common } ; order, reason: searched
  /// ```
  public struct Lift: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .lift }
    /// The reference of the order that is lifted.
    public var order: String
    /// Why; the reference of the later order.
    public var reason: String?
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// The end of a hold.
    public init(order: String, reason: String? = nil, occurred: UInt64? = nil) {
      (self.order, self.reason, self.occurred) = (order, reason, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      (order, reason, occurred) = try Evidence.readOrder(payload, of: "lift")
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] { Evidence.writeOrder(order, reason, occurred) }
  }

  private static func readOrder(
    _ payload: [UInt8], of name: String
  ) throws(Refusal) -> (order: String, reason: String?, occurred: UInt64?) {
    var reader = try PayloadReader(payload, of: name)
    let order = try reader.text("order", Bounds.reference, .searchedLine)
    let reason = try reader.optionalText("reason", Bounds.prose, .searchedProse)
    let occurred = try reader.optionalTime("occurred")
    try reader.finish()
    return (order, reason, occurred)
  }

  private static func writeOrder(_ order: String, _ reason: String?, _ occurred: UInt64?) -> [UInt8] {
    var writer = PayloadWriter()
    writer.text("order", order)
    writer.text("reason", reason)
    writer.unsigned("occurred", occurred)
    return writer.bytes
  }

  /// `evidence.release`: the item leaves custody for good, once a court has countersigned.
  ///
  /// ```cddl
  /// release = { order: line<128>, outcome: "released" / "disposed", link } ; order: searched
  /// ```
  public struct Release: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .release }

    /// What becomes of the item.
    public enum Outcome: String, CaseIterable, Sendable {
      /// Given back.
      case released
      /// Destroyed.
      case disposed
    }

    /// The order's reference.
    public var order: String
    /// What becomes of it.
    public var outcome: Outcome
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A release; `previous` is required.
    public init(order: String, outcome: Outcome, previous: Digest, occurred: UInt64? = nil) {
      (self.order, self.outcome, self.previous, self.occurred) = (order, outcome, previous, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "release")
      order = try reader.text("order", Bounds.reference, .searchedLine)
      outcome = try reader.word("outcome", Outcome.self)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("order", order)
      writer.text("outcome", outcome.rawValue)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      return writer.bytes
    }
  }

  /// `evidence.resolve`: a dispute is settled, once a supervisor has countersigned.
  ///
  /// ```cddl
  /// resolve = { ? seal: line<64>, reason: prose<1024>, outcome: "sealed" / "disposed", link } ; seal, reason: searched
  /// ```
  ///
  /// Without a `seal` the item stays under the one that it has.
  public struct Resolve: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .resolve }

    /// What becomes of the item.
    public enum Outcome: String, CaseIterable, Sendable {
      /// It is kept on, under seal.
      case sealed
      /// Destroyed.
      case disposed
    }

    /// Why it was disputed, and what was found.
    public var reason: String
    /// What becomes of it.
    public var outcome: Outcome
    /// The number of a new seal.
    public var seal: String?
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A resolution; `previous` is required.
    public init(
      reason: String, outcome: Outcome, seal: String? = nil, previous: Digest, occurred: UInt64? = nil
    ) {
      (self.reason, self.outcome, self.seal) = (reason, outcome, seal)
      (self.previous, self.occurred) = (previous, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "resolve")
      seal = try reader.optionalText("seal", Bounds.seal, .searchedLine)
      reason = try reader.text("reason", Bounds.prose, .searchedProse)
      outcome = try reader.word("outcome", Outcome.self)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      try reader.finish()
      guard seal == nil || outcome == .sealed else {
        throw Refusal(.malformed, "resolve: an item that is disposed of gets no new seal")
      }
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("seal", seal)
      writer.text("reason", reason)
      writer.text("outcome", outcome.rawValue)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      return writer.bytes
    }
  }

  /// `evidence.correct`: the issuer of a statement about the item says what in it is wrong. Nothing changes; it is shown beside
  /// the original.
  ///
  /// ```cddl
  /// correct = { why: prose<1024>, what: prose<1024>, common, statement: digest } ; why, what: searched
  /// ```
  public struct Correct: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .correct }
    /// The id of the statement that is corrected; a correction may be one.
    public var statement: Digest
    /// What is wrong, and what is right.
    public var what: String
    /// How that came about.
    public var why: String
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// A correction.
    public init(statement: Digest, what: String, why: String, occurred: UInt64? = nil) {
      (self.statement, self.what, self.why, self.occurred) = (statement, what, why, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "correct")
      why = try reader.text("why", Bounds.prose, .searchedProse)
      what = try reader.text("what", Bounds.prose, .searchedProse)
      occurred = try reader.optionalTime("occurred")
      statement = try reader.digest("statement")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("why", why)
      writer.text("what", what)
      writer.unsigned("occurred", occurred)
      writer.digest("statement", statement)
      return writer.bytes
    }
  }
}
