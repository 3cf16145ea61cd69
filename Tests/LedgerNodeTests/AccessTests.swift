import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Logging
import Statements
import TestKit
import Testing

@testable import LedgerNode

/// DESIGN §7: under `--read members` whatever shows records is shown to members alone.
@Suite("Who may read", .timeLimit(.minutes(30)))
struct AccessTests {
  private static let url = "http://localhost"

  /// The header field with a token of member number `member`.
  private static func token(
    _ ledger: TestLedger, by member: Int = 0, _ change: (inout AccessToken.Claims) -> Void = { _ in }
  ) throws -> String {
    var claims = AccessToken.Claims(
      issuer: ledger.members[member].id, ledger: ledger.id, node: url,
      issuedAt: UInt64(Date().timeIntervalSince1970), tokenID: freshTokenID())
    change(&claims)
    return header(try AccessToken.bytes(claims, signedBy: ledger.members[member].key))
  }

  private static func header(_ token: [UInt8]) -> String {
    "Authorization: Bearer \(AccessToken.text(token))"
  }

  /// An address of `route`.
  private static func path(_ route: Route) -> String {
    let parts = Dictionary(
      uniqueKeysWithValues: route.parts.map { part in
        let value = if case .digest = part.form { String(repeating: "0", count: 64) } else { "0" }
        return ("{\(part.name)}", part.name == "path" ? "entries/000.p/2" : value)
      })
    return route.path.split(separator: "/", omittingEmptySubsequences: false)
      .map { parts[String($0)] ?? String($0) }.joined(separator: "/")
  }

