import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Testing
import TransparencyLog

@Suite("POST /entries", .timeLimit(.minutes(30))) struct SubmissionTests {
  @Test("a new record is 201 with index, block, id, time and a proof that holds under the policy")
  func created() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry("你好".utf8)
      let (response, policy) = try await node.connected { wire in
        let response = try wire.post(entry, ["Content-Type: application/cose; cose-type=\"cose-sign1\""])
        return (response, try wire.request("GET", "/policy"))
      }
      #expect(response.status == 201)
      #expect(response["content-type"] == "application/json")
      #expect(response["cache-control"] == "no-store")
      #expect(response["location"] == "/entries/2")
      let receipt = try response.json(NodeReceipt.self)
      let statement = try SignedStatement(decoding: entry)
      #expect((receipt.index, receipt.block, receipt.id) == (2, 1, statement.id.hex))
      let proof = try RecordProof(parsing: Array(receipt.proof.utf8).span)
      let proven = try proof.check(Policy(parsing: policy.body.span))
      #expect(proven.statement == statement)
      #expect(proven.header.time == receipt.time)
      #expect(receipt.checkpoint == String(decoding: proof.proof.checkpoint.bytes, as: UTF8.self))
    }
  }

  @Test(
    "a statement that is a record already is 200 with the first receipt, whatever signature it bears, also after a restart"
  )
  func duplicate() async throws {
    let ledger = try TestLedger()
    let claims = Claims(
      issuer: "member-0", audience: ledger.id, issuedAt: UInt64(Date().timeIntervalSince1970),
      tokenID: try randomBytes(16))
    let draft = StatementDraft(contentType: "text/plain", claims: claims, payload: [1])
    // ES256 signatures differ each time; the statement does not.
    let (first, second) = (
      try draft.signed(by: ledger.members[0].key).entry, try draft.signed(by: ledger.members[0].key).entry
    )
    #expect(first != second)
    var receipts: [NodeReceipt] = []
    for round in 0..<2 {
      try await withNode(ledger) { node in
        let responses = try await node.connected { wire in
          [
            try wire.post(first), try wire.post(second), try wire.post(ledger.entry([2])),
            try wire.post(first),
          ]
        }
        #expect(responses.map(\.status) == (round == 0 ? [201, 200, 201, 200] : [200, 200, 201, 200]))
        receipts += try [responses[0], responses[1], responses[3]].map { try $0.json(NodeReceipt.self) }
      }
    }
    #expect(Set(receipts).count == 1)
  }

  @Test("Prefer: return=minimal gives the place without the proof, of a new record and of one that was there")
  func minimal() async throws {
    let ledger = try TestLedger()
    let entry = try ledger.entry([5])
    let headers = ["Content-Type: application/cose", "Prefer: return=minimal"]
    for round in 0..<2 {
      try await withNode(ledger) { node in
        let (first, again, whole, stranger) = try await node.connected { wire in
          (
            try wire.post(entry, headers), try wire.post(entry, headers), try wire.post(entry),
            try wire.post([1, 2, 3], headers)
          )
        }
        let receipt = try whole.json(NodeReceipt.self)
        for (response, status) in [(first, round == 0 ? 201 : 200), (again, 200)] {
          let verdict = try response.json(NodeVerdict.self)
          #expect(response.status == status && verdict.status == status && verdict.problem == nil)
          #expect(verdict.id == receipt.id && verdict.index == receipt.index)
          #expect(verdict.block == receipt.block && verdict.time == receipt.time)
          #expect(response["preference-applied"] == "return=minimal")
          #expect(response["location"] == "/entries/\(receipt.index)")
          #expect(!response.text.contains("proof"))
        }
        #expect(whole["preference-applied"] == nil)
        #expect(stranger.status == 400)
      }
    }
  }

  @Test("Accept: text/plain gives the proof alone")
  func proofAlone() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([7])
      let (proof, json) = try await node.connected { wire in
        (
          try wire.post(entry, ["Accept: text/plain, application/json;q=0.5"]),
          try wire.post(entry, ["Accept: */*"])
        )
      }
      #expect(proof.status == 201)
      #expect(proof["content-type"] == "text/plain; charset=utf-8")
      #expect(proof.text == (try json.json(NodeReceipt.self)).proof)
    }
  }

  /// What is refused, with which status and code.
  static let refusals: [(name: String, status: Int, code: String)] = [
    ("empty", 400, "malformed"), ("garbage", 400, "malformed"), ("largest", 400, "malformed"),
    ("too large", 413, "too-large"), ("text", 415, "unsupported-media-type"),
    ("cose-key", 415, "unsupported-media-type"), ("other ledger", 422, "wrong-ledger"),
    ("unknown member", 403, "unknown-member"), ("unknown key", 403, "unknown-key"),
    ("flipped", 403, "bad-signature"), ("stale", 422, "stale"), ("future", 422, "after-block-time"),
    ("reserved", 422, "unknown-kind"),
  ]

  private func body(_ name: String, _ ledger: TestLedger) throws -> [UInt8] {
    let now = UInt64(Date().timeIntervalSince1970)
    switch name {
    case "empty": return []
    case "garbage": return Array("hello".utf8)
    case "largest": return [UInt8](repeating: 0xd2, count: 65_535)
    case "too large": return [UInt8](repeating: 0xd2, count: 65_536)
    case "other ledger": return try ledger.entry([1], ledger: .zero)
    case "unknown member": return try ledger.entry([1], issuer: "nobody")
    case "unknown key": return try ledger.entry([1], issuer: "member-1")
    case "flipped":
      var entry = try ledger.entry([1])
      entry[entry.count - 1] ^= 1
      return entry
    case "stale": return try ledger.entry([1], at: now - 31 * 86_400)
    case "future": return try ledger.entry([1], at: now + 3600)
    case "reserved": return try ledger.entry([1], type: "application/vnd.zheng.nothing+cbor")
    default: return try ledger.entry([1])
    }
  }

  @Test("what is refused has its status, its code and problem details, and leaves nothing behind")
  func refusals() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      for (name, status, code) in Self.refusals {
        let body = try body(name, ledger)
        let type = ["text": "text/plain", "cose-key": "application/cose; cose-type=\"cose-key\""][name]
        let response = try await node.connected {
          try $0.post(body, ["Content-Type: \(type ?? "application/octet-stream")"])
        }
        let problem = try response.json(ProblemDetails.self)
        #expect((response.status, problem.code) == (status, code), "\(name): \(problem)")
        #expect(problem.status == status && problem.type == "urn:zheng:\(code)" && !problem.detail.isEmpty)
        #expect(response["content-type"] == "application/problem+json")
        #expect(response["cache-control"] == "no-store")
      }
      let health = try await node.connected { try $0.request("GET", "/health").json(NodeHealth.self) }
      #expect((health.size, health.height, health.waiting) == (2, 0, 0))
    }
  }

  @Test("a body that goes on is cut at a megabyte, with or without a length")
  func endless() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let chunk = "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
      let responses = try await node.connected { wire -> [WireResponse] in
        // Two chunks are read to their end, and the connection serves on.
        try wire.send(
          "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)0\r\n\r\n"
        )
        let first = try wire.response()
        let second = try wire.request("GET", "/health")
        try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n")
        for _ in 0..<17 { try wire.send([UInt8](repeating: 0, count: 65_536)) }
        let third = try wire.response()
        #expect(wire.isClosed())
        return [first, second, third]
      }
      #expect(responses.map(\.status) == [413, 200, 413])
      #expect(responses[2]["connection"] == "close")
    }
  }

  @Test("what came while the index can't be written is found, proven, and known as a duplicate")
  func indexLags() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entries = try (0..<5).map { try ledger.entry([$0]) }
      let lagging = try await node.connected { wire in
        let blocker = try IndexBlocker(ledger)
        for (number, entry) in entries.enumerated() {
          let id = try SignedStatement(decoding: entry).id.hex
          let responses = [
            try wire.post(entry), try wire.request("GET", "/entries/\(2 + 2 * number)"),
            try wire.request("GET", "/entries/2"), try wire.request("GET", "/entries/\(id)"),
            try wire.request("GET", "/proof/2"), try wire.post(entries[0]),
            try wire.request("GET", "/entries/2", ["Accept: application/json"]),
          ]
          #expect(responses.map(\.status) == [201, 200, 200, 200, 200, 200, 200])
          #expect(
            responses[1].body == entry && responses[3].body == entry && responses[2].body == entries[0])
          #expect(responses[4].text == (try responses[5].json(NodeReceipt.self)).proof)
        }
        let lagging = try wire.request("GET", "/health").json(NodeHealth.self)
        try blocker.release()
        return lagging
      }
      #expect(lagging.indexLag == 10 && lagging.size == 12)
    }
    #expect(try LedgerReader(asItIs: ledger.folder).unindexed == 0)
  }
}
