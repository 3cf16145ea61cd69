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
    public var order = ""
    /// Why.
    public var reason: String?
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    public init(order: String, reason: String? = nil, occurred: UInt64? = nil) {
      (self.order, self.reason, self.occurred) = (order, reason, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("order", &order, Bounds.reference, .searchedLine)
      try visitor.text("reason", &reason, Bounds.prose, .searchedProse)
      try visitor.time("occurred", &occurred)
    }
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
    public var order = ""
    /// Why; the reference of the later order.
    public var reason: String?
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// The end of a hold.
    public init(order: String, reason: String? = nil, occurred: UInt64? = nil) {
      (self.order, self.reason, self.occurred) = (order, reason, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("order", &order, Bounds.reference, .searchedLine)
      try visitor.text("reason", &reason, Bounds.prose, .searchedProse)
      try visitor.time("occurred", &occurred)
    }
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
    public var order = ""
    /// What becomes of it.
    public var outcome: Outcome = .released
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A release; `previous` is required.
    public init(order: String, outcome: Outcome, previous: Digest, occurred: UInt64? = nil) {
      (self.order, self.outcome, self.previous, self.occurred) = (order, outcome, previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("order", &order, Bounds.reference, .searchedLine)
      try visitor.word("outcome", &outcome)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
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
    public var reason = ""
    /// What becomes of it.
    public var outcome: Outcome = .sealed
    /// The number of a new seal.
    public var seal: String?
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
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

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("seal", &seal, Bounds.seal, .searchedLine)
      try visitor.text("reason", &reason, Bounds.prose, .searchedProse)
      try visitor.word("outcome", &outcome)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
    }

    /// Throws `malformed`.
    public func check() throws(Refusal) {
      guard seal == nil || outcome == .sealed else {
        throw Refusal(.malformed, "resolve: an item that is disposed of gets no new seal")
      }
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
    public var statement = Digest.zero
    /// What is wrong, and what is right.
    public var what = ""
    /// How that came about.
    public var why = ""
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    public init(statement: Digest, what: String, why: String, occurred: UInt64? = nil) {
      (self.statement, self.what, self.why, self.occurred) = (statement, what, why, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("why", &why, Bounds.prose, .searchedProse)
      try visitor.text("what", &what, Bounds.prose, .searchedProse)
      try visitor.time("occurred", &occurred)
      try visitor.digest("statement", &statement)
    }
  }
}
