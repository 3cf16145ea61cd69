/// The destruction of one side's copy of delivered data, salt and all. From then on its vault's item is *erased*, and not
/// *tampered*, and nobody can guess at the data through the commitment with what that vault held.
///
/// ```cddl
/// erase = {
///   ? reason: tstr .size (1..2000),   ; searched; without it the statement is refused, as missing-reason
///   request: id,                      ; searched
///   delivery: 1..1000000000,
/// }
/// ```
///
/// `sub` is the request.
public struct SharingErase: SharingPayload {
  /// The request.
  public var request = ""
  /// The delivery's number.
  public var delivery: UInt64 = 0
  /// Why; nil gets it refused.
  public var reason: String?

  public init(request: String, delivery: UInt64, reason: String?) {
    (self.request, self.delivery, self.reason) = (request, delivery, reason)
  }

  /// `erase`.
  public static let kind = SharingKind.erase
  /// The request.
  public var subject: String { request }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.text("reason", &reason, Bounds.prose, .prose)
    try visitor.id("request", &request)
    try visitor.unsigned("delivery", &delivery, in: Bounds.ordinal)
  }
}
