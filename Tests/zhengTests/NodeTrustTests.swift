import Foundation
import LedgerClient
import Statements
import Synchronization
import TestKit
import Testing
import TransparencyLog

/// What `zheng append URL` believes. A fake node answers everything as a node would that knows no ledger.
@Suite("zheng append to a node believes nobody", .timeLimit(.minutes(30)))
struct NodeTrustTests {
  /// Takes every statement for a record, at index 2 of block 1, and proves nothing but what `checkpoint` says.
  private static func fake(ledger: String, checkpoint: String = "nothing") throws -> ScriptedServer {
    try ScriptedServer { _, request in
      let line = String(decoding: request.prefix { $0 != 13 }, as: UTF8.self)
      var body = "nothing"
      if line.hasPrefix("GET /health") {
        body = """
          {"status":"ok","live":true,"ready":true,"reasons":[],"ledger":"\(ledger)","origin":"city.example/pilot","size":2,"height":0,"root":"AA==","indexLag":0,\
          "waiting":0,"version":"0"}
          """
      } else if line.hasPrefix("GET /checkpoint") {
        body = line.contains("since=1 ") ? checkpoint : checkpoint.replacing(/\[.*\]/, with: "[]")
      } else if line.hasPrefix("GET /members") {
        body =
          #"{"ledger":"\#(ledger)","height":1,"roster":"","entryLimit":1,"administrators":[],"members":[]}"#
      } else if line.hasPrefix("POST"), let start = ScriptedServer.body(of: request) {
        let entry = Array(request[start...])
        do {
          let id = try SignedStatement(decoding: entry).id.hex
          body = #"[{"id":"\#(id)","status":201,"index":2,"block":1,"time":1}]"#
        } catch { body = "\(error)" }
      }
      return .text(ScriptedServer.answer("200 OK", [], body))
    }
  }

  private func ledgerID(_ box: Sandbox) throws -> String {
    let policy = String(decoding: try box.read("policy"), as: UTF8.self)
    let line = try #require(policy.split(separator: "\n").first { $0.hasPrefix("# ledger ") })
    return String(line.dropFirst("# ledger ".count))
  }

  @Test("a node that says that it serves another ledger gets nothing signed")
  func otherLedger() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("x", "x")
    let node = try NodeTrustTests.fake(ledger: String(repeating: "a", count: 64))
    for trust in [["--policy", "policy"], ["--ledger-id", try ledgerID(box)]] {
      let outcome = try await box.zheng(["append", node.url, "--key", "court.pem"] + trust + ["x"])
      #expect(outcome.status == 1 && outcome.errors.contains("another ledger"), "\(outcome.errors)")
    }
    box.environment = ["ZHENG_LEDGER": node.url, "ZHENG_POLICY": "policy", "ZHENG_KEY": "court.pem"]
    let seal = try await box.zheng("evidence", "seal", "@", "E-1", "--seal", "S-1")
    #expect(seal.status == 1 && seal.errors.contains("another ledger"), "\(seal.errors)")
    let use = try await box.zheng("share", "use", "@", "R-1", "--reference", "x", "--purpose", "p")
    #expect(use.status == 1 && use.errors.contains("another ledger"), "\(use.errors)")
    // Nobody got further than to ask which ledger it is: those who have no word for it saw first that the checkpoint is none.
    #expect(node.requestCount == 2 + 2 * 2)
  }

  @Test("what a node takes for a record without a proof is not called recorded: not proven, exit status 1")
  func unproven() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("x", "x")
    // The path from the founding statement to both entries is the other one's leaf hash.
    let (note, entry) = (
      try await box.zheng("checkpoint", "ledger"), try await box.zheng("show", "ledger", "1", "--entry")
    )
    var hasher = TreeHasher()
    let leaf = hasher.leaf(Array(entry.output).span)
    let checkpoint = try JSONEncoder().encode(NodeCheckpoint(checkpoint: note.text, consistency: [leaf.hex]))
    let node = try NodeTrustTests.fake(
      ledger: ledgerID(box), checkpoint: String(decoding: checkpoint, as: UTF8.self))
    let append = ["append", node.url, "--key", "court.pem", "--issuer", "court", "x"]
    let held = [["--policy", "policy"], ["--ledger-id", try ledgerID(box)]]
    for trust in held {
      let outcome = try await box.zheng(append + trust)
      #expect(outcome.status == 1 && outcome.text == "", "\(outcome.errors)")
      #expect(outcome.errors.contains("not proven: by the node's word"), "\(outcome.errors)")
    }
    let json = try await box.zheng(append + ["--policy", "policy", "--json"])
    #expect(json.status == 1)
    #expect(try json.json["verdict"] as? String == "not-proven")
    #expect(try json.json["code"] as? String == "not-proven")
  }

  @Test(
    "a node needs a policy, a ledger id or ZHENG_POLICY; each will do, and an id says how far")
  func held() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("x", "x")
    let node = try await LocalNode(box)
    let append = ["append", node.url + "/", "--key", "court.pem"]
    let nothing = try await box.zheng(append + ["x"])
    #expect(nothing.status == 64 && nothing.errors.contains("--policy"), "\(nothing.errors)")
    let id = try ledgerID(box)
    let two = try await box.zheng(append + ["--policy", "policy", "--ledger-id", String(id.reversed()), "x"])
    #expect(two.status == 64 && two.errors.contains("another ledger"), "\(two.errors)")
    for arguments in [
      ["--policy", "policy", "--ledger-id", id, "x"], ["--policy", "policy", "x"], ["--ledger-id", id, "x"],
    ] {
      let outcome = try await box.zheng(append + arguments)
      #expect(outcome.status == 0 && outcome.lines.count == 1, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("node's word") == (arguments[0] == "--ledger-id"))
    }
    box.environment = ["ZHENG_POLICY": "policy"]
    #expect(try await box.zheng(append + ["x"]).status == 0)
    // A proxy that the environment names is not asked for what is on this machine.
    let proxied = try await box.shell(
      "http_proxy=http://127.0.0.1:1 ZHENG_POLICY=policy $ZHENG append \(node.url) --timeout 3600 --key court.pem x"
    )
    #expect(proxied.status == 0, "\(proxied.errors)")
    try await node.stop()
  }
}
