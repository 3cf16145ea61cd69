import HTTPTypes
import Hummingbird
import LedgerCrypto
import Logging

/// Gives each request an id, which the answer names as `X-Request-Id`, and logs and counts the answer.
struct RequestLog: RouterMiddleware {
  let log: LimitedLog
  let metrics: NodeMetrics
  /// Whether the node is served over TLS.
  let isSecure: Bool

  func handle(
    _ request: Request, context: NodeContext, next: (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.requestID = Hex.encode(withUnsafeBytes(of: UInt64.random(in: .min ... .max), Array.init))
    let start = ContinuousClock.now
    var response = try await next(request, context)
    response.headers[.requestID] = context.requestID
    if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
    metrics.answered(response.status.code)
    log.logger.debug(
      "answered",
      metadata: [
        "request": "\(context.requestID)", "peer": "\(context.peer)", "method": "\(request.method)",
        "path": "\(request.uri.path)", "status": "\(response.status.code)",
        "seconds": "\((ContinuousClock.now - start) / .seconds(1))",
      ])
    return response
  }
}

extension HTTPField.Name {
  static let requestID = Self("X-Request-Id")!
}
