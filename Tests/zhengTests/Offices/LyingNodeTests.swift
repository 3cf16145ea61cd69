import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Synchronization
import TestKit
import Testing

@Suite("A node that lies is refused by name", .timeLimit(.minutes(30)))
struct LyingNodeTests {
  /// A ledger with an item of evidence and some records about a case, and its node.
  func host() async throws -> (Sandbox, LocalNode) {
    let host = try Sandbox()
    try await host.foundOffices()
    try host.write("contract.txt", "房屋租赁合同\n")
    let node = try await LocalNode(host)
    let clerk = try Office("notary", of: host, at: node.url)
    try clerk.box.write("contract.txt", "房屋租赁合同\n")
    try await clerk.zheng(
      "evidence", "deposit", "@", "contract.txt", "--item", "E-1", "--case", "17", "--method", "当面提交")
    try await clerk.zheng("evidence", "seal", "@", "E-1", "--seal", "S-1")
    for line in ["one", "two", "three"] {
      _ = try await clerk.box.zheng(
        ["append", "@", "--subject", "case-1", "-"], input: Data(line.utf8))
    }
    return (host, node)
  }

  /// Expects that `words` are not verified, and say this code.
  func expect(
    _ office: Office, _ words: [String], is code: String, _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let outcome = try await office.box.zheng(words + ["--json"])
    #expect(outcome.status == 1, "\(words): \(outcome.text)\(outcome.errors)", sourceLocation: location)
    let said = outcome.text.split(separator: "\n").last.map(String.init) ?? ""
    #expect(
      said.contains("\"\(code)\""), "\(words): \(outcome.text)\(outcome.errors)", sourceLocation: location)
  }

  /// The checkpoints that an office has kept as evidence.
  private func evidence(_ office: Office) throws -> [String] {
    try office.box.tree(".state").filter { $0.contains("/contradictions/") && $0.hasSuffix(".checkpoint") }
  }

  @Test("the node of another ledger, by its own word or by what it shows; both checkpoints are kept")
  func otherLedger() async throws {
    let (host, node) = try await host()
    let auditor = try Office("auditor", of: host, at: node.url)
    try await auditor.zheng("evidence", "status", "@", "E-1")
    let stranger = try Sandbox()
    try await stranger.foundOffices()
    let other = try await LocalNode(stranger)
    auditor.turn(to: other.url)
    for words in [["evidence", "status", "@", "E-1"], ["checkpoint", "@"], ["list", "@"]] {
      try await expect(auditor, words, is: "other-ledger")
    }
    #expect(try evidence(auditor).count == 2)
    // It says that it is the ledger that was asked for.
    let id = try host.text("policy").components(separatedBy: "# ledger ")[1].prefix(64)
    let strange = try stranger.text("policy").components(separatedBy: "# ledger ")[1].prefix(64)
    let liar = try LyingNode(before: other.url) { target, body in
      target == "/health"
        ? Array(String(decoding: body, as: UTF8.self).replacing(strange, with: id).utf8) : nil
    }
    auditor.turn(to: liar.url)
    try await expect(auditor, ["evidence", "status", "@", "E-1"], is: "policy")
    try await other.stop()
    try await node.stop()
  }

  @Test("a fork that the validators signed: refused, and both checkpoints are kept, also where it is longer")
  func fork() async throws {
    let (host, node) = try await host()
    try await node.stop()
    try host.copy("ledger", to: "fork")
    let (one, other) = (try await LocalNode(host), try await LocalNode(host, "fork", state: ".other"))
    // Each office works at a node of its own, and knows nothing of the other's.
    let clerk = try Office("notary", of: host, at: one.url)
    let court = try Office("court", of: host, at: other.url)
    try await clerk.zheng("append", "@", "policy")
    try await clerk.box.zheng("checkpoint", "@", into: "one.checkpoint")
    for _ in 0..<3 { try await court.zheng("append", "@", "policy") }
    // Who has seen nothing yet has what somebody else has kept.
    let auditor = try Office("auditor", of: host, at: other.url)
    try auditor.take("one.checkpoint", from: clerk)
    let held = ["evidence", "status", "@", "E-1", "--checkpoint", "one.checkpoint"]
    try await expect(auditor, held, is: "forked")
    #expect(try evidence(auditor).count == 2)
    clerk.turn(to: other.url)
    for words in [["evidence", "status", "@", "E-1"], ["append", "@", "policy"], ["checkpoint", "@"]] {
      try await expect(clerk, words, is: "forked")
    }
    #expect(try evidence(clerk).count == 2)
    // The other way round the fork is shorter: that it is one shows when there is something to compare it with.
    court.turn(to: one.url)
    try await expect(court, ["evidence", "status", "@", "E-1"], is: "behind")
    #expect(try evidence(court).isEmpty)
    court.turn(to: other.url)
    try await expect(court, ["evidence", "status", "@", "E-1"], is: "forked")
    #expect(try evidence(court).count == 2)
    try await one.stop()
    try await other.stop()
  }

  @Test(
    "records that a fork takes, while the checkpoints shown are those seen before: none is called recorded, and both are kept"
  )
  func recordedOnFork() async throws {
    let (host, node) = try await host()
    try await node.stop()
    try host.copy("ledger", to: "fork")
    let (one, other) = (try await LocalNode(host), try await LocalNode(host, "fork", state: ".other"))
    let fork = other.url
    let liar = try LyingNode(
      before: one.url,
      asking: { $0.hasPrefix("/entries") || $0.hasPrefix("/proof/") ? fork : nil }
    ) { _, _ in nil }
    let clerk = try Office("notary", of: host, at: one.url)
    for _ in 0..<3 { try await clerk.zheng("append", "@", "policy") }
    clerk.turn(to: liar.url)
    let lines = Data("one\ntwo\n".utf8)
    let outcome = try await clerk.box.zheng(["append", "@", "--lines", "-", "--json"], input: lines)
    #expect(outcome.status == 1 && outcome.text.contains("\"forked\""), "\(outcome.text)\(outcome.errors)")
    #expect(!outcome.text.contains("accepted"), "\(outcome.text)")
    #expect(try evidence(clerk).count == 2)
    let offer = ["evidence", "offer", "@", "E-1", "--to", "laboratory", "--seal", "S-1", "--purpose", "x"]
    try await expect(clerk, offer, is: "forked")
    // The fork is longer now than what the node shows: the contradiction shows when that has grown.
    try await expect(clerk, ["append", "@", "policy", "policy"], is: "behind")
    clerk.turn(to: one.url)
    try await clerk.zheng("append", "@", "policy", "policy")
    try await expect(clerk, ["evidence", "status", "@", "E-1"], is: "forked")
    try await one.stop()
    try await other.stop()
  }

  @Test("a node that was set back is behind: what it proves is shown, and it is not asked for all or none")
  func behind() async throws {
    let (host, node) = try await host()
    let auditor = try Office("auditor", of: host, at: node.url)
    try await node.stop()
    try host.copy("ledger", to: "old")
    let new = try await LocalNode(host)
    auditor.turn(to: new.url)
    try await auditor.zheng("append", "@", "policy")
    let old = try await LocalNode(host, "old", state: ".other")
    auditor.turn(to: old.url)
    for words in [
      ["evidence", "status", "@", "E-1"], ["find", "@", "policy"], ["list", "@"], ["members", "@"],
      ["list", "@", "--subject", "case-1"], ["prove", "@", "--item", "E-1"],
    ] { try await expect(auditor, words, is: "behind") }
    let shown = try await auditor.zheng("prove", "@", "2", "--out", "2.tlog-proof")
    #expect(shown.errors.contains("is behind"), "\(shown.errors)")
    try await auditor.zheng("check", "2.tlog-proof", "--policy", "policy")
    #expect(try evidence(auditor).isEmpty)
    // What it showed is a beginning of what a node has that is not behind.
    #expect(
      try auditor.box.tree(".state").contains { $0.contains("/behind/") && $0.hasSuffix(".checkpoint") })
    auditor.turn(to: new.url)
    try await auditor.zheng("evidence", "status", "@", "E-1")
    #expect(
      try !auditor.box.tree(".state").contains { $0.hasSuffix(".checkpoint") && $0.contains("/behind/") })
    // STATE is lost: a checkpoint that was kept elsewhere stands for it, and is kept.
    try await auditor.box.zheng("checkpoint", "@", into: "saved")
    try auditor.box.edit(text: "saved") { $0 + "\n" }
    try await expect(auditor, ["list", "@", "--checkpoint", "saved"], is: "malformed-checkpoint")
    try auditor.box.edit(text: "saved") { String($0.dropLast()) }
    try auditor.box.remove(".state")
    auditor.turn(to: old.url)
    try await expect(auditor, ["list", "@", "--checkpoint", "saved"], is: "behind")
    try await expect(auditor, ["list", "@"], is: "behind")
    // What the validators have not signed holds a node to nothing.
    try auditor.box.edit(text: "saved") { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).joined(separator: "\n") + "\n"
    }
    try await expect(auditor, ["list", "@", "--checkpoint", "saved"], is: "policy")
    try await new.stop()
    try await old.stop()
  }

  @Test("a value that was altered, a record that was altered, a roster that is another")
  func altered() async throws {
    let (host, node) = try await host()
    let auditor = try Office("auditor", of: host, at: node.url)
    let liar = try LyingNode(before: node.url) { target, body in
      guard target.hasPrefix("/state?") else { return nil }
      // The custodian is another.
      return Array(String(decoding: body, as: UTF8.self).proof(saying: "health", for: "notary").utf8)
    }
    auditor.turn(to: liar.url)
    let history = try await auditor.box.zheng(["evidence", "history", "@", "E-1", "--json"])
    #expect(history.status == 1 && history.text.contains("is not proven"), "\(history.text)\(history.errors)")
    let proofs = try LyingNode(before: node.url) { target, body in
      target.hasPrefix("/proof/") ? LyingNodeTests.altered(body) : nil
    }
    auditor.turn(to: proofs.url)
    for words in [["list", "@", "--subject", "case-1"], ["show", "@", "2"], ["prove", "@", "2"]] {
      let outcome = try await auditor.box.zheng(words + ["--json"])
      #expect(outcome.status == 1, "\(words): \(outcome.text)\(outcome.errors)")
      #expect(outcome.text.contains("is not proven") || outcome.text.contains("is not a proof"))
    }
    let rosters = try LyingNode(before: node.url) { target, body in
      guard target.hasPrefix("/roster/"),
        let start = body.firstRange(of: Array("Office court".utf8))?.lowerBound
      else { return nil }
      var body = body
      body[start] ^= 1
      return body
    }
    auditor.turn(to: rosters.url)
    try await expect(auditor, ["members", "@"], is: "roster")
    try await node.stop()
  }

  /// A state proof with another custodian in it.
  private static func withAnotherCustodian(_ proof: String) -> String {
    proof.components(separatedBy: "\n").map { line in
      guard line.hasPrefix("extra "), var extra = Data(base64Encoded: String(line.dropFirst(6))),
        let range = extra.range(of: Data("notary".utf8))
      else { return line }
      extra.replaceSubrange(range, with: Data("health".utf8))
      return "extra " + extra.base64EncodedString()
    }.joined(separator: "\n")
  }

  @Test(
    "a list of which a record is left out, one in which a record comes twice, and one with another's record")
  func missing() async throws {
    let (host, node) = try await host()
    let auditor = try Office("auditor", of: host, at: node.url)
    let list = ["list", "@", "--subject", "case-1"]
    let indices = try await auditor.box.zheng(list + ["--json"]).objects.compactMap { $0["index"] as? Int }
    try #require(indices.count == 3)
    for lie in [
      Array(indices.dropLast()), [indices[0], indices[2]], indices + [indices[2]], [2] + indices,
      [2] + indices.dropFirst(), [],
    ] {
      let body = Array("{\"records\":\(lie)}".utf8)
      let liar = try LyingNode(before: node.url) { target, _ in
        target.hasPrefix("/records?list=") ? body : nil
      }
      auditor.turn(to: liar.url)
      try await expect(auditor, list, is: "records")
    }
    try await node.stop()
  }

  @Test(
    "a ledger that is copied and checked whole goes on where it was, and names the entry that was altered")
  func verify() async throws {
    let (host, node) = try await host()
    let auditor = try Office("auditor", of: host, at: node.url)
    let whole = try await auditor.json("verify", "@")
    #expect(whole["ok"] as? Bool == true && whole["anchored"] as? Bool == true)
    let there = try await host.zheng("verify", "ledger", "--policy", "policy", "--json").json
    for field in ["ledger", "entries", "records", "blocks", "root"] {
      #expect("\(whole[field] ?? "")" == "\(there[field] ?? "-")", "\(field)")
    }
    // More comes to what is there: no entry and no checkpoint of before is asked for again.
    try await auditor.zheng("append", "@", "policy")
    let asked = Mutex<[String]>([])
    let counting = try LyingNode(before: node.url) { target, _ in
      asked.withLock { $0.append(target) }
      return nil
    }
    auditor.turn(to: counting.url)
    #expect(try await auditor.json("verify", "@")["entries"] as? Int == (whole["entries"] as? Int ?? 0) + 2)
    let blocks = try #require(whole["blocks"] as? Int)
    #expect(asked.withLock { $0 }.filter { $0.hasPrefix("/blocks/") } == ["/blocks/\(blocks)"])
    let liar = try LyingNode(before: node.url) { target, body in
      guard target.hasPrefix("/tile/entries/"),
        let start = body.firstRange(of: Array("three".utf8))?.lowerBound
      else { return nil }
      var body = body
      body[start] ^= 1
      return body
    }
    auditor.turn(to: liar.url)
    let bad = try await auditor.zheng("verify", "@", "--copy", "copy", "--json", status: 1)
    #expect(
      try bad.json["ok"] as? Bool == false && bad.errors.contains("copy.bad-1"), "\(bad.text)\(bad.errors)")
    auditor.turn(to: node.url)
    try await auditor.zheng("verify", "@", "--copy", "copy")
    try await node.stop()
  }

  @Test("an answer without an end, on every route that a command asks first or next")
  func endless() async throws {
    let (host, node) = try await host()
    let auditor = try Office("auditor", of: host, at: node.url)
    let liar = try ScriptedServer { _, _ in .endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n") }
    auditor.turn(to: liar.url)
    try await expect(auditor, ["evidence", "status", "@", "E-1"], is: "untrue")
    try await node.stop()
  }

  /// `body`, in whose longest line another letter stands.
  private static func altered(_ body: [UInt8]) -> [UInt8] {
    let lines = body.split(separator: 10, omittingEmptySubsequences: false)
    guard let longest = lines.max(by: { $0.count < $1.count }) else { return body }
    var body = body
    let place = longest.startIndex + longest.count / 2
    body[place] = body[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    return body
  }
}
