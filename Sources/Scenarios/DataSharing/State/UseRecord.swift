public import Ledger

/// A use of delivered data, at `sharing/use/REQUEST/DELIVERY/NUMBER`, with the objections that it was made in the face of.
public struct UseRecord: Hashable, StateValue {
  /// The request.
  public let request: String
  /// The delivery's number.
  public let delivery: UInt64
  /// Its own number among the delivery's uses, from 1.
  public let use: UInt64
  /// Who used the data.
  public let demander: String
  /// What for.
  public let purpose: String
  /// The piece of work.
  public let reference: String
  /// When it was logged, in ms since the epoch.
  public let used: UInt64
  /// How many objections had been made by then to the delivery or to its entry.
  public let objections: UInt64
  /// How many of them nobody had answered.
  public let openObjections: UInt64

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

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "use record")
    use = try fields.unsigned("use", in: Bounds.ordinal)
    used = try fields.unsigned("used")
    purpose = try fields.purpose("purpose")
    request = try fields.id("request")
    delivery = try fields.unsigned("delivery", in: Bounds.ordinal)
    demander = try fields.id("demander")
    reference = try fields.text("reference", Bounds.reference, .line)
    objections = try fields.unsigned("objections")
    openObjections = try fields.unsigned("open-objections")
    try fields.finish()
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.unsigned("use", use)
    fields.unsigned("used", used)
    fields.text("purpose", purpose)
    fields.text("request", request)
    fields.unsigned("delivery", delivery)
    fields.text("demander", demander)
    fields.text("reference", reference)
    fields.unsigned("objections", objections)
    fields.unsigned("open-objections", openObjections)
    return fields.bytes
  }
}
