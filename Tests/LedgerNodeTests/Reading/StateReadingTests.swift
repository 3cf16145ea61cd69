import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Scenarios
import Statements
import Testing
import TransparencyLog

@Suite("The state over HTTP", .timeLimit(.minutes(30))) struct StateReadingTests {
  /// What the policy that a node serves makes of a state proof that it gives.
  private func proven(_ wire: Wire, _ path: String) throws -> ProvenState {
    let text = try wire.request("GET", "/policy").body
    let policy = try Policy(parsing: text.span)
    let answer = try wire.request("GET", path)
    #expect(
      answer.status == 200 && answer["content-type"] == "text/plain; charset=utf-8", "\(path): \(answer.text)"
    )
    return try StateProofs(parsing: answer.body.span).check(policy)
  }

  /// All pages of what has the address `path`.
  private func pages(_ wire: Wire, _ path: String) throws -> [NodeProofs] {
    var pages = [try wire.request("GET", path).json(NodeProofs.self)]
    while let next = pages.last?.next {
      pages.append(try wire.request("GET", "\(path)&after=\(next)").json(NodeProofs.self))
    }
    return pages
  }

  @Test("values and absences are proven under the policy alone, by key and by name, of the newest block")
  func state() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry("text".utf8)
      let id = try SignedStatement(decoding: entry).id
      _ = try await node.connected { try $0.post(entry) }
      let list = StateKey.subject("case 7", of: StateKey.plain)
      let digest = SHA256.digest(of: Array("text".utf8))
      let expected: [(path: String, keys: [StateKey], recorded: [Bool])] = [
        (
          "/state?key=\(Hex.encode(list.bytes))&key=\(Hex.encode(StateKey.roster.bytes))", [list, .roster],
          [true, true]
        ),
        ("/state/subject/plain/case%207", [list], [true]),
        ("/state/subject/evidence/case%207", [.subject("case 7", of: "evidence")], [false]),
        ("/state/digest/\(digest)", [.digest(digest)], [true]),
        ("/state/statement/\(id)", [.statement(id)], [true]),
        ("/state/statement/\(digest)", [.statement(digest)], [false]),
        ("/state/item/E%2F1%E8%AF%81", StateQuery.item("E/1证").keys, [false, false]),
        ("/state/request/R-1", StateQuery.request("R-1").keys, [false, false]),
      ]
      for route in expected {
        let (path, keys, recorded) = route
        let proven = try await node.connected { wire -> ProvenState in try self.proven(wire, path) }
        let (get, head) = try await node.connected { wire in
          (try wire.request("GET", path), try wire.request("HEAD", path))
        }
        #expect(head.status == 200 && head["content-length"] == "\(get.body.count)", "\(path)")
        #expect(proven.header.height == 1 && proven.values.map(\.key) == keys, "\(path)")
        #expect(proven.values.map { $0.value != nil } == recorded, "\(path)")
      }
      let stated = try await node.connected { wire -> ProvenState in
        try self.proven(wire, "/state/statement/\(id)")
      }
      let place = stated.values[0].value
      let index = try place.map { try StatementPlace(decoding: $0).index }
      #expect(index == 2)
    }
  }

  @Test(
    "as of an earlier block its header comes along, by key, by name and with a page of records: of lists alone"
  )
  func earlier() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      for text in ["one", "two"] {
        let entry = try ledger.entry(text.utf8)
        _ = try await node.connected { try $0.post(entry) }
      }
      let list = StateKey.subject("case 7", of: StateKey.plain)
      for height in 0...3 as ClosedRange<UInt64> {
        for path in [
          "/state?key=\(Hex.encode(list.bytes))&at=\(height)", "/state/subject/plain/case%207?at=\(height)",
          "/state/item/E-1?at=\(height)", "/state/request/R-1?at=\(height)",
        ] {
          let proven = try await node.connected { wire -> ProvenState in try self.proven(wire, path) }
          #expect(proven.header.height == 2 && proven.values.count == 1, "\(path)")
          #expect(proven.earlier?.height == (height < 2 ? height : nil), "\(path)")
          #expect(proven.values.allSatisfy { StateQuery.isList($0.key) }, "\(path)")
        }
        let page = try await node.connected { wire in
          try wire.request("GET", "/proof?item=E-1&at=\(height)").json(NodeProofs.self)
        }
        let bytes = Array(page.state.utf8)
        let proofs = try StateProofs(parsing: bytes.span)
        #expect((proofs.earlier != nil) == (height < 2) && proofs.keys.count == 1)
      }
    }
  }

  @Test("a list comes with the proofs of all its records, page by page, each once")
  func lists() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entries = try (0..<600).map { try ledger.entry([UInt8($0 & 0xff), 1]) }
      let sequence = entries.reduce(into: [UInt8]()) { $0 += $1 }
      let pages = try await node.connected { wire -> [NodeProofs] in
        let answer = try wire.request(
          "POST", "/entries", ["Content-Type: application/cbor-seq"], body: sequence)
        #expect(answer.status == 200)
        return try self.pages(wire, "/proof?subject=case%207")
      }
      let text = try await node.connected { try $0.request("GET", "/policy").body }
      let policy = try Policy(parsing: text.span)
      let digest = SHA256.digest(of: [7, 1])
      let other = try await node.connected { try self.pages($0, "/proof?digest=\(digest)") }
      #expect(pages.map(\.records.count) == [256, 256, 88])
      let list = StateKey.subject("case 7", of: StateKey.plain)
      let records = try pages.flatMap(\.records).map { record in
        let proven = try RecordProof(parsing: Array(record.proof.utf8).span).check(policy)
        #expect(proven.index == record.index && record.lists == [Hex.encode(list.bytes)])
        return proven
      }
      let state = try StateProofs(parsing: Array(pages[2].state.utf8).span).check(policy)
      try state.requireAll(records, of: list)
      #expect(throws: ProofError.self) { try state.requireAll(Array(records.dropLast()), of: list) }
      // 600 payloads of 256 values.
      #expect(other.count == 1 && other[0].records.count == 3)
    }
  }

  @Test("what is asked for while blocks are committed is proven, and has all that was acknowledged before")
  func atWork() async throws {
    let ledger = try TestLedger(parameters: ["block-delay-ms": 1])
    try await withNode(ledger) { node in
      let entries = try (0..<120).map { try ledger.entry([UInt8($0)]) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in 0..<4 {
          group.addTask {
            try await node.connected { wire in
              for number in stride(from: part, to: entries.count, by: 4) {
                let id = try wire.post(entries[number]).json(NodeReceipt.self).id
                #expect(try self.proven(wire, "/state/statement/\(id)").values[0].value != nil)
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("what names no key, or is spelled otherwise, is refused")
  func refusals() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let (hex, long) = (String(repeating: "a", count: 64), String(repeating: "x", count: 4090))
      let key = Hex.encode(StateKey.roster.bytes)
      let many = (0..<65).map { "key=\(key)\(Hex.encode([0, UInt8($0)]))" }.joined(separator: "&")
      try await node.expectProblem(
        400, "malformed",
        at: [
          "/state", "/state?", "/state?key=", "/state?key", "/state?key=abc", "/state?key=AB",
          "/state?key=ab&x=1",
          "/state?key=\(key)&key=\(key)", "/state?\(many)", "/state?key=\(key)&", "/state?&key=\(key)",
          "/state/digest/abc", "/state/statement/\(hex.uppercased())", "/state/item/%", "/state/item/%f",
          "/state/item/%FF", "/state/item/%00", "/state/item/\(long)", "/state/item/a?x=1", "/proof",
          "/proof?subject=a&item=b", "/proof?owner=plain", "/proof?item=a&owner=plain", "/proof?subject=",
          "/proof?subject=a&owner=nobody", "/proof?digest=abc", "/proof?item=%zz", "/proof?item=a&after=01",
          "/proof?item=a&after=1&after=2", "/proof?item=a%00", "/proof/2?at=tail", "/checkpoint?x",
          "/health?a=1",
        ])
      try await node.expectProblem(
        404, "not-found",
        at: [
          "/state/", "/state/roster", "/state/subject/nobody/a", "/state/subject/plain",
          "/state/digest/\(hex)/a",
          "/state/item", "/state/item/a/b", "/state/item//a", "/proof%3Fitem=a",
        ])
      let tooLong = try await node.connected {
        try $0.request("GET", "/state?key=\(String(repeating: "a", count: 16_384))")
      }
      #expect(try tooLong.status == 431 && tooLong.json(ProblemDetails.self).code == "too-large")
      for path in ["/state?key=\(key)", "/state/item/a", "/proof?item=a"] {
        let answer = try await node.connected { try $0.request("POST", path, body: []) }
        #expect(answer.status == 405 && answer["allow"] == "GET, HEAD", "\(path)")
      }
    }
  }
}
