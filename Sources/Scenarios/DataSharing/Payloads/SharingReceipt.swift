public import Ledger
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
  public let request: String
  /// The delivery's number.
  public let delivery: UInt64
  /// The commitment to the data that arrived, under the salt that came with them.
  public let commitment: Digest

  /// A receipt.
  public init(request: String, delivery: UInt64, commitment: Digest) {
    (self.request, self.delivery, self.commitment) = (request, delivery, commitment)
  }

  /// `receipt`.
  public static let kind = SharingKind.receipt
  /// The request.
  public var subject: String { request }
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [("request", request)]
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "receipt")
    request = try fields.id("request")
    delivery = try fields.unsigned("delivery", in: Bounds.ordinal)
    commitment = try fields.digest("commitment")
    try fields.finish()
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("request", request)
    fields.unsigned("delivery", delivery)
    fields.digest("commitment", commitment)
    return fields.bytes
  }
}
