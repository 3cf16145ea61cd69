import Hummingbird
import LedgerStore

/// Refuses requests for hosts that this node is not (421, RFC 9110 §15.5.20): a page from elsewhere whose name was made to mean this
/// machine (DNS rebinding) can't read a node on it.
struct KnownHosts: RouterMiddleware {
  private let names: Set<String>
  private let waysOut: WaysOut

  /// - Parameter names: besides those of the loopback interface.
  init(_ names: [String], _ waysOut: WaysOut) {
    (self.names, self.waysOut) = (Set(names.map { $0.lowercased() }), waysOut)
  }

  func handle(
    _ request: Request, context: NodeContext, next: (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    // Without one is HTTP/1.0, which no browser speaks.
    if let authority = request.head.authority, !isKnown(authority) {
      throw NodeProblem(
        .misdirectedRequest, "unknown-host",
        "this node is not known as \(authority); its operator names it with \(waysOut.hostName)")
    }
    return try await next(request, context)
  }

  private func isKnown(_ authority: String) -> Bool {
    var host = Substring(authority.lowercased())
    if host.first == "[" {
      guard let end = host.firstIndex(of: "]") else { return false }
      let port = host[host.index(after: end)...]
      guard port.isEmpty || port.first == ":" else { return false }
      host = host[host.index(after: host.startIndex)..<end]
    } else if let colon = host.firstIndex(of: ":") {
      host = host[..<colon]
    }
    if host.last == "." { host.removeLast() }
    return names.contains(String(host)) || host == "localhost" || host == "::1" || KnownHosts.isLoopback(host)
  }

  /// 127.0.0.0/8.
  private static func isLoopback(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { UInt8($0).map(String.init) == String($0) }
  }
}
