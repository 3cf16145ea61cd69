import Hummingbird
import NIOCore

/// What a request brings besides itself: its connection.
struct NodeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    (coreContext, channel) = (.init(source: source), source.channel)
  }
}
