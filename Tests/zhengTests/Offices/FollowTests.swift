import Foundation
import LedgerClient
import Testing
import Workflows

@Suite("zheng follow", .timeLimit(.minutes(30)))
struct FollowTests {
  @Test(
    "a copy goes on where it was, is good, and is read as the ledger itself; a fork and a ledger with keys are refused"
  )
  func copy() async throws {
    let host = try Sandbox()
    try await host.foundOffices()
    let node = try await LocalNode(host)
    let auditor = try Office("auditor", of: host, at: node.url)
    try auditor.box.write("x", "x")
    try await auditor.zheng("append", "@", "x")
    let first = try await auditor.json("follow", "@", "copy", "--once")
    #expect(first["entries"] as? Int == 4)
    #expect(try auditor.box.text("copy/policy") == auditor.box.text("policy"))
    try await node.stop()
    try host.copy("ledger", to: "fork")
    let (again, fork) = (try await LocalNode(host), try await LocalNode(host, "fork", state: ".other"))
    auditor.turn(to: again.url)
    try await auditor.zheng("append", "@", "--subject", "case-1", "x")
    #expect(try await auditor.json("follow", "@", "copy", "--once")["entries"] as? Int == 6)
    for words in [["list"], ["list", "--subject", "case-1"], ["members"], ["verify", "--policy", "policy"]] {
      let copy = try await auditor.box.zheng([words[0], "copy"] + words.dropFirst())
      let there = try await host.zheng([words[0], "ledger"] + words.dropFirst())
      #expect(
        copy.status == 0 && (words[0] == "verify" || copy.text == there.text), "\(words): \(copy.errors)")
    }
    let court = try Office("court", of: host, at: fork.url)
    try await court.zheng("append", "@", "policy")
    auditor.turn(to: fork.url)
    let forked = try await auditor.zheng("follow", "@", "copy", "--once", status: 1)
    #expect(forked.errors.contains("does not begin with"), "\(forked.errors)")
    auditor.turn(to: again.url)
    #expect(try await auditor.box.zheng("verify", "copy", "--policy", "policy").status == 0)
    try auditor.box.makeFolder("mine/keys")
    try await auditor.zheng("follow", "@", "mine", "--once", status: 73)
    try await auditor.zheng("follow", "copy", "other", "--once", status: 64)
    try await again.stop()
    try await fork.stop()
  }
  @Test(
    "what is new is checked alone while a copy is followed; damage to the rest is found by the next start, and a lie by its name"
  )
  func newAlone() async throws {
    let host = try Sandbox()
    try await host.foundOffices()
    let node = try await LocalNode(host)
    let auditor = try Office("auditor", of: host, at: node.url)
    func append(_ text: String) async throws {
      #expect(try await auditor.box.zheng(["append", "@", "-"], input: Data(text.utf8)).status == 0)
    }
    let (path, policy) = ("\(auditor.box.path)/copy", "\(auditor.box.path)/policy")
    let trust = try NodeTrust(policy: policy, ledgerID: nil) { _ in }
    let context = WorkContext(
      wallClock: { UInt64(Date().timeIntervalSince1970 * 1000) }, stateFolder: auditor.box.stateFolder)
    func advance(_ copy: FollowedCopy, to url: String) async throws -> UInt64? {
      let node = try await NodeLedger(
        NodeClient(url), trust.ledgerID, try #require(trust.policy), context)
      return try await copy.advance(to: node) { _, _ in }?.entries
    }

    try await append("first words")
    var copy: FollowedCopy? = FollowedCopy(path, policy: policy, context)
    #expect(try await advance(#require(copy), to: node.url) == 4)
    #expect(try await advance(#require(copy), to: node.url) == nil)
    try await append("second words")
    #expect(try await advance(#require(copy), to: node.url) == 6)
    let list = try await auditor.box.zheng("list", "copy")
    #expect(try await list.text == host.zheng("list", "ledger").text)
    try auditor.box.edit("copy/entries/000000000000") { entries in
      if let range = entries.range(of: Data("first words".utf8)) { entries[range.lowerBound] ^= 1 }
    }
    try await append("third words")
    #expect(try await advance(#require(copy), to: node.url) == 8)
    copy = nil
    let damaged = try await auditor.zheng("follow", "@", "copy", "--once", status: 1)
    #expect(damaged.errors.contains("root-mismatch") && damaged.errors.contains("copy.bad-1"))

    let again = FollowedCopy(path, policy: policy, context)
    #expect(try await advance(again, to: node.url) == 8)
    try await append("fourth words")
    let liar = try LyingNode(before: node.url) { target, body in
      guard target.hasPrefix("/tile/entries/"),
        let start = body.firstRange(of: Array("fourth words".utf8))?.lowerBound
      else { return nil }
      var body = body
      body[start] ^= 1
      return body
    }
    do {
      _ = try await advance(again, to: liar.url)
      Issue.record("a lie was taken")
    } catch let error as WorkflowError {
      #expect(error.code == "root-mismatch" && error.detail.contains("copy.bad-2"), "\(error)")
    }
    #expect(try await advance(again, to: node.url) == 10)
    try await node.stop()
  }
}
