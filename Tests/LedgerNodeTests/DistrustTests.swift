import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Synchronization
import TestKit
import Testing
import TransparencyLog

/// Nodes that lie, and servers that are none.
@Suite("The client believes nobody") struct DistrustTests {
  /// A ledger with the receipt of its record `entry`, its health and its policy, as a node has given them.
  private struct Scene {
    let ledger: TestLedger
    let entry: [UInt8]
    let receipt: NodeReceipt
    let health: String
    let policy: Policy

    init() async throws {
      let ledger = try TestLedger()
      let entry = try ledger.entry([1])
      var (receipt, health, policy) = ([UInt8](), "", [UInt8]())
      try await withNode(ledger) { node in
        receipt = Array(try await node.connected { try $0.post(entry).body })
        health = try await node.connected { try $0.request("GET", "/health").text }
        policy = Array(try await node.connected { try $0.request("GET", "/policy").body })
      }
      (self.ledger, self.entry, self.health) = (ledger, entry, health)
      self.receipt = try JSONDecoder().decode(NodeReceipt.self, from: Data(receipt))
      self.policy = try Policy(parsing: policy.span)
    }

    /// The receipt with another proof.
    func answer(proof: String) throws -> String {
      let changed: [String: Any] = [
        "index": receipt.index, "block": receipt.block, "id": receipt.id, "time": receipt.time,
        "proof": proof,
        "checkpoint": receipt.checkpoint,
      ]
      let json = try JSONSerialization.data(withJSONObject: changed)
      return ScriptedServer.answer("201 Created", [], String(decoding: json, as: UTF8.self))
    }
  }

