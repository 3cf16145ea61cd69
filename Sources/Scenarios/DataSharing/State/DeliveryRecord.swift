public import Ledger
public import LedgerCrypto

/// A delivery and what became of it, at `sharing/delivery/REQUEST/NUMBER`. All instants are ms since the epoch.
public struct DeliveryRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "delivery record"

  /// The state of a delivery.
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
  public internal(set) var request = ""
  /// Its number.
  public internal(set) var delivery: UInt64 = 0
  /// Its state.
  public internal(set) var state: State = .delivered
  /// The entry of the request.
  public internal(set) var entry = ""
  /// The member that delivered.
  public internal(set) var provider = ""
  /// To whom.
  public internal(set) var demander = ""
  /// What the data hold.
  public internal(set) var items = DataItems()
  /// What they were handed over for.
  public internal(set) var purpose = ""
  /// The commitment to them.
  public internal(set) var commitment = Digest.zero
  /// How many records they hold.
  public internal(set) var records: UInt64 = 0
  /// When they were handed over.
  public internal(set) var delivered: UInt64 = 0
  /// Whether it came after its due date: the first delivery, or the one that had to follow a mismatch.
  public internal(set) var isLate = false
  /// When the receipt was given.
  public internal(set) var received: UInt64?
  /// How many uses were logged.
  public internal(set) var uses: UInt64 = 0
  /// How many objections were ever made.
  public internal(set) var objections: UInt64 = 0
  /// How many of them wait for an answer.
  public internal(set) var openObjections: UInt64 = 0
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

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.flag("late", &isLate)
    try visitor.unsigned("uses", &uses)
    try visitor.id("entry", &entry)
    try visitor.items("items", &items)
    try visitor.word("state", &state)
    try visitor.purpose("purpose", &purpose)
    try visitor.unsigned("records", &records)
    try visitor.id("request", &request)
    try visitor.unsigned("delivery", &delivery, in: Bounds.ordinal)
    try visitor.id("demander", &demander)
    try visitor.id("provider", &provider)
    try visitor.unsigned("received", &received)
    try visitor.unsigned("delivered", &delivered)
    try visitor.digest("commitment", &commitment)
    try visitor.unsigned("objections", &objections)
    try visitor.unsigned("open-objections", &openObjections, in: 0...objections)
    try visitor.unsigned("demander-erasure", &demanderErasure)
    try visitor.unsigned("provider-erasure", &providerErasure)
  }

  /// The index of the `erase` by which the member `id` destroyed its copy.
  public func erasure(by id: String) -> UInt64? {
    if id == provider { return providerErasure }
    return id == demander ? demanderErasure : nil
  }
}
