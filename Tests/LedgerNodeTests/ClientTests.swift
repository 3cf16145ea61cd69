import Foundation
import Ledger
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Testing
import TransparencyLog

@Suite("The client") struct ClientTests {
  @Test("it finds the member of a key, and gives what became of each entry in order")
  func order() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      var client = try NodeClient("http://127.0.0.1:\(node.port)/")
      let policy = try await node.connected { try $0.request("GET", "/policy").body }
      client.policy = try Policy(parsing: policy.span)
      let (id, member) = try await client.issuer(of: ledger.members[1].key.publicKey)
      #expect(id == ledger.id && member == "member-1")
      var entries = try (0..<60).map { try ledger.entry([UInt8($0)], by: 1) }
      entries[7] = try ledger.entry([7], ledger: .zero)
      entries[50] = entries[3]
      var rest = entries[...]
      var outcomes: [NodeClient.Outcome] = []
      try await client.append(next: { _ in rest.popFirst().map { .entry($0) } ?? .end }) { number, outcome in
        #expect(number == outcomes.count)
        outcomes.append(outcome)
      }
      #expect(outcomes.count == 60)
      for (number, outcome) in outcomes.enumerated() {
        switch outcome {
        case .recorded(let receipt):
          #expect(receipt.id == (try SignedStatement(decoding: entries[number]).id.hex))
        case .refused(let refusal): #expect(number == 7 && refusal.code == .wrongLedger)
        case .duplicate(let receipt):
          #expect(number == 50)
          guard case .recorded(let first) = outcomes[3] else { throw CancellationError() }
          #expect(receipt == first)
        }
      }
    }
  }

  @Test("a statement whose fate is open is sent again: after a lost connection, a 503, a 408")
  func patience() async throws {
    let ledger = try TestLedger()
    let entry = try ledger.entry([1])
    var receipt = ""
    try await withNode(ledger) { node in receipt = try await node.connected { try $0.post(entry).text } }
    let server = try ScriptedServer([
      nil, ScriptedServer.answer("503 Service Unavailable", ["Retry-After: 1"]),
      ScriptedServer.answer("408 Request Timeout"), ScriptedServer.answer("200 OK", [], receipt),
    ])
    let client = try NodeClient("http://127.0.0.1:\(server.port)")
    guard case .duplicate(let first) = try await client.append(entry) else { throw CancellationError() }
    #expect(first.index == 2)
    #expect(server.requestCount == 4)
  }

  @Test(
    "what no patience mends is told at once",
    arguments: ["500 Internal Server Error", "503 Service Unavailable", "404 Not Found", "200 OK"])
  func impatience(_ status: String) async throws {
    let ledger = try TestLedger()
    let server = try ScriptedServer([ScriptedServer.answer(status, [], "{}")])
    let entry = try ledger.entry([1])
    let error = await #expect(throws: NodeClientError.self) {
      _ = try await NodeClient("http://127.0.0.1:\(server.port)").append(entry)
    }
    #expect(error?.code == (status.hasPrefix("5") ? .failed : .notANode))
  }

  @Test("where nobody answers it says so, with the URL and what to do")
  func unreachable() async throws {
    let ledger = try TestLedger()
    let node = try await TestNode.start(ledger)
    try await node.stop()
    let client = try NodeClient("http://127.0.0.1:\(node.port)")
    let error = await #expect(throws: NodeClientError.self) { try await client.members() }
    #expect(error?.code == .unreachable)
    #expect(error?.description.contains("127.0.0.1:\(node.port)") == true)
    for url in ["", "127.0.0.1:8080", "ftp://x", "http://", "http://x/?a"] {
      let error = #expect(throws: NodeClientError.self) { try NodeClient(url) }
      #expect(error?.code == .notANode)
    }
  }

  @Test("a key that is no member's, and a receipt that is of something else, are not taken")
  func untrue() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let client = try NodeClient("http://127.0.0.1:\(node.port)")
      let stranger = try PrivateKey(generating: .es256).publicKey
      let error = await #expect(throws: NodeClientError.self) { try await client.issuer(of: stranger) }
      #expect(error?.code == .unknownKey)
      let (one, other) = (try ledger.entry([1]), try ledger.entry([2]))
      guard case .recorded(let receipt) = try await client.append(one) else { throw CancellationError() }
      try receipt.check(is: SignedStatement(decoding: one))
      #expect(throws: NodeClientError.self) { try receipt.check(is: SignedStatement(decoding: other)) }
      let moved = try JSONDecoder().decode(
        NodeReceipt.self,
        from: JSONEncoder().encode([
          "index": AnyEncodable(receipt.index + 2), "block": .init(receipt.block), "id": .init(receipt.id),
          "time": .init(receipt.time), "proof": .init(receipt.proof), "checkpoint": .init(receipt.checkpoint),
        ]))
      #expect(throws: NodeClientError.self) { try moved.check(is: SignedStatement(decoding: one)) }
    }
  }
}

/// Values of several types in one object.
private struct AnyEncodable: Encodable {
  let value: any Encodable & Sendable

  init(_ value: any Encodable & Sendable) { self.value = value }

  func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
