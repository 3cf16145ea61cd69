public import LedgerCrypto

/// A receipt (签收): what the demander computed from the data that it got. Another commitment than the delivery's is accepted
/// too, and recorded as a mismatch.
///
/// ```cddl
/// receipt = { request: id, delivery: 1..1000000000, commitment: bstr .size 32 } ; request: searched
/// ```
///
/// `sub` is the request.
public struct SharingReceipt: SharingPayload {
  /// The request.
  public var request = ""
  /// The delivery's number.
  public var delivery: UInt64 = 0
  /// The commitment to the data that arrived, under the salt that came with them.
  public var commitment = Digest.zero

  public init(request: String, delivery: UInt64, commitment: Digest) {
    (self.request, self.delivery, self.commitment) = (request, delivery, commitment)
  }

  /// `receipt`.
  public static let kind = SharingKind.receipt
  /// The request.
  public var subject: String { request }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.id("request", &request)
    try visitor.unsigned("delivery", &delivery, in: Bounds.ordinal)
    try visitor.digest("commitment", &commitment)
  }
}
