import Foundation

/// By which URLs a node is meant in a token.
///
/// A node that a member reads could send its token on to another: the URL must be one of this node's, and of the request.
struct Audience: Sendable {
  private let hosts: KnownHosts
  private let basePath: String

  init(_ hosts: KnownHosts, basePath: String) { (self.hosts, self.basePath) = (hosts, basePath) }

  /// The address of the front page, by its path.
  var home: String { "\(basePath)/" }

  /// Whether `url` is this node's.
  ///
  /// - Parameters:
  ///   - asked: the authority of the request. A proxy may have put another in the place of the one that the member named: then the
  ///     name must be one of those that were configured, and the port is the proxy's.
  ///   - isLoopback: whether the request comes from this machine: nobody else means this node by a loopback name.
  func isOwn(_ url: String, asked: String?, isLoopback: Bool) -> Bool {
    guard url.utf8.count <= 1024, let parts = URLComponents(string: url),
      let scheme = parts.scheme?.lowercased(),
      let standardPort = ["http": 80, "https": 443][scheme], let host = parts.host?.lowercased(),
      !host.isEmpty,
      parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
      parts.path == basePath
    else { return false }
    let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    guard hosts.isConfigured(name) || isLoopback && KnownHosts.isLoopbackName(name) else { return false }
    guard let asked, let (askedName, askedPort) = Audience.parts(of: asked), askedName == name else {
      return true
    }
    return (askedPort ?? standardPort) == (parts.port ?? standardPort)
  }

  /// Host and port of the authority of a request.
  private static func parts(of authority: String) -> (name: String, port: Int?)? {
    guard let parts = URLComponents(string: "http://\(authority)"), let host = parts.host?.lowercased() else {
      return nil
    }
    return (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host, parts.port)
  }
}
