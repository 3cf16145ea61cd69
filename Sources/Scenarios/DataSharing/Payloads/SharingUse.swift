/// A use of delivered data, logged by the demander.
///
/// ```cddl
/// use = {
///   purpose: purpose,                 ; searched; the purpose of the delivery, or one within it
///   request: id,                      ; searched
///   delivery: 1..1000000000,
///   reference: tstr .size (1..200),   ; searched; the case or batch that used them (业务编号), never a person's number
/// }
/// ```
///
/// `sub` is the request.
public struct SharingUse: SharingPayload {
  /// The request.
  public var request = ""
  /// The delivery's number.
  public var delivery: UInt64 = 0
  /// What the data are used for.
  public var purpose = ""
  /// The piece of work that used them.
  public var reference = ""

  public init(request: String, delivery: UInt64, purpose: String, reference: String) {
    (self.request, self.delivery, self.purpose, self.reference) = (request, delivery, purpose, reference)
  }

  /// `use`.
  public static let kind = SharingKind.use
  /// The request.
  public var subject: String { request }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.purpose("purpose", &purpose)
    try visitor.id("request", &request)
    try visitor.unsigned("delivery", &delivery, in: Bounds.ordinal)
    try visitor.text("reference", &reference, Bounds.reference, .line)
  }
}
