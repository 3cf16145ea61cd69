import NIOCore
import NIOHTTP1

/// Refuses requests whose head leaves open for which host they are or where they end; before the HTTP version and a second `Host`
/// are lost on the way.
///
/// RFC 9112 §3.2: HTTP/1.1 without `Host` is 400, and so are two of them in any version. §6.1: a transfer coding that is not
/// known. The server library answers the error with 400 and closes the connection, after what came before it is answered.
final class HeadCheck: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  private var isRefused = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else { return }
    if case .head(let head) = unwrapInboundIn(data), let error = HeadCheck.fault(of: head) {
      isRefused = true
      return context.fireErrorCaught(error)
    }
    context.fireChannelRead(data)
  }

  private static func fault(of head: HTTPRequestHead) -> HTTPParserError? {
    let hosts = head.headers["host"]
    if hosts.count > 1 || hosts.isEmpty && head.version != .http1_0 { return .invalidHeaderToken }
    let codings = head.headers["transfer-encoding"]
    if !codings.isEmpty, codings.map({ $0.lowercased() }) != ["chunked"] { return .invalidHeaderToken }
    return nil
  }
}
