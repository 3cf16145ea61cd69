/// The end of a grant before its time (撤销授权).
///
/// ```cddl
/// revoke = {
///   ? basis: tstr .size (1..2000),    ; searched; without it the statement is refused, as missing-basis
///   request: id,                      ; searched
///   ? effective: second,              ; absent, or past, for at once
/// }
/// ```
///
/// `sub` is the request.
public struct SharingRevoke: SharingPayload {
  /// The request whose grant ends.
  public var request = ""
  /// By which law or decision; nil gets it refused.
  public var basis: String?
  /// From when there is no grant any more, in s since the epoch; nil for at once. It never reaches back: what was done
  /// before the block was done under a grant.
  public var effective: UInt64?

  public init(request: String, basis: String?, effective: UInt64? = nil) {
    (self.request, self.basis, self.effective) = (request, basis, effective)
  }

  /// `revoke`.
  public static let kind = SharingKind.revoke
  /// The request.
  public var subject: String { request }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.text("basis", &basis, Bounds.prose, .prose)
    try visitor.id("request", &request)
    try visitor.time("effective", &effective)
  }
}
