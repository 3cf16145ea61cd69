import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Synchronization
import Testing
import TransparencyLog

@Suite("Reading over HTTP", .timeLimit(.minutes(30))) struct ReadingTests {
  @Test("each address has its type and its caching")
  func routes() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry("text".utf8)
      let id = try SignedStatement(decoding: entry).id.hex
      _ = try await node.connected { try $0.post(entry) }
      let (forever, never) = ("public, max-age=31536000, immutable", "no-cache")
      let cose = "application/cose; cose-type=\"cose-sign1\""
      let text = "text/plain; charset=utf-8"
      let expected: [(path: String, type: String, caching: String)] = [
        ("/", "text/html; charset=utf-8", never), ("/checkpoint", text, never), ("/policy", text, never),
        ("/members", "application/json", never), ("/health", "application/json", "no-store"),
        ("/entries/2", cose, forever), ("/entries/\(id)", cose, forever), ("/entries/3", cose, forever),
        ("/proof/2", text, forever), ("/proof/\(id)", text, forever), ("/proof/2?at=head", text, never),
        ("/tile/0/000.p/4", "application/octet-stream", forever),
        ("/tile/entries/000.p/4", "application/octet-stream", forever),
      ]
      for route in expected {
        let (path, type, caching) = route
        let (get, head) = try await node.connected { wire in
          (try wire.request("GET", path), try wire.request("HEAD", path))
        }
        #expect(
          get.status == 200 && get["content-type"] == type && get["cache-control"] == caching, "\(path)")
        #expect(get["x-content-type-options"] == "nosniff")
        #expect(head.status == 200 && head.body.isEmpty && head["content-type"] == type, "\(path)")
        #expect(head["content-length"] == "\(get.body.count)", "\(path)")
      }
      let raw = try await node.connected { try $0.request("GET", "/entries/\(id)") }
      #expect(raw.body == entry && raw["content-location"] == "/entries/2" && raw["vary"] == "Accept")
    }
  }

  @Test("a node is served below a path: every address, what answers name, and what the client asks for")
  func basePath() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.basePath = "/pilot/ledger-1"
    let base = settings.basePath
    try await withNode(ledger, settings) { node in
      let entry = try ledger.entry([1])
      var client = try NodeClient.patient("http://127.0.0.1:\(node.port)\(base)/")
      client.checksProofs = true
      try await client.requireLedger(ledger.id)
      #expect(try await client.append(sequence: [entry]).first?.verdict.status == 201)
      let id = try SignedStatement(decoding: entry).id.hex
      let answer = try await node.connected { try $0.request("GET", "\(base)/entries/\(id)") }
      #expect(answer.status == 200 && answer["content-location"] == "\(base)/entries/2")
      let front = try await node.connected { try $0.request("GET", base) }
      #expect(front.status == 308 && front["location"] == "\(base)/")
      let page = try await node.connected { try $0.request("GET", "\(base)/") }
      #expect(page.status == 200 && !page.text.contains("href=\"/"))
      for path in ["/", "/checkpoint", "\(base)x/checkpoint", "/pilot/checkpoint", "\(base)//checkpoint"] {
        let answer = try await node.connected { try $0.request("GET", path) }
        #expect(answer.status == 404, "\(path)")
      }
    }
  }

  @Test(
    "a node whose clock is in doubt says so in its health, and once to its operator, until the doubt is gone")
  func clock() async throws {
    let ledger = try TestLedger()
    let ahead = Mutex<UInt64>(0)
    let told = Mutex<[Refusal.Code?]>([])
    var settings = TestNode.patient
    settings.writer.onClockDoubt = { doubt in told.withLock { $0.append(doubt?.code) } }
    settings.writer.now = {
      let wall = UInt64(Date().timeIntervalSince1970 * 1000)
      return .now(wall: wall + ahead.withLock { $0 })
    }
    try await withNode(ledger, settings) { node in
      let good = try await node.connected { try $0.request("GET", "/health") }
      #expect(good.status == 200 && !good.text.contains("doubted"))
      ahead.withLock { $0 = 3 * 3_600_000 }
      let bad = try await node.connected { try $0.request("GET", "/health") }
      let health = try JSONDecoder().decode(NodeHealth.self, from: Data(bad.body))
      #expect(bad.status == 503 && health.status == .clock && health.clock == .doubted)
      #expect(health.failure?.contains("isClockConfirmed") == true)
      let entry = try ledger.entry([1])
      let refused = try await node.connected { try $0.post(entry) }
      #expect(refused.status == 503 && refused.text.contains("Whoever operates the ledger"))
      // The same node takes it when the clock is right again.
      ahead.withLock { $0 = 0 }
      #expect(try await node.connected { try $0.request("GET", "/health") }.status == 200)
      #expect(try await node.connected { try $0.post(entry) }.status == 201)
      #expect(told.withLock { $0 } == [.clockJump, nil])
    }
  }

  @Test("what is not there is 404, not kept by anyone, and so is every other spelling of a path")
  func notFound() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let paths = [
        "/nothing", "//", "/entries/", "/entries//0", "/entries/0/", "/checkpoint/", "/Checkpoint",
        "/%63heckpoint",
        "/entries/2", "/entries/18446744073709551615", "/entries/" + String(repeating: "0", count: 64),
        "/proof/2",
        "/proof/1", "/tile", "/tile/", "/tile/0", "/tile/0/000", "/tile/0/000.p/3", "/tile/0/000.p/0",
        "/tile/0/000.p/02", "/tile/0/000.p/256", "/tile/00/000.p/2", "/tile/0/x000/000.p/2", "/tile/0/0.p/2",
        "/tile/1/000.p/1", "/tile/64/000.p/1", "/tile/0/001.p/1", "/tile/entries/000",
        "/tile/entries/000.p/3",
        "/tile/data/000.p/1", "/tile/0/000.p/2/", "/tile//0/000.p/2", "/tile/0/%3000.p/2",
        "/tile/0/x999/x999/x999/x999/x999/x999/999.p/1",
      ]
      for path in paths {
        let response = try await node.connected { try $0.request("GET", path) }
        #expect(response.status == 404, "\(path)")
        let problem = try response.json(ProblemDetails.self)
        #expect(problem.code == "not-found", "\(path)")
        #expect(response["cache-control"] == "no-store", "\(path)")
      }
    }
  }

  @Test("names that can name nothing are 400, methods that are not known 405 with those that are")
  func badRequests() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      for path in [
        "/entries/x", "/entries/01", "/entries/-1", "/entries/18446744073709551616", "/entries/٣",
        "/entries/" + String(repeating: "F", count: 64), "/proof/1e3", "/proof/0?at=tail",
        "/proof/0?at=head&x=1",
      ] {
        let response = try await node.connected { try $0.request("GET", path) }
        #expect(response.status == 400, "\(path)")
      }
      let methods: [(String, String, String)] = [
        ("PUT", "/entries", "GET, HEAD, POST"), ("POST", "/checkpoint", "GET, HEAD"),
        ("DELETE", "/entries/0", "GET, HEAD"), ("POST", "/tile/0/000.p/2", "GET, HEAD"),
        ("PATCH", "/", "GET, HEAD"),
      ]
      let responses = try await node.connected { wire in
        try methods.map { try wire.request($0.0, $0.1, body: []) }
      }
      for (response, method) in zip(responses, methods) {
        #expect(response.status == 405 && response["allow"] == method.2, "\(method)")
      }
    }
  }

  @Test("what is said in JSON is what the ledger says")
  func json() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry("payload".utf8, by: 2)
      let statement = try SignedStatement(decoding: entry)
      let (receipt, read, header, page, health, members, checkpoint) = try await node.connected { wire in
        (
          try wire.post(entry).json(NodeReceipt.self),
          try wire.request("GET", "/entries/2", ["Accept: application/json"]).json(NodeEntry.self),
          try wire.request("GET", "/entries/3", ["Accept: application/json"]).json(NodeEntry.self),
          try wire.request("GET", "/", ["Accept: text/html"]),
          try wire.request("GET", "/health").json(NodeHealth.self),
          try wire.request("GET", "/members").json(NodeMembers.self), try wire.request("GET", "/checkpoint")
        )
      }
      #expect((read.index, read.block, read.time) == (2, 1, receipt.time))
      #expect((read.id, read.type, read.kid) == (statement.id.hex, "text/plain", statement.keyID.hex))
      #expect(
        (read.issuer, read.subject, read.issuedAt) == ("member-2", "case 7", statement.claims?.issuedAt))
      #expect((read.bytes, read.payload) == (7, Data("payload".utf8).base64EncodedString()))
      #expect(header.type == Kind.block && header.issuer == nil && header.block == 1)
      let note = try SignedNote(parsing: checkpoint.body.span)
      let head = try Checkpoint(parsing: note.text)
      #expect(
        health.status == .ok && health.ledger == ledger.id.hex && health.size == 4 && health.height == 1)
      #expect(health.root == Data(head.root.bytes).base64EncodedString() && health.origin == head.origin)
      #expect(health.time == receipt.time && health.version == "test" && health.failure == nil)
      #expect(receipt.checkpoint == checkpoint.text)
      #expect(
        members.ledger == ledger.id.hex && members.height == 2 && members.administrators == ["member-0"])
      #expect(members.members.map(\.id) == ["member-0", "member-1", "member-2"])
      #expect(members.members[2].keys[0].algorithm == "ed25519" && members.members[2].keys[0].isInForce)
      #expect(page.text.contains("测试 &lt;链&gt;") && !page.text.contains("<链>"))
      #expect(page["content-security-policy"]?.contains("default-src 'none'") == true)
    }
  }

  @Test("a proof holds under the policy, against its own block's checkpoint and against the newest")
  func proofs() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entries = try (0..<6).map { try ledger.entry([$0]) }
      let responses = try await node.connected { wire -> [WireResponse] in
        for entry in entries { _ = try wire.post(entry) }
        let paths = ["/proof/4", "/proof/4?at=head", "/policy", "/checkpoint"]
        return try paths.map { try wire.request("GET", $0) }
      }
      let bodies = responses.map(\.body)
      let (own, atHead, policyText, checkpoint) = (bodies[0], bodies[1], bodies[2], bodies[3])
      let policy = try Policy(parsing: policyText.span)
      let proven = try RecordProof(parsing: own.span).check(policy)
      #expect(proven.statement.entry == entries[1] && proven.checkpoint.size == 6)
      let newest = try RecordProof(parsing: atHead.span)
      #expect(try newest.check(policy).checkpoint.size == 14)
      #expect(newest.proof.checkpoint.bytes == checkpoint)
    }
  }

  @Test("tiles and bundles are slices of the files, at every width that the tree has had, and none beyond")
  func tiles() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let count = 300
      let entries = try (0..<count).map { try ledger.entry([UInt8($0 & 0xff)]) }
      // Sent over many connections, so that blocks are of all sizes.
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in 0..<10 {
          group.addTask {
            try await node.connected { wire in
              for number in stride(from: part, to: count, by: 10) { _ = try wire.post(entries[number]) }
            }
          }
        }
        try await group.waitForAll()
      }
      let (leaves, bundles) = (try ledger.file("tiles/0"), try ledger.file("entries/000000000000"))
      let size = UInt64(leaves.count / 32)
      let ranges = try EntryBundle.entries(of: bundles.span, count: Int(size))
      #expect(size > 256)
      try await node.connected { wire in
        func tile(_ kind: TilePath.Kind, _ index: UInt64, _ width: Int) throws -> WireResponse {
          try wire.request("GET", "/" + TilePath(kind: kind, index: index, width: width).description)
        }
        for index in UInt64(0)...1 {
          for width in 1...256 {
            let (first, end) = (Int(index) * 256, Int(index) * 256 + width)
            let (hashes, bundle) = (
              try tile(.hashes(level: 0), index, width), try tile(.entries, index, width)
            )
            guard end <= size else {
              #expect(hashes.status == 404 && bundle.status == 404)
              continue
            }
            #expect(hashes.status == 200 && hashes.body == Array(leaves[first * 32..<end * 32]))
            #expect(bundle.body == Array(bundles[ranges[first].lowerBound - 2..<ranges[end - 1].upperBound]))
          }
        }
        #expect(try tile(.hashes(level: 1), 0, 1).body == ledger.file("tiles/1"))
        let note = try wire.request("GET", "/checkpoint").body
        let head = try Checkpoint(parsing: SignedNote(parsing: note.span).text)
        #expect(head.size == size)
      }
    }
  }
}
