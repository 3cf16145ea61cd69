import NIOCore

/// Stops accepting for a second where accepting fails, for want of file descriptors or memory; on the listening channel, first.
///
/// NIO's own `AcceptBackoffHandler` waits too, but stays registered with the selector meanwhile, which then wakes it without end.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = Channel

  private let log: LimitedLog

  init(_ log: LimitedLog) { self.log = log }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is IOError {
      log.log(
        .accept, "no connection can be accepted: \(error); raise the limit of open files (ulimit -n)",
        level: .error)
      accept(false, context)
      context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.accept(true, context) }
    }
    context.fireErrorCaught(error)
  }

  private func accept(_ isOn: Bool, _ context: ChannelHandlerContext) {
    do { try context.channel.syncOptions?.setOption(.autoRead, value: isOn) } catch {
      // The channel is closed: nothing is accepted any more.
      log.log(.accept, "the listening socket is gone: \(error)")
    }
  }
}
