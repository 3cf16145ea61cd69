public import Ledger

/// A use of delivered data, at `sharing/use/REQUEST/DELIVERY/NUMBER`, with the objections that it was made in the face of.
public struct UseRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "use record"

  /// The request.
  public internal(set) var request = ""
  /// The delivery's number.
  public internal(set) var delivery: UInt64 = 0
  /// Its own number among the delivery's uses, from 1.
  public internal(set) var use: UInt64 = 0
  /// The member that used the data.
  public internal(set) var demander = ""
  /// What for.
  public internal(set) var purpose = ""
  /// The piece of work.
  public internal(set) var reference = ""
  /// When it was logged, in ms since the epoch.
  public internal(set) var used: UInt64 = 0
  /// How many objections had been made by then to the delivery or to its entry.
  public internal(set) var objections: UInt64 = 0
  /// How many of them nobody had answered.
  public internal(set) var openObjections: UInt64 = 0

  /// Where a use is kept.
  public static func key(_ request: String, _ delivery: UInt64, _ use: UInt64) -> StateKey {
    StateKey("sharing", "use", request, String(delivery), String(use))
  }

  init(
    _ payload: SharingUse, number: UInt64, by demander: String, at used: UInt64, objections: UInt64,
    open: UInt64
  ) {
    (request, delivery, use, self.demander) = (payload.request, payload.delivery, number, demander)
    (purpose, reference, self.used) = (payload.purpose, payload.reference, used)
    (self.objections, openObjections) = (objections, open)
  }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.unsigned("use", &use, in: Bounds.ordinal)
    try visitor.unsigned("used", &used)
    try visitor.purpose("purpose", &purpose)
    try visitor.id("request", &request)
    try visitor.unsigned("delivery", &delivery, in: Bounds.ordinal)
    try visitor.id("demander", &demander)
    try visitor.text("reference", &reference, Bounds.reference, .line)
    try visitor.unsigned("objections", &objections)
    try visitor.unsigned("open-objections", &openObjections)
  }
}
