import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A body was longer on its way than it may be.
struct BodyTimeout: Error {}

/// Ends connections that take more than they may: too many of one address, a head or a body that does not come, an answer that is
/// not taken.
///
/// Whoever reads a body that takes too long gets what came in time, and then `BodyTimeout`. A connection has at most one timer for
/// what it receives. It is not set anew for each request, since nearly all are whole at once: when it is over, it looks at what is
/// coming then.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What is to come next.
  private enum Expected {
    /// A request, whenever its sender likes.
    case request
    /// The rest of a head.
    case head
    /// The rest of a body.
    case body
  }

  /// The most bytes of the address of a request, and of each header field.
  static let fieldLimit = 16_384

  private let settings: NodeSettings
  private let visitors: Visitors
  private let proxies: TrustedProxies
  private let log: LimitedLog
  private var expected = Expected.request
  private var deadline = NIODeadline.distantFuture
  private var timer: (time: NIODeadline, task: Scheduled<Void>)?
  private var writeTimer: Scheduled<Void>?
  /// How many requests are not answered to their end.
  private var answersDue = 0
  private var isRefused = false
  /// Kept, since a connection that was reset has none any more.
  private var peer: SocketAddress?

  init(_ settings: NodeSettings, _ visitors: Visitors, _ log: LimitedLog) {
    (self.settings, self.visitors, self.log) = (settings, visitors, log)
    proxies = TrustedProxies(settings, visitors)
  }

  /// For the log; nobody knows it of a connection that was reset before it was accepted.
  private var peerName: String { peer?.ipAddress ?? "an unknown address" }

  // MARK: Coming and going

  func handlerAdded(context: ChannelHandlerContext) {
    do {
      let pipeline = context.pipeline.syncOperations
      try pipeline.addHandler(FirstByte { [self] in beginHead(context) }, position: .first)
      try pipeline.addHandler(
        HeadCheck(), position: .before(pipeline.handler(type: HTTP1ToHTTPServerCodec.self)))
    } catch {
      log.log(.failure, "a connection can't be set up: \(error)", level: .error)
      context.close(promise: nil)
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    peer = context.remoteAddress
    let address = VisitorAddress(peer)
    if proxies.isTrusted(peer) {
      // It has connections for many; each of those is counted by itself.
      beginHead(context)
    } else if visitors.enter(address) {
      context.channel.closeFuture.whenComplete { [visitors] _ in visitors.leave(address) }
      beginHead(context)
    } else {
      refuseConnection(context)
    }
    context.fireChannelActive()
  }

  private func refuseConnection(_ context: ChannelHandlerContext) {
    // Who never agrees on TLS never gets the answer.
    beginHead(context)
    log.log(
      .connection,
      "\(peerName): more than \(settings.connectionsPerAddress) connections are refused"
    )
    refuse(
      NodeProblem(
        .tooManyRequests, "too-many-connections",
        "your address has \(settings.connectionsPerAddress) connections here, which is its limit; close some, or try later",
        headers: [.retryAfter: "10", .connection: "close"]), context)
  }

  /// Answers with `problem`, closes the connection, and reads nothing more.
  private func refuse(_ problem: NodeProblem, _ context: ChannelHandlerContext) {
    isRefused = true
    let answer = problem.answer
    let head = answer.response(isHead: false).head
    let closed = context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    closed.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if case .bytes(let bytes) = answer.body {
      context.write(wrapOutboundOut(.body(ByteBuffer(bytes: bytes))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: closed)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.task.cancel()
    writeTimer?.cancel()
    (timer, writeTimer) = (nil, nil)
  }

  // MARK: Receiving

  /// Something came that is not of the request before.
  private func beginHead(_ context: ChannelHandlerContext) {
    if expected == .request { expect(.head, within: settings.headTimeout, context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isRefused { return }
    switch unwrapInboundIn(data) {
    case .head:
      answersDue += 1
      expect(.body, within: settings.bodyTimeout, context)
    case .body: break
    case .end: (expected, deadline) = (.request, .distantFuture)
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError {
      log.log(.badRequest, "\(peerName): a bad request: \(error)")
    }
    // Whoever is to be answered before gets that, and the server library's 400.
    if case HTTPParserError.headerOverflow = error, answersDue == 0, !isRefused {
      return refuse(
        NodeProblem(
          .requestHeaderFieldsTooLarge, "too-large",
          "the address and each header field have at most \(ConnectionGuard.fieldLimit) bytes; ask for less at once",
          headers: [.connection: "close"]), context)
    }
    context.fireErrorCaught(error)
  }

  private func expect(_ expected: Expected, within limit: Duration, _ context: ChannelHandlerContext) {
    (self.expected, deadline) = (expected, context.eventLoop.now + TimeAmount(limit))
    if let timer, timer.time <= deadline { return }
    setTimer(context)
  }

  private func setTimer(_ context: ChannelHandlerContext) {
    timer?.task.cancel()
    let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
      timer = nil
      if deadline == .distantFuture { return }
      if deadline > context.eventLoop.now { return setTimer(context) }
      timeOut(context)
    }
    timer = (deadline, task)
  }

  private func timeOut(_ context: ChannelHandlerContext) {
    switch expected {
    case .request: break
    case .head where answersDue > 0: expect(.head, within: settings.headTimeout, context)
    case .head:
      log.log(
        .connection,
        "\(peerName): no whole head of a request within \(settings.headTimeout)"
      )
      context.close(promise: nil)
    case .body:
      (expected, deadline) = (.request, .distantFuture)
      context.fireErrorCaught(BodyTimeout())
    }
  }

  // MARK: Sending

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { answersDue -= 1 }
    context.write(data, promise: promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    writeTimer?.cancel()
    writeTimer = nil
    if !context.channel.isWritable {
      writeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.writeTimeout)) {
        [self] in
        log.log(
          .connection,
          "\(peerName): an answer was not taken for \(settings.writeTimeout)")
        context.close(promise: nil)
      }
    }
    context.fireChannelWritabilityChanged()
  }
}

/// Reports the first bytes of a connection, before they are HTTP.
private final class FirstByte: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let onBytes: () -> Void

  init(_ onBytes: @escaping () -> Void) { self.onBytes = onBytes }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    onBytes()
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) {}
}
