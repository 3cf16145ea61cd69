import Foundation
import TestKit
import Testing

@Suite("zheng sign", .timeLimit(.minutes(30)))
struct SignTests {
  /// A ledger, and a folder of its own with nothing but the policy and a key: the clerk's machine.
  private func box() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.found()
    try box.makeFolder("clerk")
    for name in ["policy", "notary.pem"] { try box.copy(name, to: "clerk/\(name)") }
    return box
  }

  private func size(_ box: Sandbox) async throws -> Int {
    try #require(Int(try await box.zheng("checkpoint", "ledger").lines[1]))
  }

  @Test("a clerk signs without a ledger, and another machine appends without a key; twice is safe")
  func offline() async throws {
    let box = try await box()
    try box.write("clerk/合同.txt", "合同\n")
    try box.write("clerk/empty", "")
    let sign = ["sign", "--policy", "policy", "--key", "notary.pem", "--issuer", "notary", "--out", "today"]
    let signed = try await box.zheng(sign + ["--type", "text/plain", "合同.txt", "empty"], in: "clerk")
    #expect(signed.status == 0, "\(signed.errors)")
    let ids = signed.lines.map { String($0.prefix(64)) }
    #expect(signed.lines == ["\(ids[0]) 合同.txt", "\(ids[1]) empty"])
    let appended = try await box.zheng("append", "ledger", "--statements", "clerk/today")
    #expect(appended.status == 0, "\(appended.errors)")
    #expect(appended.lines == ["2 1 \(ids[0]) clerk/today:1", "3 1 \(ids[1]) clerk/today:2"])
    #expect(try await box.zheng("show", "ledger", "2", "--payload").text == "合同\n")
    let again = try await box.zheng("append", "ledger", "--statements", "clerk/today", "--json")
    #expect(again.status == 0)
    #expect(try again.objects.map { $0["verdict"] as? String } == ["duplicate", "duplicate"])
    #expect(try again.objects.map { $0["index"] as? Int } == [2, 3])
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
    // What was written is never overwritten.
    #expect(try await box.zheng(sign + ["empty"], in: "clerk").status == 73)
  }

  @Test("statements go through pipes, joined with cat, by their lines, in their order")
  func pipes() async throws {
    let box = try await box()
    let outcome = try await box.must(
      """
      id=$(sed -n 's/^# ledger //p' policy)
      seq 1 5000 | $ZHENG sign --ledger-id $id --key notary.pem --issuer notary --lines - > one
      seq 5001 5003 | $ZHENG sign --ledger-id $id --key notary.pem --issuer notary --lines - > two
      cat one two | $ZHENG append ledger --statements -
      """)
    let indices = outcome.lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
    #expect(indices.count == 5003 && indices == indices.sorted())
    #expect(outcome.lines.last?.hasSuffix(" -:5003") == true)
    #expect(try await box.zheng("show", "ledger", String(indices[4999]), "--payload").text == "5000")
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test(
    "a file that can't be read up to its end is not taken at all, and told with its name, the item and the byte"
  )
  func malformed() async throws {
    let box = try await box()
    try await box.must(
      zheng: "sign", "--policy", "policy", "--key", "notary.pem", "--issuer", "notary", "--lines", "--out",
      "good", "-", input: Data("a\nb\nc\n".utf8))
    let bytes = try box.read("good")
    let first = bytes.count / 3
    for (count, item, begin) in [
      (1, 1, 0), (first - 1, 1, 0), (first + 1, 2, first), (3 * first - 1, 3, 2 * first),
    ] {
      try box.write("bad", bytes.prefix(count))
      let outcome = try await box.zheng("append", "ledger", "--statements", "bad")
      #expect(outcome.status == 2 && outcome.lines == [])
      #expect(
        outcome.errors.contains("bad: statement \(item), which begins at byte \(begin), can't be read"),
        "\(outcome.errors)")
      #expect(outcome.errors.contains("nothing of this file was appended"))
    }
    try box.write("bad", bytes + Data("x".utf8))
    let problem = try await box.zheng("append", "ledger", "--statements", "bad", "--json")
    #expect(problem.status == 2)
    #expect(try problem.json["code"] as? String == "malformed")
    #expect(try await size(box) == 2)
    // What came before it is recorded, and said to be.
    let both = try await box.zheng("append", "ledger", "--statements", "good", "bad")
    #expect(both.status == 2 && both.lines.count == 3 && both.errors.contains("bad: statement 4"))
    #expect(try await size(box) == 2 + 3 + 1)
    try box.write("none", Data())
    #expect(try await box.zheng("append", "ledger", "--statements", "none").status == 0)
  }

  @Test("statements that the rules refuse are told one by one, and the others recorded")
  func refused() async throws {
    let box = try await box()
    try await box.must(zheng: "key", "new", "stranger.pem")
    func signed(_ text: String, by key: String = "notary", for ledger: String...) async throws -> Data {
      let ledger = ledger.isEmpty ? ["--policy", "policy"] : ledger
      let outcome = try await box.zheng(
        ["sign", "--key", "\(key).pem", "--issuer", "notary", "-"] + ledger, input: Data(text.utf8))
      try #require(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    let first = try await signed("1\n")
    var all = try await first + signed("x\n", by: "stranger") + signed("2\n")
    all += try await signed("y\n", for: "--ledger-id", String(repeating: "0", count: 64))
    all += try await signed("3\n") + first
    try box.write("all", all)
    let outcome = try await box.zheng("append", "ledger", "--statements", "all", "--json")
    #expect(outcome.status == 2)
    let objects = try outcome.objects
    #expect(objects.map { $0["name"] as? String } == (1...6).map { "all:\($0)" })
    #expect(
      objects.map { $0["code"] as? String ?? $0["verdict"] as? String } == [
        "accepted", "unknown-key", "accepted", "wrong-ledger", "accepted", "duplicate",
      ])
  }

  @Test("what a foreign signer gave a high s is recorded with the low one, under the same id")
  func highS() async throws {
    let box = try await box()
    for (number, flag) in ["--statements", "--signed"].enumerated() {
      try await box.must(
        zheng: "sign", "--policy", "policy", "--key", "notary.pem", "--issuer", "notary", "--out",
        "low\(number)",
        "policy")
      let entry = HighS.exchanging([UInt8](try box.read("low\(number)")))
      try box.write("high\(number)", Data(entry))
      let outcome = try await box.zheng("append", "ledger", flag, "high\(number)", "--json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let index = try #require(try outcome.json["index"] as? Int)
      try await box.zheng("show", "ledger", "\(index)", "--entry", into: "entry")
      #expect(try box.read("entry") == (try box.read("low\(number)")))
    }
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("with --expires a statement is recorded by then or never, and show says until when")
  func expiry() async throws {
    let box = try await box()
    func time(_ seconds: Double) -> String { Date(timeIntervalSinceNow: seconds).ISO8601Format() }
    try box.write("note", "note")
    let key = ["--key", "notary.pem", "--expires"]
    let sign = ["sign", "--policy", "policy", "--issuer", "notary", "note", "--out"]
    let signed = try await box.zheng(sign + ["late"] + key + [time(-5)])
    #expect(signed.status == 0, "\(signed.errors)")
    let late = try await box.zheng("append", "ledger", "--statements", "late", "--json")
    let code = try late.json["code"] as? String
    #expect(late.status == 2 && code == "stale")
    let soon = time(3600)
    let recorded = try await box.zheng(["append", "ledger", "note", "--json"] + key + [soon])
    #expect(recorded.status == 0, "\(recorded.errors)")
    let index = try #require(try recorded.json["index"] as? Int)
    let shown = try await box.zheng("show", "ledger", "\(index)", "--json").json
    #expect(shown["expiresAt"] as? String == soon)
    #expect(try await box.zheng("show", "ledger", "\(index)").text.contains(soon))
    #expect(try await box.zheng(["append", "ledger", "note"] + key + ["tomorrow"]).status == 64)
  }

  @Test("through a node too, in the order given")
  func node() async throws {
    let box = try await box()
    try await box.must(
      zheng: "sign", "--policy", "policy", "--key", "notary.pem", "--issuer", "notary", "--lines", "--out",
      "many", "-", input: Sandbox.lines(1...2500))
    let node = try await LocalNode(box)
    let url = node.url
    let outcome = try await box.zheng(
      "append", url, "--policy", "policy", "--statements", "many", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let indices = try outcome.objects.compactMap { $0["index"] as? Int }
    #expect(indices.count == 2500 && indices == indices.sorted())
    let other = try await box.zheng(
      "append", url, "--policy", "policy", "--key", "court.pem", "--lines", "-",
      input: Sandbox.lines(1...30))
    #expect(other.status == 0 && other.lines.count == 30, "\(other.errors)")
    try box.write("bad", try box.read("many").dropLast())
    let bad = try await box.zheng("append", url, "--policy", "policy", "--statements", "bad")
    #expect(bad.status == 2 && bad.lines == [] && bad.errors.contains("bad: statement 2500"))
    try await node.stop()
  }

  @Test("ZHENG_KEY and ZHENG_POLICY stand for what is not given, and @NAME for a ledger's key and policy")
  func standards() async throws {
    let box = try await box()
    try box.write(
      "clerk/ledgers.json",
      #"{"ledgers": [{"name": "city", "ledger": "https://x", "policy": "policy", "key": "notary.pem"}]}"#)
    let sign = ["sign", "--issuer", "notary", "policy"]
    let nothing = try await box.zheng(sign + ["--policy", "policy"], in: "clerk")
    #expect(nothing.status == 64 && nothing.errors.contains("ZHENG_KEY"), "\(nothing.errors)")
    #expect(try await box.zheng(sign + ["--policy", "@city"], in: "clerk").status == 64)
    for (variables, words) in [
      (["ZHENG_KEY": "notary.pem", "ZHENG_POLICY": "policy"], []),
      (
        ["ZHENG_CONFIG": "ledgers.json", "ZHENG_KEY": "missing", "ZHENG_POLICY": "missing"],
        ["--policy", "@city"]
      ),
    ] {
      box.environment = variables
      let signed = try await box.zheng(sign + words, in: "clerk")
      #expect(signed.status == 0, "\(words): \(signed.errors)")
      try box.write("signed", signed.output)
      #expect(try await box.zheng("append", "ledger", "--statements", "signed").status == 0)
    }
  }

  @Test("what is missing, or is too much, is told with what to do")
  func usage() async throws {
    let box = try await box()
    try box.write("note", "note")
    try box.write(
      "bare", String(decoding: try box.read("policy"), as: UTF8.self).replacing("# ledger", with: "#"))
    let key = ["sign", "--key", "notary.pem", "--issuer", "notary"]
    for arguments in [
      key + ["note"], key + ["--policy", "policy", "--ledger-id", "00", "note"],
      key + ["--ledger-id", "00", "note"],
      key + ["--policy", "bare", "note"], key + ["--policy", "policy", "--json", "note"],
      key + ["--policy", "policy", "--subject", "", "note"],
      ["sign", "--key", "notary.pem", "--policy", "policy", "note"],
      ["append", "ledger", "--statements", "--key", "notary.pem", "note"],
      ["append", "ledger", "--statements", "--signed", "note"],
      ["append", "ledger", "--statements", "--lines", "note"],
    ] {
      #expect(try await box.zheng(arguments).status == 64, "\(arguments)")
    }
    try box.write("large", Data(repeating: 1, count: 70_000))
    let large = try await box.zheng(key + ["--policy", "policy", "--out", "signed", "note", "large"])
    #expect(large.status == 2 && large.errors.contains("large: ") && !box.exists("signed"))
  }
}
