public import Ledger
public import LedgerCrypto
import TransparencyLog

extension Evidence {
  /// Where an item is in its life.
  public enum State: String, CaseIterable, Sendable {
    /// Deposited, not sealed yet.
    case deposited
    /// Under seal with its custodian.
    case sealed
    /// Offered; the receiver has not answered yet.
    case inTransit = "in-transit"
    /// With an examiner, its seal open.
    case examining
    /// Declined, or found with another digest or seal than its own.
    case disputed
    /// Given back. Terminal.
    case released
    /// Destroyed. Terminal.
    case disposed

    /// Whether nothing but corrections comes after it.
    public var isTerminal: Bool { self == .released || self == .disposed }
  }

  /// What the ledger knows of an item after the last statement about it: the value at `evidence/item/<item>`.
  ///
  /// ```cddl
  /// item = {
  ///   case: tstr, last: digest, ? seal: tstr, size: uint,
  ///   holds: uint,                  ; orders in force
  ///   since: uint,                  ; ms since the epoch: the time of the block of the last custody entry
  ///   state: tstr,
  ///   ? orders: [* { court: id, order: tstr, statement: digest }],
  ///   deposit: digest, digests: digests, ? dispute: tstr, entries: uint, ? pending: digest,
  ///   ? manifest: { root: digest, bytes: uint, files: uint }, ? receiver: id,
  ///   custodian: id, depositor: id
  /// }
  /// ```
  public struct Item: Hashable, StateValue, FieldList {
    /// As errors name it.
    public static let name = "item"

    /// An order by which the item must be kept.
    public struct Order: Hashable, FieldList {
      /// As errors name it.
      public static let name = "order"

      /// Its reference.
      public internal(set) var order = ""
      /// The court that issued it.
      public internal(set) var court = ""
      /// The id of the `hold`.
      public internal(set) var statement = Digest.zero

      init(order: String, court: String, statement: Digest) {
        (self.order, self.court, self.statement) = (order, court, statement)
      }

      public init() {}

      public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
        try visitor.member("court", &court)
        try visitor.text("order", &order, Bounds.reference, .plain)
        try visitor.digest("statement", &statement)
      }
    }

    /// The case that it belongs to.
    public internal(set) var caseReference = ""
    /// The SHA-256 digest, and others; the set only grows.
    public internal(set) var digests = Digests()
    /// The bytes of the file that the digests are of.
    public internal(set) var size: UInt64 = 0
    /// The directory, where that file is a manifest.
    public internal(set) var manifest: Deposit.Manifest?
    /// The member that deposited it.
    public internal(set) var depositor = ""
    /// The id of the deposit.
    public internal(set) var deposit = Digest.zero

    /// Where it is in its life.
    public internal(set) var state: State = .deposited
    /// The custodian; of a terminal item, the last one.
    public internal(set) var custodian = ""
    /// To whom it is offered; only while it is in transit.
    public internal(set) var receiver: String?
    /// The number of its seal; also while it is examined, the one that was opened.
    public internal(set) var seal: String?
    /// Why it is disputed: `declined`, `digest`, `seal` or `digest and seal`.
    public internal(set) var dispute: String?
    /// The orders by which it must be kept.
    public internal(set) var orders: [Order] = []
    /// The id of the statement that waits for a countersignature.
    public internal(set) var pending: Digest?
    /// The id of the last custody entry.
    public internal(set) var last = Digest.zero
    /// How many custody entries there are.
    public internal(set) var entries: UInt64 = 0
    /// When the last custody entry came into force, in ms since the epoch: the time of its block.
    public internal(set) var since: UInt64 = 0

    /// How many orders it was said to have, where it has another number.
    private var miscounted: UInt64?

    /// The most orders that may be in force at a time.
    public static let maximumOrderCount = 16

    /// Where the state of `item` is kept.
    public static func key(_ item: String) -> StateKey { StateKey("evidence", "item", item) }

