import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A connection: HTTP/1.1 as the server library speaks it, in which plain submissions are answered by `DirectSubmissions`, and all
/// else by the responder.
struct NodeChannel: ServerChildChannel {
  private let http: HTTP1Channel
  private let responder: NodeResponder

  /// - Parameter respond: gives a request to `responder`.
  init(_ responder: NodeResponder, _ respond: @escaping HTTPChannelHandler.Responder) {
    self.responder = responder
    let settings = responder.settings
    http = HTTP1Channel(
      responder: respond,
      configuration: .init(
        additionalChannelHandlers: [BodyDeadline(settings.bodyTimeout)],
        idleTimeout: .seconds(settings.idleTimeout.components.seconds),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 16_384, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100)))
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    http.setup(channel: channel, logger: logger).flatMapThrowing { [responder] value in
      let pipeline = channel.pipeline.syncOperations
      // Behind the handler that counts requests, for the sake of idle connections and of stopping.
      let counter = try pipeline.handler(type: HTTPConnectionStateHandler.self)
      try pipeline.addHandler(DirectSubmissions(responder), position: .after(counter))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await http.handle(value: value, logger: logger)
  }
}
