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
  public var request = ""
  /// 1, 2, 3 …
  public var sequence: UInt64 = 0
  /// The items that the data hold.
  public var items = DataItems()
  /// What they are handed over for.
  public var purpose = ""
  /// The commitment to the data, under a salt that is fresh for this delivery.
  public var commitment = Digest.zero
  /// How many records the data hold.
  public var records: UInt64 = 0

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

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.items("items", &items)
    try visitor.purpose("purpose", &purpose)
    try visitor.unsigned("records", &records)
    try visitor.id("request", &request)
    try visitor.unsigned("sequence", &sequence, in: Bounds.ordinal)
    try visitor.digest("commitment", &commitment)
  }
}
