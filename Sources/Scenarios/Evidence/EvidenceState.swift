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
  public struct Item: Hashable, StateValue {
    /// An order by which the item must be kept.
    public struct Order: Hashable, Sendable {
      /// Its reference.
      public let order: String
      /// The court that issued it.
      public let court: String
      /// The id of the `hold`.
      public let statement: Digest
    }

    /// The case that it belongs to.
    public let caseReference: String
    /// The SHA-256 digest, and others; the set only grows.
    public internal(set) var digests: Digests
    /// The bytes of the file that the digests are of.
    public let size: UInt64
    /// The directory, where that file is a manifest.
    public let manifest: Deposit.Manifest?
    /// Who deposited it.
    public let depositor: String
    /// The id of the deposit.
    public let deposit: Digest

    /// Where it is in its life.
    public internal(set) var state: State
    /// Who holds it; of a terminal item, who held it last.
    public internal(set) var custodian: String
    /// To whom it is offered; only while it is in transit.
    public internal(set) var receiver: String?
    /// The number of its seal; also while it is examined, the one that was opened.
    public internal(set) var seal: String?
    /// Why it is disputed: `declined`, `digest`, `seal` or `digest and seal`.
    public internal(set) var dispute: String?
    /// The orders by which it must be kept.
    public internal(set) var orders: [Order]
    /// The id of the statement that waits for a countersignature.
    public internal(set) var pending: Digest?
    /// The id of the last custody entry.
    public internal(set) var last: Digest
    /// How many custody entries there are.
    public internal(set) var entries: UInt64
    /// When the last custody entry came into force, in ms since the epoch: the time of its block.
    public internal(set) var since: UInt64

    /// The most orders that may be in force at a time.
    public static let maximumOrderCount = 16

    /// Where the state of `item` is kept.
    public static func key(_ item: String) -> StateKey { StateKey("evidence", "item", item) }

    /// Whether it is this seal that it bears.
    func isSealed(with number: String) -> Bool { seal.map { $0.hasSameBytes(as: number) } ?? false }

    init(_ deposit: Deposit, by statement: JudgedStatement) {
      (caseReference, digests, size) = (deposit.caseReference, deposit.digests, deposit.size)
      (manifest, seal) = (deposit.manifest, deposit.seal)
      (depositor, custodian, state) = (statement.issuer.id, statement.issuer.id, .deposited)
      (self.deposit, last, entries, since) = (statement.id, statement.id, 1, statement.blockTime)
      (receiver, dispute, pending, orders) = (nil, nil, nil, [])
    }

    /// Decodes a stored value.
    ///
    /// - Throws: `malformed` for what no rules have written.
    public init(decoding value: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(value, of: "item")
      caseReference = try reader.text("case", Bounds.caseReference, .plain)
      last = try reader.digest("last")
      seal = try reader.optionalText("seal", Bounds.seal, .plain)
      size = try reader.unsigned("size")
      let holds = try reader.unsigned("holds", in: 0...UInt64(Item.maximumOrderCount))
      since = try reader.unsigned("since")
      state = try reader.word("state", State.self)
      orders = try reader.maps("orders", most: Item.maximumOrderCount) {
        (map: inout PayloadReader) throws(Refusal) -> Order in
        let (court, order) = (try map.member("court"), try map.text("order", Bounds.reference, .plain))
        return Order(order: order, court: court, statement: try map.digest("statement"))
      }
      deposit = try reader.digest("deposit")
      digests = try Digests("digests", from: &reader)
      dispute = try reader.optionalText("dispute", 1...32, .plain)
      entries = try reader.unsigned("entries", in: 1...UInt64.max)
      pending = try reader.optionalDigest("pending")
      manifest = try reader.optionalMap("manifest") {
        (map: inout PayloadReader) throws(Refusal) -> Deposit.Manifest in try Deposit.Manifest(&map)
      }
      receiver = try reader.optionalMember("receiver")
      custodian = try reader.member("custodian")
      depositor = try reader.member("depositor")
      try reader.finish()
      guard holds == UInt64(orders.count) else {
        throw Refusal(.malformed, "item: \(holds) holds, and \(orders.count) orders")
      }
    }

    /// The value that is stored.
    public var encoded: [UInt8] {
      var writer = PayloadWriter(capacity: 512)
      writer.text("case", caseReference)
      writer.digest("last", last)
      writer.text("seal", seal)
      writer.unsigned("size", size)
      writer.unsigned("holds", UInt64(orders.count))
      writer.unsigned("since", since)
      writer.text("state", state.rawValue)
      writer.maps("orders", orders) { map, order in
        map.text("court", order.court)
        map.text("order", order.order)
        map.digest("statement", order.statement)
      }
      writer.digest("deposit", deposit)
      digests.write("digests", to: &writer)
      writer.text("dispute", dispute)
      writer.unsigned("entries", entries)
      writer.digest("pending", pending)
      if let manifest { writer.map("manifest") { manifest.write(to: &$0) } }
      writer.text("receiver", receiver)
      writer.text("custodian", custodian)
      writer.text("depositor", depositor)
      return writer.bytes
    }
  }

  /// Who has said what about which item: the value at `evidence/record/<statement id>`, by which a correction is judged.
  ///
  /// ```cddl
  /// record = { item: tstr, issuer: id }
  /// ```
  public struct Record: Hashable, StateValue {
    /// The item that the statement is about.
    public let item: String
    /// Who issued it.
    public let issuer: String

    /// Where the record of `statement` is kept.
    public static func key(_ statement: Digest) -> StateKey { StateKey("evidence", "record", statement.hex) }

    init(item: String, issuer: String) { (self.item, self.issuer) = (item, issuer) }

    /// Decodes a stored value.
    ///
    /// - Throws: `malformed` for what no rules have written.
    public init(decoding value: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(value, of: "record")
      item = try reader.text("item", Evidence.itemByteCount, .plain)
      issuer = try reader.member("issuer")
      try reader.finish()
    }

    /// The value that is stored.
    public var encoded: [UInt8] {
      var writer = PayloadWriter(capacity: 96)
      writer.text("item", item)
      writer.text("issuer", issuer)
      return writer.bytes
    }
  }

  /// The first use of a seal's number: the value at `evidence/seal/<number>`.
  ///
  /// ```cddl
  /// seal = { item: tstr }
  /// ```
  public struct SealUse: Hashable, StateValue {
    /// The item that it was put on.
    public let item: String

    /// Where the use of `seal` is kept.
    public static func key(_ seal: String) -> StateKey { StateKey("evidence", "seal", seal) }

    init(item: String) { self.item = item }

    /// Decodes a stored value.
    ///
    /// - Throws: `malformed` for what no rules have written.
    public init(decoding value: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(value, of: "seal use")
      item = try reader.text("item", Evidence.itemByteCount, .plain)
      try reader.finish()
    }

    /// The value that is stored.
    public var encoded: [UInt8] {
      var writer = PayloadWriter(capacity: 96)
      writer.text("item", item)
      return writer.bytes
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
  public struct Pending: Hashable, StateValue {
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
    public let item: String
    /// `release` or `resolve`.
    public let kind: EvidenceKind
    /// Who issued it.
    public let issuer: String
    /// The role that must countersign.
    public let waits: EvidenceRole
    /// What becomes of the item.
    public let outcome: Evidence.State
    /// The number of a new seal.
    public let seal: String?
    /// The id of the custody entry that it follows.
    public let previous: Digest
    /// What has become of it.
    public internal(set) var state: State

    /// Where the pending `statement` is kept.
    public static func key(_ statement: Digest) -> StateKey { StateKey("evidence", "pending", statement.hex) }

    init(
      item: String, kind: EvidenceKind, issuer: String, waits: EvidenceRole, outcome: Evidence.State,
      seal: String?, previous: Digest
    ) {
      (self.item, self.kind, self.issuer, self.waits) = (item, kind, issuer, waits)
      (self.outcome, self.seal, self.previous, state) = (outcome, seal, previous, .waiting)
    }

    /// Decodes a stored value.
    ///
    /// - Throws: `malformed` for what no rules have written.
    public init(decoding value: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(value, of: "pending")
      item = try reader.text("item", Evidence.itemByteCount, .plain)
      kind = try reader.word("kind", EvidenceKind.self)
      seal = try reader.optionalText("seal", Bounds.seal, .plain)
      state = try reader.word("state", State.self)
      waits = try reader.word("waits", EvidenceRole.self)
      issuer = try reader.member("issuer")
      outcome = try reader.word("outcome", Evidence.State.self)
      previous = try reader.digest("previous")
      try reader.finish()
    }

    /// The value that is stored.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("item", item)
      writer.text("kind", kind.rawValue)
      writer.text("seal", seal)
      writer.text("state", state.rawValue)
      writer.text("waits", waits.rawValue)
      writer.text("issuer", issuer)
      writer.text("outcome", outcome.rawValue)
      writer.digest("previous", previous)
      return writer.bytes
    }
  }
}
