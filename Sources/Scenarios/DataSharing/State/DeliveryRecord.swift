public import Ledger
public import LedgerCrypto

/// A delivery and what became of it, at `sharing/delivery/REQUEST/NUMBER`. All instants are ms since the epoch.
public struct DeliveryRecord: Hashable, StateValue {
  /// Where a delivery stands.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for the demander's receipt.
    case delivered
    /// The demander has what was committed to.
    case received
    /// What the demander has is not what was committed to.
    case mismatch
    /// The demander's copy is destroyed, whatever it was before.
    case erased
  }

  /// The request.
  public let request: String
  /// Its number.
  public let delivery: UInt64
  /// Where it stands.
  public internal(set) var state: State
  /// The entry of the request.
  public let entry: String
  /// Who delivered.
  public let provider: String
  /// To whom.
  public let demander: String
  /// What the data hold.
  public let items: DataItems
  /// What they were handed over for.
  public let purpose: String
  /// The commitment to them.
  public let commitment: Digest
  /// How many records they hold.
  public let records: UInt64
  /// When they were handed over.
  public let delivered: UInt64
  /// Whether it came after its due date: the first delivery, or the one that had to follow a mismatch.
  public let isLate: Bool
  /// When the receipt was given.
  public internal(set) var received: UInt64?
  /// How many uses were logged.
  public internal(set) var uses: UInt64
  /// How many objections were ever made.
  public internal(set) var objections: UInt64
  /// How many of them wait for an answer.
  public internal(set) var openObjections: UInt64
  /// The index of the provider's `erase`, once its vault's copy is destroyed.
  public internal(set) var providerErasure: UInt64?
  /// The index of the demander's.
  public internal(set) var demanderErasure: UInt64?

  /// Where a delivery is kept.
  public static func key(_ request: String, _ delivery: UInt64) -> StateKey {
    StateKey("sharing", "delivery", request, String(delivery))
  }

  init(_ payload: SharingDeliver, under request: RequestRecord, at delivered: UInt64, isLate: Bool) {
    (self.request, delivery, entry) = (payload.request, payload.sequence, request.entry)
    (provider, demander, state) = (request.provider, request.demander, .delivered)
    (items, purpose, commitment, records) =
      (payload.items, payload.purpose, payload.commitment, payload.records)
    (self.delivered, self.isLate) = (delivered, isLate)
    (uses, objections, openObjections) = (0, 0, 0)
  }

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "delivery record")
    isLate = try fields.flag("late")
    uses = try fields.unsigned("uses")
    entry = try fields.id("entry")
    items = try fields.items("items")
    state = try fields.word("state")
    purpose = try fields.purpose("purpose")
    records = try fields.unsigned("records")
    request = try fields.id("request")
    delivery = try fields.unsigned("delivery", in: Bounds.ordinal)
    demander = try fields.id("demander")
    provider = try fields.id("provider")
    received = try fields.optionalUnsigned("received")
    delivered = try fields.unsigned("delivered")
    commitment = try fields.digest("commitment")
    objections = try fields.unsigned("objections")
    openObjections = try fields.unsigned("open-objections", in: 0...objections)
    demanderErasure = try fields.optionalUnsigned("demander-erasure")
    providerErasure = try fields.optionalUnsigned("provider-erasure")
    try fields.finish()
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.flag("late", isLate)
    fields.unsigned("uses", uses)
    fields.text("entry", entry)
    fields.texts("items", items.names)
    fields.text("state", state.rawValue)
    fields.text("purpose", purpose)
    fields.unsigned("records", records)
    fields.text("request", request)
    fields.unsigned("delivery", delivery)
    fields.text("demander", demander)
    fields.text("provider", provider)
    fields.unsigned("received", received)
    fields.unsigned("delivered", delivered)
    fields.digest("commitment", commitment)
    fields.unsigned("objections", objections)
    fields.unsigned("open-objections", openObjections)
    fields.unsigned("demander-erasure", demanderErasure)
    fields.unsigned("provider-erasure", providerErasure)
    return fields.bytes
  }

  /// The index of the `erase` by which the member `id` destroyed its copy.
  public func erasure(by id: String) -> UInt64? {
    if id == provider { return providerErasure }
    return id == demander ? demanderErasure : nil
  }
}
