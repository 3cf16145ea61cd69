import Foundation
import TestKit
import Testing

/// `zheng node` as a process of its own.
final class RunningNode {
  let url: String
  let first: String
  private let program: RunningProgram

  init(_ box: Sandbox, _ arguments: String...) async throws {
    program = try box.start(Sandbox.binary, ["node", "ledger", "--listen", "127.0.0.1:0"] + arguments)
    first = try #require(try await program.line())
    let url =
      first.hasPrefix("{")
      ? first.split(separator: "\"").first { $0.hasPrefix("http:") } : first.split(separator: " ").last
    self.url = String(try #require(url))
  }

  /// Sends SIGTERM, and gives the exit status.
  func stop() async throws -> Int32 {
    program.terminate()
    return try await program.ended()
  }
}

@Suite("zheng node", .timeLimit(.minutes(30)))
struct NodeTests {
  @Test("what is appended through a node is signed here, recorded there, and proven like anything else")
  func append() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await RunningNode(box)
    #expect(node.first == "listening on \(node.url)")
    try box.write("合同.txt", "合同")
    try box.write("large.bin", Data(repeating: 7, count: 70_000))
    let outcome = try await box.zheng(
      "append", node.url + "/", "--policy", "policy", "--key", "court.pem", "--type", "text/plain",
      "--subject",
      "case-17", "合同.txt",
      "large.bin", "consortium.json")
    #expect(outcome.status == 2)
    #expect(outcome.lines.count == 2)
    #expect(outcome.lines[0].hasSuffix(" 合同.txt"))
    let index = try #require(outcome.lines[0].split(separator: " ").first.map(String.init))
    #expect(outcome.errors.contains("large.bin: refused, too-large"))
    let shown = try await box.zheng("show", "ledger", index, "--json").json
    #expect(shown["issuer"] as? String == "court" && shown["subject"] as? String == "case-17")
    #expect(try await box.zheng("prove", "ledger", index, "--out", "proof").status == 0)
    #expect(try await box.zheng("check", "proof", "--policy", "policy", "--file", "合同.txt").status == 0)
    // Only the node writes.
    #expect(try await box.zheng("append", "ledger", "--key", "court.pem", "合同.txt").status == 75)
    #expect(try await node.stop() == 0)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("each line is a record, with receipts in the order of the lines, and in one object a line")
  func lines() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await RunningNode(box, "--json", "--block-delay-ms", "5")
    #expect(node.first.contains("\"port\":"))
    let outcome = try await box.zheng(
      "append", node.url, "--policy", "policy", "--key", "notary.pem", "--lines", "--json", "-",
      input: Data((1...200).map { "line \($0)\n" }.joined().utf8))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let receipts = try outcome.objects
    #expect(receipts.map { $0["name"] as? String } == (1...200).map { "-:\($0)" })
    #expect(receipts.allSatisfy { $0["verdict"] as? String == "accepted" && $0["time"] is String })
    for receipt in [receipts[0], receipts[123]] {
      let index = try #require(receipt["index"] as? Int)
      let name = try #require((receipt["name"] as? String)?.dropFirst(2))
      #expect(try await box.zheng("show", "ledger", "\(index)", "--payload").text == "line \(name)")
    }
    #expect(try await node.stop() == 0)
  }

  @Test("a line that has come gets its receipt before the next has come")
  func live() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await LocalNode(box)
    let appending = try box.start(
      Sandbox.binary,
      [
        "append", node.url, "--policy", "policy", "--key", "notary.pem", "--lines", "--timeout",
        "3600", "-",
      ])
    for number in 1...3 {
      try appending.write("line\n")
      #expect(try await appending.line()?.hasSuffix(" -:\(number)") == true)
    }
    try appending.closeInput()
    #expect(try await appending.ended() == 0)
    try await node.stop()
  }

  @Test("a statement that was recorded before gets its first receipt; what the rules refuse is 2")
  func resent() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await LocalNode(box)
    try box.write("x", "x\n")
    try await box.must(zheng: "append", node.url, "--policy", "policy", "--key", "notary.pem", "x")
    try await box.zheng("show", "ledger", "2", "--entry", into: "x.cose")
    let again = try await box.zheng(
      "append", node.url, "--policy", "policy", "--signed", "x.cose", "--json")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try again.json["index"] as? Int == 2)
    #expect(try again.json["verdict"] as? String == "duplicate")
    let refused = try await box.zheng(
      "append", node.url, "--policy", "policy", "--key", "notary.pem", "--type",
      "application/vnd.zheng.nothing",
      "--json", "x")
    #expect(refused.status == 2)
    #expect(try refused.json["code"] as? String == "unknown-kind")
    _ = try await box.zheng("key", "new", "stranger.pem")
    let stranger = try await box.zheng(
      "append", node.url, "--policy", "policy", "--key", "stranger.pem", "x")
    #expect(stranger.status == 2 && stranger.errors.contains("no member's"))
    try await node.stop()
  }

  @Test("a node that can't be, and one that is not there, are told with what to do")
  func mistakes() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await LocalNode(box)
    let other = try Sandbox()
    try await other.found()
    try box.write("x", "x\n")
    let taken = try await other.zheng(
      "node", "ledger", "--listen", String(node.url.dropFirst("http://".count)))
    #expect(taken.status == 74 && taken.errors.contains("listen"))
    #expect(try await box.zheng("node", "ledger", "--listen", "127.0.0.1:0").status == 75)
    try await node.stop()
    let gone = try await box.zheng(
      "append", node.url, "--policy", "policy", "--key", "notary.pem", "x")
    #expect(gone.status == 74 && gone.errors.contains(node.url) && gone.errors.contains("zheng node"))
    for arguments in [
      ["node", "ledger", "--listen", "8080"], ["node", "ledger", "--listen", "127.0.0.1:99999"],
      ["node", "ledger", "--queue", "0"], ["append", node.url, "x"],
      ["append", "ledger", "--key", "notary.pem"],
    ] { #expect(try await box.zheng(arguments).status == 64, "\(arguments)") }
    #expect(try await box.zheng("node", "nothing").status == 66)
    for (ledger, status) in [("nonsense", 66), ("http://?", 64), ("@", 64)] {
      #expect(try await box.zheng("append", ledger, "--key", "notary.pem", "x").status == status, "\(ledger)")
    }
  }
}
