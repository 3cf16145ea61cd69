/// Addresses of this machine alone (RFC 1122, section 3.2.1.3 (g)).
public enum Loopback {
  /// An address that nobody else uses: a port that is free there stays free, since who connects, and who asks for any port, gets one
  /// at 127.0.0.1.
  public static func ownHost() -> String {
    "127." + (0..<3).map { _ in String(Int.random(in: 1...254)) }.joined(separator: ".")
  }

  /// `count` ports that are free at `host`.
  public static func freePorts(_ count: Int, at host: String) throws -> [Int] {
    let servers = try (0..<count).map { _ in try ScriptedServer([], at: host) }
    return servers.map(\.port)
  }
}
