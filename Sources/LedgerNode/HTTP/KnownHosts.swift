import Hummingbird
import LedgerStore

/// Refuses requests for hosts that this node is not (421, RFC 9110 §15.5.20): a page from elsewhere whose name was made to mean this
/// machine (DNS rebinding) can't read a node on it.
struct KnownHosts: RouterMiddleware {
  private let names: Set<String>
  private let remedies: Remedies

  /// - Parameter names: besides those of the loopback interface.
  init(_ names: [String], _ remedies: Remedies) {
    (self.names, self.remedies) = (Set(names.map { $0.lowercased() }), remedies)
  }

  func handle(
    _ request: Request, context: NodeContext, next: (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    // Without one is HTTP/1.0, which no browser speaks.
    if let authority = request.head.authority, !isKnown(authority) {
      throw NodeProblem(
        .misdirectedRequest, "unknown-host",
        "this node is not known as \(authority); its operator names it with \(remedies.hostName)")
    }
    return try await next(request, context)
  }

  private func isKnown(_ authority: String) -> Bool {
    KnownHosts.name(in: authority).map { isConfigured($0) || KnownHosts.isLoopbackName($0) } ?? false
  }

  /// Whether a request is for the loopback interface; without an authority it is for nobody in particular.
  static func isLoopback(authority: String?) -> Bool {
    authority.map { name(in: $0).map(isLoopbackName) ?? false } ?? true
  }

  /// The host of `authority`, in lower case and without brackets.
  private static func name(in authority: String) -> String? {
    var host = Substring(authority.lowercased())
    if host.first == "[" {
      guard let end = host.firstIndex(of: "]") else { return nil }
      let port = host[host.index(after: end)...]
      guard port.isEmpty || port.first == ":" else { return nil }
      host = host[host.index(after: host.startIndex)..<end]
    } else if let colon = host.firstIndex(of: ":") {
      host = host[..<colon]
    }
    if host.last == "." { host.removeLast() }
    return String(host)
  }

  /// Whether the node was told that it is called `host`, in lower case.
  func isConfigured(_ host: String) -> Bool { names.contains(host) }

  /// Whether `host` is a name of the loopback interface.
  static func isLoopbackName(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || isLoopback(Substring(host))
  }

  /// 127.0.0.0/8.
  private static func isLoopback(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { UInt8($0).map(String.init) == String($0) }
  }
}