    /// Whether it is this seal that it bears.
    func isSealed(with number: String) -> Bool { seal.map { $0.hasSameBytes(as: number) } ?? false }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("case", &caseReference, Bounds.caseReference, .plain)
      try visitor.digest("last", &last)
      try visitor.text("seal", &seal, Bounds.seal, .plain)
      try visitor.unsigned("size", &size)
      var holds = UInt64(orders.count)
      try visitor.unsigned("holds", &holds, in: 0...UInt64(Item.maximumOrderCount))
      try visitor.unsigned("since", &since)
      try visitor.word("state", &state)
      try visitor.maps("orders", &orders, most: Item.maximumOrderCount)
      try visitor.digest("deposit", &deposit)
      try visitor.digests(&digests)
      try visitor.text("dispute", &dispute, 1...32, .plain)
      try visitor.unsigned("entries", &entries, in: 1...UInt64.max)
      try visitor.digest("pending", &pending, .optional)
      try visitor.map("manifest", &manifest)
      try visitor.member("receiver", &receiver)
      try visitor.member("custodian", &custodian)
      try visitor.member("depositor", &depositor)
      if V.setsFields, holds != UInt64(orders.count) { miscounted = holds }
    }

    /// Throws `malformed`.
    public func check() throws(Refusal) {
      guard let miscounted else { return }
      throw Refusal(.malformed, "item: \(miscounted) holds, and \(orders.count) orders")
    }
  }

  /// The issuer, the kind and the item of a statement: the value at `evidence/record/<statement id>`, by which a correction is judged.
  ///
  /// ```cddl
  /// record = { item: tstr, issuer: id }
  /// ```
  public struct Record: Hashable, StateValue, FieldList {
    /// As errors name it.
    public static let name = "record"

    /// The item that the statement is about.
    public internal(set) var item = ""
    /// The member that issued it.
    public internal(set) var issuer = ""

    /// Where the record of `statement` is kept.
    public static func key(_ statement: Digest) -> StateKey { StateKey("evidence", "record", statement.hex) }

    init(item: String, issuer: String) { (self.item, self.issuer) = (item, issuer) }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("item", &item, Evidence.itemByteCount, .plain)
      try visitor.member("issuer", &issuer)
    }
  }

  /// The first use of a seal's number: the value at `evidence/seal/<number>`.
  ///
  /// ```cddl
  /// seal = { item: tstr }
  /// ```
  public struct SealUse: Hashable, StateValue, FieldList {
    /// As errors name it.
    public static let name = "seal use"

    /// The item that it was put on.
    public internal(set) var item = ""

    /// Where the use of `seal` is kept.
    public static func key(_ seal: String) -> StateKey { StateKey("evidence", "seal", seal) }

    init(item: String) { self.item = item }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("item", &item, Evidence.itemByteCount, .plain)
    }
  }

  /// A `resolve` or `release` that needs a second signature: the value at `evidence/pending/<statement id>`.
  ///
  /// ```cddl
  /// pending = { item: tstr, kind: "release" / "resolve", ? seal: tstr, state: "waiting" / "completed" / "void",
  ///             waits: "court" / "supervisor", issuer: id, outcome: tstr, previous: digest }
  /// ```
  ///
  /// It is void when anything else has come into the item's custody chain, or the custodian has issued another.
  public struct Pending: Hashable, StateValue, FieldList {
    /// As errors name it.
    public static let name = "pending"

    /// What has become of it.
    public enum State: String, CaseIterable, Sendable {
      /// It waits for its countersignature.
      case waiting
      /// It was countersigned.
      case completed
      /// It was overtaken.
      case void
    }

    /// The item.
    public internal(set) var item = ""
    /// `release` or `resolve`.
    public internal(set) var kind: EvidenceKind = .release
    /// The member that issued it.
    public internal(set) var issuer = ""
    /// The role that must countersign.
    public internal(set) var waits: EvidenceRole = .court
    /// What becomes of the item.
    public internal(set) var outcome: Evidence.State = .released
    /// The number of a new seal.
    public internal(set) var seal: String?
    /// The id of the custody entry that it follows.
    public internal(set) var previous = Digest.zero
    /// What has become of it.
    public internal(set) var state: State = .waiting

    /// Where the pending `statement` is kept.
    public static func key(_ statement: Digest) -> StateKey { StateKey("evidence", "pending", statement.hex) }

    init(
      item: String, kind: EvidenceKind, issuer: String, waits: EvidenceRole, outcome: Evidence.State,
      seal: String?, previous: Digest
    ) {
      (self.item, self.kind, self.issuer, self.waits) = (item, kind, issuer, waits)
      (self.outcome, self.seal, self.previous, state) = (outcome, seal, previous, .waiting)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("item", &item, Evidence.itemByteCount, .plain)
      try visitor.word("kind", &kind)
      try visitor.text("seal", &seal, Bounds.seal, .plain)
      try visitor.word("state", &state)
      try visitor.word("waits", &waits)
      try visitor.member("issuer", &issuer)
      try visitor.word("outcome", &outcome)
      try visitor.digest("previous", &previous)
    }
  }
}
