import Foundation
import LedgerClient
import LedgerStore
import Logging
import TestKit
import Testing

@testable import LedgerNode

/// Issue 17: a node that serves TLS itself, and clients that judge its certificate.
@Suite(
  "TLS", .timeLimit(.minutes(30)), .enabled(if: Shell.has("openssl"), "there is no openssl on this machine"))
struct TLSTests {
  /// Certificates that openssl makes: of `node` (localhost and 127.0.0.1), of `other` (another host), of `client` and `stranger`, by
  /// the authorities `ca` and `foreign`.
  private static let certificates = """
    authority() {
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" -keyout $1.key -out $1.pem
    }
    leaf() {
      printf 'subjectAltName=%s\n' "$3" > $1.ext
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout $1.key -out $1.csr
      openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 30 -extfile $1.ext -out $1.pem
    }
    set -e
    authority ca; authority foreign
    leaf node ca DNS:localhost,IP:127.0.0.1
    leaf other ca DNS:ledger.example.org
    leaf client ca DNS:client
    leaf stranger foreign DNS:client
    """

  private func withCertificates(_ body: (String) async throws -> Void) async throws {
    try await Shell.withTemporaryFolder { folder in
      let made = try await Shell.run("sh", ["-c", Self.certificates], in: folder)
      try #require(made.status == 0, "\(made.errorText)")
      try await body(folder.path)
    }
  }

  private func settings(_ folder: String, _ name: String = "node", clients: String? = nil) -> NodeSettings {
    var settings = TestNode.patient
    settings.certificate = NodeCertificate(
      certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key",
      clientAuthorities: clients.map { "\(folder)/\($0).pem" })
    return settings
  }

  private func client(
    _ node: TestNode, _ folder: String, authority: String? = "ca", shows name: String? = nil
  ) throws -> NodeClient {
    var client = try NodeClient(
      "https://127.0.0.1:\(node.port)",
      tls: NodeTLS(
        authorities: authority.map { "\(folder)/\($0).pem" }, certificate: name.map { "\(folder)/\($0).pem" },
        key: name.map { "\(folder)/\($0).key" }))
    client.patience = .seconds(3600)
    client.wayOut = "start one"
    client.authorityWayOut = "name its authority"
    return client
  }

  @Test("a client that trusts the node's authority appends and reads with a token over TLS")
  func trusted() async throws {
    let ledger = try TestLedger()
    try await withCertificates { folder in
      try await withNode(ledger, settings(folder), readers: .members) { node in
        #expect(node.url == "https://127.0.0.1:\(node.port)")
        var client = try client(node, folder)
        let tokens = ReadingTokens(
          key: ledger.members[0].key, ledger: ledger.id, node: client.url,
          now: { UInt64(Date().timeIntervalSince1970) })
        client.authorization = tokens.authorization
        guard case .recorded = try await client.append(try ledger.entry([1])) else {
          return #expect(Bool(false))
        }
        #expect(try await client.members().members.count == ledger.members.count)
      }
    }
  }

  @Test("a certificate of an unknown authority, and another host's, is refused at once and in plain words")
  func untrusted() async throws {
    let ledger = try TestLedger()
    try await withCertificates { folder in
      try await withNode(ledger, settings(folder)) { node in
        let entry = try ledger.entry([1])
        for authority in [nil, "foreign"] {
          let client = try client(node, folder, authority: authority)
          let error = await #expect(throws: NodeClientError.self) { try await client.append(entry) }
          #expect(error?.code == .untrustedCertificate)
          let words = error?.description ?? ""
          #expect(
            words.contains("not trusted; name its authority") && !words.contains("start one"), "\(words)")
        }
      }
      try await withNode(ledger, settings(folder, "other")) { node in
        let client = try client(node, folder)
        let error = await #expect(throws: NodeClientError.self) { try await client.health() }
        #expect(error?.code == .untrustedCertificate)
        let words = error?.description ?? ""
        #expect(words.contains("another host's") && !words.contains("start one"), "\(words)")
      }
    }
  }

  @Test("where clients must show a certificate only those of the named authority are let in")
  func clients() async throws {
    let ledger = try TestLedger()
    try await withCertificates { folder in
      try await withNode(ledger, settings(folder, clients: "ca")) { node in
        let known = try client(node, folder, shows: "client")
        #expect(try await known.health().status == .ok)
        for name in [nil, "stranger"] {
          await #expect(throws: NodeClientError.self, "\(name ?? "none")") {
            try await client(node, folder, shows: name).health()
          }
        }
      }
    }
  }

  @Test(
    "a file that is no certificate, no key or another certificate's key is named before anything is served")
  func files() async throws {
    let ledger = try TestLedger()
    try await withCertificates { folder in
      for (certificate, key) in [
        ("node.key", "node.key"), ("node.pem", "node.pem"), ("node.pem", "ca.key"), ("x", "y"),
      ] {
        let made = NodeCertificate(certificate: "\(folder)/\(certificate)", key: "\(folder)/\(key)")
        #expect(throws: Failure.self, "\(certificate) \(key)") { _ = try made.configuration }
      }
    }
    withExtendedLifetime(ledger) {}
  }

  @Test("answers tell browsers to frame nothing and to load nothing")
  func headers() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for (path, status) in [("/", 200), ("/checkpoint", 200), ("/session", 200), ("/nothing", 404)] {
          let answer = try wire.request("GET", path)
          #expect(answer.status == status && answer["x-content-type-options"] == "nosniff")
          #expect(answer["content-security-policy"]?.contains("frame-ancestors 'none'") == true, "\(path)")
          #expect(answer["referrer-policy"] == "no-referrer" && answer["strict-transport-security"] == nil)
        }
      }
    }
  }
}

/// Issue 17: limits for each of a trusted proxy's clients.
@Suite("Trusted proxies", .timeLimit(.minutes(30)))
struct TrustedProxyTests {
  @Test(
    "a request of a trusted proxy counts for the rightmost address that is no proxy's, and for no machine's own"
  )
  func forwarded() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    (settings.trustedProxies, settings.connectionsPerAddress) = (["127.0.0.1", "10.0.0.1"], 1)
    let lines = LogLines()
    var logger = Logger(label: "test", factory: { _ in lines })
    logger.logLevel = .debug
    try await withNode(ledger, settings, logger) { node in
      // One address' limit is 1, and this proxy has two connections.
      try await node.connected { first in
        let second = try Wire(port: node.port)
        for field in ["203.0.113.7", "evil, 203.0.113.7, 10.0.0.1", "2001:db8::1"] {
          #expect(try second.request("GET", "/health", ["X-Forwarded-For: \(field)"]).status == 200)
        }
        #expect(try first.request("GET", "/health").status == 200)
        #expect(try first.request("GET", "/metrics").status == 200)
        #expect(try first.request("GET", "/metrics", ["X-Forwarded-For: 203.0.113.7"]).status == 403)
      }
      let peers = lines.all.compactMap { $0["peer"].map { "\($0)" } }
      #expect(peers.prefix(4) == ["203.0.113.7", "203.0.113.7", "2001:db8::1", "127.0.0.1"], "\(peers)")
    }
    #expect(NodeSettings.isAddress("fd00::1") && !NodeSettings.isAddress("proxy.example.org"))
  }
}
