import HTTPTypes
import Hummingbird
import NIOCore

/// Takes the address that a trusted proxy names in `X-Forwarded-For` for that of whoever asks: limits and the log know it by that.
///
/// The rightmost address that is not a trusted proxy's counts; what is left of it anybody could have written.
struct TrustedProxies: RouterMiddleware {
  private let addresses: Set<String>
  private let visitors: Visitors
  private let limit: Int

  /// - Parameters:
  ///   - addresses: IPv4 or IPv6 addresses; what is none is nobody's.
  ///   - limit: how many requests of one address may be under way through proxies.
  init(_ addresses: [String], _ visitors: Visitors, limit: Int) {
    self.addresses = Set(addresses.compactMap(TrustedProxies.address).map(\.text))
    (self.visitors, self.limit) = (visitors, limit)
  }

  init(_ settings: NodeSettings, _ visitors: Visitors) {
    self.init(settings.trustedProxies, visitors, limit: settings.connectionsPerAddress)
  }

  /// Whether a connection of `address` is a trusted proxy's.
  func isTrusted(_ address: SocketAddress?) -> Bool {
    address?.ipAddress.flatMap(TrustedProxies.address).map { addresses.contains($0.text) } ?? false
  }

  func handle(
    _ request: Request, context: NodeContext, next: (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    guard isTrusted(context.channel.remoteAddress), let asker = asker(request.headers[values: .forwardedFor])
    else { return try await next(request, context) }
    var context = context
    context.forwardedFor = asker
    let visitor = context.visitor
    guard visitors.enter(visitor) else {
      return NodeProblem(
        .tooManyRequests, "too-many-connections",
        "your address has \(limit) requests under way here, which is its limit; try later",
        headers: [.retryAfter: "10"]
      ).answer.response(isHead: request.method == .head)
    }
    defer { visitors.leave(visitor) }
    return try await next(request, context)
  }

  private func asker(_ fields: [String]) -> SocketAddress? {
    for name in fields.joined(separator: ",").split(separator: ",").reversed() {
      let name = String(name.filter { $0 != " " && $0 != "\t" })
      // What is no address ends the chain of those that can be believed.
      guard let (text, address) = TrustedProxies.address(name) else { return nil }
      if !addresses.contains(text) { return address }
    }
    return nil
  }

  /// An address in one spelling; an IPv4 address that came to an IPv6 socket is the IPv4 address (RFC 4291 §2.5.5.2).
  fileprivate static func address(_ text: String) -> (text: String, address: SocketAddress)? {
    let plain =
      text.lowercased().hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    do {
      let address = try SocketAddress(ipAddress: plain, port: 0)
      return address.ipAddress.map { ($0, address) }
    } catch { return nil }
  }
}

extension NodeSettings {
  /// Whether `text` is an IP address.
  public static func isAddress(_ text: String) -> Bool { TrustedProxies.address(text) != nil }
}

extension HTTPField.Name {
  fileprivate static let forwardedFor = Self("X-Forwarded-For")!
}
