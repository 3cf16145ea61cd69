/// A refusal of a request (不同意共享), with its reason.
///
/// ```cddl
/// refuse = {
///   ? basis: tstr .size (1..2000),    ; searched; required where the data are shared unconditionally
///   ? reason: tstr .size (1..2000),   ; searched; without it the statement is refused, as missing-reason
///   request: id,                      ; searched
/// }
/// ```
///
/// `sub` is the request.
public struct SharingRefuse: SharingPayload {
  /// The request that it answers.
  public var request = ""
  /// Why; nil gets it refused.
  public var reason: String?
  /// By which law.
  public var basis: String?

  public init(request: String, reason: String?, basis: String? = nil) {
    (self.request, self.reason, self.basis) = (request, reason, basis)
  }

  /// `refuse`.
  public static let kind = SharingKind.refuse
  /// The request.
  public var subject: String { request }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.text("basis", &basis, Bounds.prose, .prose)
    try visitor.text("reason", &reason, Bounds.prose, .prose)
    try visitor.id("request", &request)
  }
}
