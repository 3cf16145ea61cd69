import HTTPTypes
import Hummingbird
import Statements
import NIOCore

/// What a request brings besides itself: its connection.
struct NodeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Where it comes from, as limits know it.
  private(set) var visitor: VisitorAddress
  /// For whom a trusted proxy asks.
  var forwardedFor: SocketAddress? {
    didSet { visitor = VisitorAddress(forwardedFor ?? channel.remoteAddress) }
  }
  /// The token by which a member reads.
  var token: AccessToken?
  /// The member whose token came with the request, where members read.
  var member: String?
  /// By which the log, and who asked, know the request.
  var requestID = ""

  init(source: ApplicationRequestContextSource) {
    (coreContext, channel) = (.init(source: source), source.channel)
    visitor = VisitorAddress(channel.remoteAddress)
  }

  /// Where it comes from, for the log.
  var peer: String { (forwardedFor ?? channel.remoteAddress)?.ipAddress ?? "an unknown address" }

  /// Whether it comes from this machine, and for nobody elsewhere.
  var isLoopback: Bool {
    guard forwardedFor == nil else { return false }
    return switch channel.remoteAddress {
    case .v4(let address)?: withUnsafeBytes(of: address.address.sin_addr) { $0[0] == 127 }
    case .v6?: ["::1", "::ffff:127.0.0.1"].contains(channel.remoteAddress?.ipAddress)
    case .unixDomainSocket?: true
    case nil: false
    }
  }

  /// Whether `request` comes from a program on this machine that asks by a loopback name, and not through a proxy on it.
  func isOwnMachine(_ request: Request) -> Bool {
    let isPassedOn = ["X-Forwarded-For", "Forwarded", "Via"].compactMap { HTTPField.Name($0) }.contains {
      request.headers[$0] != nil
    }
    return isLoopback && !isPassedOn && KnownHosts.isLoopback(authority: request.head.authority)
  }
}
