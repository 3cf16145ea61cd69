import Hummingbird
import NIOCore

/// What a request brings besides itself: its connection.
struct NodeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Where it comes from, as limits know it.
  let visitor: VisitorAddress

  init(source: ApplicationRequestContextSource) {
    (coreContext, channel) = (.init(source: source), source.channel)
    visitor = VisitorAddress(channel.remoteAddress)
  }

  /// Where it comes from, for the log.
  var peer: String { channel.remoteAddress?.ipAddress ?? "an unknown address" }
}
