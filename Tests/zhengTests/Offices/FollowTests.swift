import Foundation
import Testing

@Suite("zheng follow", .timeLimit(.minutes(10)))
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
}
