public import Ledger
public import LedgerCrypto

/// A delivery under a grant: that data were handed over, and a commitment to them. The data themselves never come near the
/// ledger.
///
/// ```cddl
/// deliver = {
///   items: [1*256 item],              ; searched; sorted by bytes; a part of what was granted
///   purpose: purpose,                 ; searched; the purpose granted, or one within it
///   records: uint,                    ; how many records the data hold
///   request: id,                      ; searched
///   sequence: 1..1000000000,          ; the request's deliveries count from 1 without gaps
///   commitment: bstr .size 32,        ; see Commitment
/// }
/// ```
///
/// `sub` is the request.
public struct SharingDeliver: SharingPayload {
  /// The request under whose grant it is made.
  public let request: String
  /// 1, 2, 3 …
  public let sequence: UInt64
  /// The items that the data hold.
  public let items: DataItems
  /// What they are handed over for.
  public let purpose: String
  /// The commitment to the data, under a salt that is fresh for this delivery.
  public let commitment: Digest
  /// How many records the data hold.
  public let records: UInt64

  /// A delivery.
  public init(
    request: String, sequence: UInt64, items: DataItems, purpose: String, commitment: Digest, records: UInt64
  ) {
    (self.request, self.sequence, self.items) = (request, sequence, items)
    (self.purpose, self.commitment, self.records) = (purpose, commitment, records)
  }

  /// `deliver`.
  public static let kind = SharingKind.deliver
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request), ("purpose", purpose)] + items.searched
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "deliver")
    items = try fields.items("items")
    purpose = try fields.purpose("purpose")
    records = try fields.unsigned("records")
    request = try fields.id("request")
    sequence = try fields.unsigned("sequence", in: Bounds.ordinal)
    commitment = try fields.digest("commitment")
    try fields.finish()
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.texts("items", items.names)
    fields.text("purpose", purpose)
    fields.unsigned("records", records)
    fields.text("request", request)
    fields.unsigned("sequence", sequence)
    fields.digest("commitment", commitment)
    return fields.bytes
  }
}
