import NIOCore
import NIOHTTPTypes

/// A body was longer on its way than it may be.
struct BodyTimeout: Error {}

/// Ends a request whose body takes too long: whoever reads it gets what came in time, and then `BodyTimeout`.
///
/// A connection has at most one timer. It is not set anew for each request, since nearly all are whole at once: when it is over, it
/// looks at what is coming then.
final class BodyDeadline: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  private let limit: TimeAmount
  /// By when the request must be whole whose head has come; nil between two requests.
  private var deadline: NIODeadline?
  private var timer: Scheduled<Void>?

  /// - Parameter limit: how long a body may take, from the head of its request on.
  init(_ limit: Duration) {
    let (seconds, attoseconds) = limit.components
    self.limit = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      let deadline = context.eventLoop.now + limit
      self.deadline = deadline
      if timer == nil { setTimer(context, deadline) }
    case .body: break
    case .end: deadline = nil
    }
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
  }

  private func setTimer(_ context: ChannelHandlerContext, _ time: NIODeadline) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
      self.timer = nil
      guard let deadline = self.deadline else { return }
      if deadline > context.eventLoop.now { return self.setTimer(context, deadline) }
      self.deadline = nil
      context.fireErrorCaught(BodyTimeout())
    }
  }
}