  @Test("what anybody may see is these addresses alone, and no other route is open")
  func open() {
    let open = NodeRoutes.table(NodeSettings()).filter { $0.shows == .nothing }.flatMap { route in
      route.methods.map { "\($0) \(route.path)" }
    }
    let reading = [
      "/", "/checkpoint", "/formats", "/health", "/metrics", "/openapi.json", "/policy", "/session",
      "/\(PageAsset.style.name)", "/\(PageAsset.script.name)",
    ]
    #expect(
      open.sorted()
        == (reading.flatMap { ["GET \($0)", "HEAD \($0)"] } + ["POST /entries", "POST /session"]).sorted())
  }

  @Test("without a good token no route shows records; with a member's each does, and no cache keeps it")
  func everyRoute() async throws {
    let (ledger, other) = (try TestLedger(), try TestLedger())
    let now = UInt64(Date().timeIntervalSince1970)
    let routes = NodeRoutes.table(NodeSettings()).filter { $0.shows == .records }
    #expect(routes.count > 12)
    // What begins an audit, and what prepares a statement, writes nothing to the ledger.
    let posted = routes.filter { $0.methods == [.post] }.map(Self.path)
    #expect(Set(posted) == ["/audit", "/statement"])
    #expect(routes.allSatisfy { $0.methods == [.post] || $0.methods == [.get, .head] })
    // Made when it is used: it ends after minutes, and tests may wait for longer.
    let token = { @Sendable in try Self.token(ledger) }
    let refused: [(status: Int, code: String, fields: [String])] = [
      (401, "no-token", []),
      (401, "token-expired", [try Self.token(ledger) { ($0.issuedAt, $0.expiresAt) = (now - 100, now - 1) }]),
      (401, "token-other-ledger", [try Self.token(ledger) { $0.ledger = other.id }]),
      (403, "token-no-member", [try Self.token(other) { ($0.ledger, $0.issuer) = (ledger.id, nil) }]),
    ]
    try await withNode(ledger, readers: .members) { node in
      try await node.connected { wire in
        for path in routes.map(Self.path) {
          for (status, code, fields) in refused {
            let answer = try wire.request("GET", path, fields)
            #expect(answer.status == status, "\(path): \(answer.status)")
            #expect(try answer.json(ProblemDetails.self).code == code, "\(path)")
            #expect(answer["www-authenticate"]?.hasPrefix("Bearer realm=\"\(ledger.id.hex)\"") == true)
            #expect(answer["cache-control"] == "no-store")
          }
          #expect(try wire.request("HEAD", path).status == 401)
          // What never ends has a test of its own.
          guard path != "/events" else { continue }
          let answer = try wire.request("GET", path, [token()])
          #expect(answer.status != 401 && answer.status != 403, "\(path): \(answer.status)")
          #expect(["private, no-store", "no-store"].contains(answer["cache-control"]), "\(path)")
          guard answer.status == 200 else { continue }
          #expect(answer["cache-control"] == "private, no-store", "\(path)")
        }
        for path in posted {
          #expect(try wire.request("POST", path, body: []).status == 401, "\(path)")
          let answer = try wire.request("POST", path, [token()], body: [])
          #expect(answer.status != 401 && answer.status != 403, "\(path): \(answer.status)")
        }
        for path in ["/", "/checkpoint", "/health", "/policy"] {
          #expect(try wire.request("GET", path).status == 200, "\(path)")
        }
      }
    }
  }

  @Test("a token that is none, has ended, is another ledger's, node's or member's is refused by name")
  func refused() async throws {
    let (ledger, other) = (try TestLedger(), try TestLedger())
    let stranger = try Party("member-0")
    let now = UInt64(Date().timeIntervalSince1970)
    func signed(by key: PrivateKey, _ change: (inout AccessToken.Claims) -> Void = { _ in }) throws -> String
    {
      var claims = AccessToken.Claims(
        issuer: nil, ledger: ledger.id, node: Self.url, issuedAt: now, tokenID: freshTokenID())
      change(&claims)
      return Self.header(try AccessToken.bytes(claims, signedBy: key))
    }
    var forged = try AccessToken.bytes(
      .init(issuer: nil, ledger: ledger.id, node: Self.url, issuedAt: now, tokenID: freshTokenID()),
      signedBy: ledger.members[0].key)
    forged[forged.count - 1] ^= 1
    let statement = try ledger.entry("text".utf8)
    let cases: [(status: Int, code: String, header: String)] = [
      (401, "token-malformed", "Authorization: Bearer"),
      (401, "token-malformed", "Authorization: Basic eDp5"),
      (401, "token-malformed", "Authorization: Bearer a+b="),
      (401, "token-malformed", Self.header(statement)),
      (401, "token-bad-signature", Self.header(forged)),
      (403, "token-no-member", try signed(by: stranger.key)),
      (403, "token-no-member", try signed(by: ledger.members[0].key) { $0.issuer = ledger.members[1].id }),
      (401, "token-other-ledger", try Self.token(ledger) { $0.ledger = other.id }),
      (401, "token-other-node", try Self.token(ledger) { $0.node = "http://localhost:1" }),
      (401, "token-other-node", try Self.token(ledger) { $0.node = "http://ledger.example.org" }),
      (401, "token-other-node", try Self.token(ledger) { $0.node = "http://localhost/below" }),
      (401, "token-other-node", try Self.token(ledger) { $0.node = "ftp://localhost" }),
      (401, "token-expired", try Self.token(ledger) { ($0.issuedAt, $0.expiresAt) = (now - 100, now - 1) }),
      (
        401, "token-not-yet",
        try Self.token(ledger) { ($0.issuedAt, $0.expiresAt) = (now + 3600, now + 3700) }
      ),
      (401, "token-too-long", try Self.token(ledger) { $0.expiresAt = $0.issuedAt + 601 }),
    ]
    try await withNode(ledger, readers: .members) { node in
      try await node.connected { wire in
        for (status, code, header) in cases {
          let answer = try wire.request("GET", "/members", [header])
          #expect(answer.status == status, "\(code): \(answer.status)")
          #expect(try answer.json(ProblemDetails.self).code == code)
          #expect(answer["www-authenticate"] != nil)
        }
        for member in 0..<3 {
          #expect(
            try wire.request("GET", "/members", [Self.token(ledger, by: member) { $0.issuer = nil }]).status
              == 200)
        }
        // Its scheme may be written in any case (RFC 9110 §11.1).
        let lower = try Self.token(ledger).replacing("Bearer", with: "bearer")
        #expect(try wire.request("GET", "/members", [lower]).status == 200)
      }
    }
  }

  @Test("a browser changes a token for a cookie that ends with it, and only reads by it")
  func session() async throws {
    let ledger = try TestLedger()
    let token = try Self.token(ledger).dropFirst("Authorization: Bearer ".count)
    let form = ["Content-Type: application/x-www-form-urlencoded"]
    try await withNode(ledger, readers: .members) { node in
      try await node.connected { wire in
        let page = try wire.request("GET", "/session")
        #expect(page.status == 200 && page.text.contains("<form method=\"post\">"))
        #expect(page["content-security-policy"]?.contains("form-action 'self'") == true)
        let begun = try wire.request("POST", "/session", form, body: Array("token=\(token)%0D%0A".utf8))
        #expect(begun.status == 303 && begun["location"] == "/" && begun["cache-control"] == "no-store")
        let cookie = try #require(begun["set-cookie"])
        #expect(cookie.hasPrefix("__Host-zheng=\(token); Path=/; Max-Age="))
        #expect(cookie.hasSuffix("; Secure; HttpOnly; SameSite=Strict"))
        let life = try #require(cookie.firstMatch(of: /Max-Age=([0-9]+)/).flatMap { Int($0.1) })
        #expect((1...600).contains(life))
        let kept = ["Cookie: a=b; __Host-zheng=\(token)"]
        #expect(try wire.request("GET", "/members", kept).status == 200)
        // The list of the member whose token it is.
        #expect(try wire.request("GET", "/todo", kept).text.contains("没有待办事项"))
        #expect(try wire.request("DELETE", "/members", kept).status == 405)
        #expect(try wire.request("GET", "/members", ["Cookie: __Host-zheng=x"]).status == 401)
        #expect(try wire.request("POST", "/session", ["Content-Type: text/plain"], body: [1]).status == 415)
        for (body, status) in [
          ("token=x", 401), ("other=x", 400), ("token=" + String(repeating: "x", count: 5000), 413),
        ] {
          #expect(
            try wire.request("POST", "/session", form, body: Array(body.utf8)).status == status,
            "\(body.prefix(9))")
        }
      }
    }
  }

  @Test("an event stream ends with the token by which it is read")
  func stream() async throws {
    let ledger = try TestLedger()
    let now = UInt64(Date().timeIntervalSince1970)
    try await withNode(ledger, readers: .members) { node in
      try await node.connected { wire in
        let token = try Self.token(ledger) { ($0.issuedAt, $0.expiresAt) = (now, now + 2) }
        // The token may have ended on the way, on a machine that others keep busy.
        try wire.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\(token)\r\n\r\n")
        let head = try wire.response(hasBody: false)
        guard head.status == 200 else { return #expect(head.status == 401) }
        #expect(head["cache-control"] == "private, no-store")
        while try wire.chunk() != nil {}
      }
    }
  }

  @Test(
    "an event stream ends when the member that reads it is removed, with no event of that block; others go on"
  )
  func removed() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger, readers: .members) { node in
      let port = node.port
      try await node.connected { wire in
        func follow(by member: Int) throws -> Wire {
          let listener = try Wire(port: port)
          let token = try Self.token(ledger, by: member)
          try listener.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\(token)\r\n\r\n")
          #expect(try listener.response(hasBody: false).status == 200)
          #expect(try Self.height(listener) == 0)
          return listener
        }
        let (removed, other) = (try follow(by: 1), try follow(by: 2))
        let root = try wire.request("GET", "/members", [Self.token(ledger)]).json(NodeMembers.self).roster
        let change = RosterChange(of: try #require(Digest(hex: root)), .removeMember("member-1"))
        let answer = try wire.post(ledger.entry(change.payload, type: change.contentType, subject: nil))
        #expect(answer.status == 201, "\(answer.text)")
        #expect(try Self.height(removed) == nil)
        #expect(try Self.height(other) == 1)
        _ = try wire.post(ledger.entry([1]))
        #expect(try Self.height(other) == 2)
      }
    }
  }

  /// The height in the next event; nil where the stream ends.
  private static func height(_ wire: Wire) throws -> UInt64? {
    while let chunk = try wire.chunk() {
      let line = String(decoding: chunk, as: UTF8.self).prefix { $0 != "\n" }
      if line.hasPrefix("id: ") { return UInt64(line.dropFirst(4)) }
    }
    return nil
  }

  @Test("under --read public no token is looked at")
  func publicReading() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let answer = try await node.connected {
        try $0.request("GET", "/entries/0", ["Authorization: Bearer x"])
      }
      #expect(answer.status == 200 && answer["cache-control"] == "public, max-age=31536000, immutable")
    }
  }

  @Test("a client with a member's key reads, and one without is told why it may not; both append")
  func client() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger, readers: .members) { node in
      let url = "http://127.0.0.1:\(node.port)"
      var client = try NodeClient.patient(url)
      client.checksProofs = true
      let entry = try ledger.entry([1])
      guard case .recorded = try await client.append(entry) else { return #expect(Bool(false)) }
      let refusal = await #expect(throws: NodeClientError.self) { try await client.members() }
      #expect(refusal?.code == .noAccess)
      #expect(try await client.append(sequence: [entry]).first?.doubt?.code == .notProven)
      let tokens = ReadingTokens(
        key: ledger.members[1].key, ledger: ledger.id, node: client.url,
        now: { UInt64(Date().timeIntervalSince1970) })
      client.authorization = tokens.authorization
      #expect(try await client.issuer(of: ledger.members[2].key.publicKey) == "member-2")
      #expect(try await client.append(sequence: [entry]).first?.doubt == nil)
    }
  }

  @Test("a token is made again shortly before it ends, and goes over TLS or to this machine only")
  func tokens() throws {
    let party = try Party("a")
    let clock = Clock()
    let tokens = ReadingTokens(
      key: party.key, ledger: SHA256.digest(of: [1]), node: "https://x", now: { clock.now })
    let first = try tokens.token()
    clock.now += 400
    #expect(try tokens.token() == first)
    clock.now += 100
    #expect(try tokens.token() != first)
    for url in ["https://example.org", "http://localhost:1/x", "http://127.1.2.3", "http://[::1]:80"] {
      #expect(ReadingTokens.maySend(to: url), "\(url)")
    }
    for url in [
      "http://example.org", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://10.0.0.1",
    ] {
      #expect(!ReadingTokens.maySend(to: url), "\(url)")
    }
  }

  private final class Clock: @unchecked Sendable { var now: UInt64 = 1_000_000 }

  @Test("a node is meant by a name that it has, and by the port of the request")
  func audience() {
    let audience = Audience(KnownHosts(["ledger.example.org", "10.0.0.7"], Remedies()), basePath: "/pilot")
    func isOwn(_ url: String, _ asked: String?, isLoopback: Bool = false) -> Bool {
      audience.isOwn(url, asked: asked, isLoopback: isLoopback)
    }
    #expect(isOwn("https://ledger.example.org/pilot", "ledger.example.org"))
    #expect(isOwn("https://LEDGER.example.org:443/pilot", "ledger.example.org:443"))
    #expect(isOwn("http://10.0.0.7:8080/pilot", "10.0.0.7:8080"))
    // A proxy names what it asks.
    #expect(isOwn("https://ledger.example.org/pilot", "10.0.0.7:8080"))
    #expect(isOwn("https://ledger.example.org/pilot", nil))
    #expect(isOwn("http://[::1]:8080/pilot", "[::1]:8080", isLoopback: true))
    for url in [
      "https://ledger.example.org", "https://ledger.example.org/pilot/",
      "https://ledger.example.org:8443/pilot",
      "https://user@ledger.example.org/pilot", "https://ledger.example.org/pilot?x",
      "https://ledger.example.org/pilot#x",
      "https://other.example.org/pilot", "wss://ledger.example.org/pilot", "", "ledger.example.org/pilot",
    ] { #expect(!isOwn(url, "ledger.example.org"), "\(url)") }
    #expect(audience.home == "/pilot/")
    // By a loopback name another machine's reader means another node.
    #expect(!isOwn("http://localhost:8080/pilot", "localhost:8080"))
  }
}
