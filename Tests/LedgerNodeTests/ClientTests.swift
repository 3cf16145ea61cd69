import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("The client", .timeLimit(.minutes(30))) struct ClientTests {
  @Test("it finds the member of a key, and gives what became of each entry in order")
  func order() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      var client = try NodeClient.patient("http://127.0.0.1:\(node.port)/")
      let policy = try await node.connected { try $0.request("GET", "/policy").body }
      client.policy = try Policy(parsing: policy.span)
      try await client.requireLedger(ledger.id)
      #expect(try await client.issuer(of: ledger.members[1].key.publicKey) == "member-1")
      var entries = try (0..<60).map { try ledger.entry([UInt8($0)], by: 1) }
      entries[7] = try ledger.entry([7], ledger: .zero)
      entries[50] = entries[3]
      for batch in [1, 7, 1000] {
        client.batch.statements = batch
        var (rest, pauses) = (entries[...], 0)
        var verdicts: [NodeVerdict] = []
        try await client.append(next: { mayWait in
          pauses += 1
          if !mayWait, pauses.isMultiple(of: 5) { return .pause }
          return rest.popFirst().map { .entry($0) } ?? .end
        }) { number, checked in
          #expect(number == verdicts.count && checked.doubt == nil)
          verdicts.append(checked.verdict)
        }
        #expect(verdicts.count == 60)
        for (number, verdict) in verdicts.enumerated() {
          #expect(verdict.id == (try SignedStatement(decoding: entries[number]).id.hex))
          switch number {
          case 7: #expect(verdict.problem?.code == "wrong-ledger")
          case 50: #expect(verdict.index == verdicts[3].index && verdict.status == 200)
          default: #expect(verdict.status == (batch == 1 ? 201 : 200))
          }
        }
        // In the order given.
        let indices = verdicts.enumerated().filter { $0.offset != 50 }.compactMap(\.element.index)
        #expect(indices == indices.sorted())
      }
    }
  }

  @Test("what can't be read on is thrown after what came before it has its verdict")
  func interrupted() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let client = try NodeClient.patient("http://127.0.0.1:\(node.port)")
      let entries = try (0..<5).map { try ledger.entry([UInt8($0)]) }
      var (rest, count) = (entries[...], 0)
      await #expect(throws: CancellationError.self) {
        try await client.append(next: { _ in
          guard let next = rest.popFirst() else { throw CancellationError() }
          return .entry(next)
        }) { _, checked in
          #expect(checked.verdict.status == 201)
          count += 1
        }
      }
      #expect(count == 5)
    }
  }

  @Test("a sequence whose fate is open is sent again; verdicts on something else, or too few, are not taken")
  func sequence() async throws {
    let ledger = try TestLedger()
    let entries = try (0..<3).map { try ledger.entry([UInt8($0)]) }
    var (verdicts, fewer) = ("", "")
    try await withNode(ledger) { node in
      let (all, some) = (Array(entries.joined()), Array(entries.prefix(2).joined()))
      verdicts = try await node.connected { try $0.post(all, [SequenceTests.type]).text }
      fewer = try await node.connected { try $0.post(some, [SequenceTests.type]).text }
    }
    let server = try ScriptedServer([
      nil, ScriptedServer.answer("503 Service Unavailable", ["Retry-After: 1"]),
      ScriptedServer.answer("200 OK", [], verdicts), ScriptedServer.answer("200 OK", [], fewer),
      ScriptedServer.answer("200 OK", [], verdicts.replacingOccurrences(of: "\"index\"", with: "\"i\"")),
      ScriptedServer.answer("200 OK", [], "[]"), ScriptedServer.answer("200 OK", [], "{}"),
      ScriptedServer.answer("415 Unsupported Media Type", [], "{}"),
    ])
    let client = try NodeClient.patient("http://127.0.0.1:\(server.port)")
    #expect(try await client.append(sequence: entries).map(\.verdict.status) == [201, 201, 201])
    #expect(server.requestCount == 3)
    for code in [NodeClientError.Code.untrue, .untrue, .untrue, .notANode, .notANode] {
      let error = await #expect(throws: NodeClientError.self) { try await client.append(sequence: entries) }
      #expect(error?.code == code)
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
    let client = try NodeClient.patient("http://127.0.0.1:\(server.port)")
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
      _ = try await NodeClient.patient("http://127.0.0.1:\(server.port)").append(entry)
    }
    #expect(error?.code == (status.hasPrefix("5") ? .failed : .notANode))
  }

  @Test("where nobody answers it says so, with the URL and what to do")
  func unreachable() async throws {
    let ledger = try TestLedger()
    let node = try await TestNode.start(ledger)
    try await node.stop()
    let client = try NodeClient.patient("http://127.0.0.1:\(node.port)")
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
      let client = try NodeClient.patient("http://127.0.0.1:\(node.port)")
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