  @Test("a node that serves another ledger, or names none, is refused")
  func otherLedger() async throws {
    let scene = try await Scene()
    let id = scene.ledger.id.hex
    let lies = [
      (scene.health.replacing(id, with: String(repeating: "0", count: 64)), NodeClientError.Code.otherLedger),
      (scene.health.replacing(id, with: "x"), .untrue),
    ]
    for (health, code) in lies {
      let server = try ScriptedServer([ScriptedServer.answer("200 OK", [], health)])
      let error = await #expect(throws: NodeClientError.self) {
        try await NodeClient.patient(server.url).requireLedger(scene.ledger.id)
      }
      #expect(error?.code == code)
    }
    let server = try ScriptedServer([ScriptedServer.answer("200 OK", [], scene.health)])
    try await NodeClient.patient(server.url).requireLedger(scene.ledger.id)
  }

  @Test("a receipt whose proof has no cosignature, or a wrong one, or is none, proves nothing")
  func signatures() async throws {
    let scene = try await Scene()
    let proof = scene.receipt.proof
    let lines = proof.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let signature = try #require(lines.lastIndex { $0.hasPrefix("— ") })
    var (without, wrong) = (lines, lines)
    without.remove(at: signature)
    wrong[signature] = String(wrong[signature].dropLast(8)) + "AAAAAAA="
    for lie in [without.joined(separator: "\n"), wrong.joined(separator: "\n"), "yes, it is recorded\n"] {
      let server = try ScriptedServer([try scene.answer(proof: lie)])
      var client = try NodeClient.patient(server.url)
      client.policy = scene.policy
      let error = await #expect(throws: NodeClientError.self) { _ = try await client.append(scene.entry) }
      #expect(error?.code == .notProven)
      #expect(error?.description.contains("by the node's word it is entry 2 in block 1") == true)
    }
    let server = try ScriptedServer([try scene.answer(proof: proof)])
    var client = try NodeClient.patient(server.url)
    client.policy = scene.policy
    guard case .recorded = try await client.append(scene.entry) else { throw CancellationError() }
  }

  @Test("of a sequence each record's proof is checked, and the others keep their verdicts")
  func sequence() async throws {
    let ledger = try TestLedger()
    let entries = try (0..<3).map { try ledger.entry([UInt8($0)]) }
    let answers = Mutex<[String: String]>([:])
    var policy: [UInt8] = []
    try await withNode(ledger) { node in
      let all = Array(entries.joined())
      let verdicts = try await node.connected { try $0.post(all, [SequenceTests.type]).text }
      for index in 2..<5 {
        let proof = try await node.connected { try $0.request("GET", "/proof/\(index)").text }
        answers.withLock { $0["GET /proof/\(index) "] = index == 3 ? "" : proof }
      }
      answers.withLock { $0["POST /entries "] = verdicts }
      policy = Array(try await node.connected { try $0.request("GET", "/policy").body })
    }
    for hasPolicy in [true, false] {
      let known = answers.withLock { $0 }
      let server = try ScriptedServer { _, request in
        let text = String(decoding: request, as: UTF8.self)
        let body = known.first { text.hasPrefix($0.key) }?.value
        return .text(ScriptedServer.answer(body == nil ? "404 Not Found" : "200 OK", [], body ?? ""))
      }
      var client = try NodeClient.patient(server.url)
      if hasPolicy { client.policy = try Policy(parsing: policy.span) } else { client.checksProofs = true }
      let checked = try await client.append(sequence: entries)
      #expect(checked.map(\.verdict.index) == [2, 3, 4])
      #expect(checked.map(\.doubt?.code) == [nil, .notProven, nil])
    }
  }

  @Test("an answer without an end is broken off, and a server that says nothing is given up")
  func bounds() async throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    let endless = try ScriptedServer(limit: 1) { _, _ in .endless(head) }
    let reading = try NodeClient.patient(endless.url)
    let error = await #expect(throws: NodeClientError.self) { _ = try await reading.members() }
    #expect(error?.code == .untrue && error?.description.contains("16 MiB") == true)
    let silent = try ScriptedServer(limit: 1) { _, _ in .silence }
    var client = try NodeClient(silent.url)
    client.patience = .milliseconds(200)
    let silence = await #expect(throws: NodeClientError.self) { _ = try await client.members() }
    #expect(silence?.code == .unreachable && silence?.description.contains("did not answer") == true)
  }

  @Test("who waits is told so, and what for; a dead node is given up after the time that was allowed")
  func waiting() async throws {
    let ledger = try TestLedger()
    let entry = try ledger.entry([1])
    let told = Mutex<[String]>([])
    // A port on which nobody listens any more.
    let url = try ScriptedServer([]).url
    let silent = try ScriptedServer { _, _ in .silence }
    for url in [url, silent.url] {
      var client = try NodeClient(url)
      client.patience = .milliseconds(500)
      client.onWaiting = (.milliseconds(1), { text in told.withLock { $0.append(text) } })
      let error = await #expect(throws: NodeClientError.self) { _ = try await client.append(entry) }
      #expect(error?.code == .unreachable)
      #expect(error?.description.contains("NSURL") == false, "\(String(describing: error))")
    }
    let texts = told.withLock { $0 }
    #expect(texts.count == 2 && texts.allSatisfy { $0.contains("waiting for it") })
  }

  @Test(
    "a redirect is not followed, and the URL that it names is told",
    arguments: ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
  func redirects(_ status: String) async throws {
    let ledger = try TestLedger()
    let entry = try ledger.entry([1])
    let target = try ScriptedServer([ScriptedServer.answer("200 OK", [], "{}")])
    let server = try ScriptedServer(limit: 2) { _, _ in
      .text(ScriptedServer.answer(status, ["Location: \(target.url)/entries"]))
    }
    let client = try NodeClient.patient(server.url)
    for isPost in [true, false] {
      let error = await #expect(throws: NodeClientError.self) {
        if isPost { _ = try await client.append(entry) } else { _ = try await client.health() }
      }
      #expect(error?.code == .redirected && error?.description.contains(target.url) == true)
    }
    #expect(target.requestCount == 0)
  }
}
