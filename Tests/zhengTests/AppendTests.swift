import Foundation
import TestKit
import Testing

@testable import zheng

@Suite("zheng append", .timeLimit(.minutes(30)))
struct AppendTests {
  @Test("each file is a record, with a receipt of index, block, id and name")
  func files() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("卷 宗/合同.txt", "合同\n")
    try box.write("empty", "")
    let outcome = try await box.zheng("append", "ledger", "--key", "notary.pem", "卷 宗/合同.txt", "empty")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let receipts = outcome.lines.map { $0.split(separator: " ", maxSplits: 3).map(String.init) }
    #expect(receipts.map { $0[0] } == ["2", "3"])
    #expect(receipts.map { $0[1] } == ["1", "1"])
    #expect(receipts.allSatisfy { $0[2].count == 64 })
    #expect(receipts.map { $0[3] } == ["卷 宗/合同.txt", "empty"])
    #expect(try await box.zheng("show", "ledger", "2", "--payload").output == Data("合同\n".utf8))
    #expect(try await box.zheng("show", "ledger", "3", "--payload").output.isEmpty)
    let input = try await box.zheng(
      "append", "ledger", "--key", "court.pem", "--json", "-", input: Data("stdin".utf8))
    let json = try input.json
    #expect(json["index"] as? Int == 5 && json["block"] as? Int == 2 && json["name"] as? String == "-")
    #expect((json["id"] as? String)?.count == 64 && json["verdict"] as? String == "accepted")
    #expect(try await box.zheng("show", "ledger", "5", "--payload").text == "stdin")
  }

  @Test("with --lines each line is a record, in blocks of the roster's limit, the last without a newline too")
  func lines() async throws {
    let box = try Sandbox()
    try await box.found(parameters: ["block-records": 3])
    let lines = ["一", "two", "", "four\r", "five", "six", "七"]
    let outcome = try await box.zheng(
      "append", "ledger", "--key", "notary.pem", "--lines", "--json", "-",
      input: Data(lines.joined(separator: "\n").utf8))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let receipts = try outcome.objects
    #expect(receipts.map { $0["block"] as? Int } == [1, 1, 1, 2, 2, 2, 3])
    #expect(receipts.map { $0["name"] as? String } == (1...7).map { "-:\($0)" })
    for (receipt, line) in zip(receipts, lines) {
      let index = try #require(receipt["index"] as? Int)
      #expect(try await box.zheng("show", "ledger", String(index), "--payload").text == line)
    }
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("what is too large for an entry is refused with the command for its digest, and the rest recorded")
  func tooLarge() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("large.bin", Data(repeating: 7, count: 65_536))
    try box.write("edge.bin", Data(repeating: 7, count: 65_400))
    try box.write("small.txt", "small")
    let outcome = try await box.zheng(
      "append", "ledger", "--key", "notary.pem", "large.bin", "edge.bin", "small.txt")
    #expect(outcome.status == 2)
    #expect(outcome.lines.count == 1 && outcome.text.hasSuffix("small.txt\n"))
    #expect(outcome.errors.contains("sha256sum large.bin | zheng append ledger --key notary.pem -"))
    #expect(outcome.errors.contains("edge.bin: refused, too-large"))
    // What it says to do does it.
    let digests = Data("\(try box.sha256("large.bin"))  large.bin\n".utf8)
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: digests)
    #expect(try await box.zheng("find", "ledger", "large.bin", "--json").json["index"] as? Int == 4)

    let line = String(repeating: "x", count: 200_000)
    let lines = try await box.zheng(
      "append", "ledger", "--key", "notary.pem", "--lines", "--json", "-", input: Data("a\n\(line)\nb\n".utf8)
    )
    #expect(lines.status == 2)
    let objects = try lines.objects
    #expect(objects.map { $0["name"] as? String } == ["-:1", "-:2", "-:3"])
    #expect(objects.map { $0["verdict"] as? String } == ["accepted", "refused", "accepted"])
    #expect(objects[1]["code"] as? String == "too-large" && objects[1]["exit"] as? Int == 2)
  }

  @Test("a statement that is sent again gets its first receipt")
  func duplicate() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("note", "note")
    let first = try await box.zheng("append", "ledger", "--key", "notary.pem", "note", "--json").json
    try await box.zheng("show", "ledger", "2", "--entry", into: "statement.cose")
    let again = try await box.zheng("append", "ledger", "--signed", "statement.cose", "--json")
    #expect(again.status == 0)
    for key in ["index", "block", "id"] { #expect("\(try again.json[key] ?? "")" == "\(first[key] ?? "")") }
    #expect(try again.json["verdict"] as? String == "duplicate")
    #expect(try await box.zheng("list", "ledger").lines.count == 2)
  }

  @Test("the ledger refuses strangers, other ledgers' statements, others' keys and reserved kinds")
  func refusals() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("note", "note")
    func code(_ arguments: String...) async throws -> String? {
      let outcome = try await box.zheng(["append", "ledger"] + arguments + ["--json"])
      #expect(outcome.status == 2)
      return try outcome.json["code"] as? String
    }
    try await box.must(zheng: "key", "new", "stranger.pem")
    #expect(try await code("--key", "stranger.pem", "note") == "unknown-key")
    #expect(try await code("--key", "stranger.pem", "--issuer", "court", "note") == "unknown-key")
    #expect(try await code("--key", "notary.pem", "--issuer", "court", "note") == "unknown-key")
    #expect(try await code("--key", "notary.pem", "--issuer", "nobody", "note") == "unknown-member")
    #expect(
      try await code("--key", "notary.pem", "--type", "Application/VND.Zheng.x", "note") == "unknown-kind")
    #expect(try await code("--signed", "note") == "malformed")
    let other = try Sandbox()
    for key in try box.names() where key.hasSuffix(".pem") { try other.take(key, from: box) }
    try await other.found()
    try other.write("note", "note")
    try await other.must(zheng: "append", "ledger", "--key", "notary.pem", "note")
    try box.write("foreign.cose", await other.must(zheng: "show", "ledger", "2", "--entry").output)
    #expect(try await code("--signed", "foreign.cose") == "wrong-ledger")
    // A byte of the signature.
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "note")
    var entry = try await box.must(zheng: "show", "ledger", "2", "--entry").output
    entry[entry.count - 1] ^= 1
    try box.write("forged.cose", entry)
    #expect(try await code("--signed", "forged.cose") == "bad-signature")
    #expect(try await box.zheng("list", "ledger").lines.count == 2)
  }

  @Test("nothing is appended where an input can't be read, and the complaint names it")
  func unreadable() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("good", "x\n")
    try box.makeFolder("folder")
    for bad in ["missing", "folder"] {
      let outcome = try await box.zheng("append", "ledger", "--key", "notary.pem", "good", bad)
      #expect(outcome.status == 66)
      #expect(outcome.errors.contains(bad))
      #expect(outcome.text.isEmpty)
    }
    #expect(try await box.zheng("append", "ledger", "--key", "notary.pem", "-", "-").status == 64)
    #expect(try await box.zheng("append", "ledger", "good").status == 64)
    #expect(
      try await box.zheng("append", "ledger", "--key", "notary.pem", "--type", "no type", "good").status == 64
    )
    #expect(try await box.zheng("append", "ledger", "--key", "notary.pub.pem", "good").status == 64)
    #expect(try await box.zheng("append", "nowhere", "--key", "notary.pem", "good").status == 66)
    #expect(try await box.zheng("append", "folder", "--key", "notary.pem", "good").status == 66)
    #expect(try await box.zheng("list", "ledger").lines.count == 1)
  }

  @Test(
    "while one process appends another is told to try again, and records of a slow input are not kept waiting"
  )
  func busy() async throws {
    let box = try Sandbox()
    try await box.found()
    let appending = try box.start(
      Sandbox.binary, ["append", "ledger", "--key", "notary.pem", "--lines", "-"])
    try appending.write("first\n")
    // The receipt comes although the input goes on: the ledger is open now, and stays so.
    #expect(try await appending.line()?.hasPrefix("2 1 ") == true)
    let other = try await box.zheng(
      "append", "ledger", "--key", "notary.pem", "-", "--json", input: Data("x".utf8))
    #expect(other.status == 75)
    #expect(try other.json["code"] as? String == "busy")
    #expect(try other.json["status"] as? Int == 503)
    // Reading goes on.
    #expect(try await box.zheng("show", "ledger", "2", "--payload").text == "first")
    #expect(try await box.zheng("rebuild", "ledger").status == 75)
    try appending.closeInput()
    #expect(try await appending.ended() == 0)
  }

  @Test(
    "a clock that has jumped is not believed until a person says that it is right",
    .enabled(
      if: OwnThread.canHaveOwnFolder, "commands run in processes of their own here, by the machine's clock"))
  func clockJump() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("note", "x\n")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "note")
    box.wallClock = { CommandContext().wallClock() + 10 * 86_400_000 }
    let doubted = try await box.zheng("append", "ledger", "--key", "notary.pem", "note", "--json")
    #expect(doubted.status == 2)
    #expect(try doubted.json["code"] as? String == "clock-jump")
    #expect((try doubted.json["detail"] as? String)?.contains("--clock-is-right") == true)
    #expect(
      try await box.zheng("append", "ledger", "--key", "notary.pem", "note", "--clock-is-right").status == 0)
    #expect(try await box.zheng("append", "ledger", "--key", "notary.pem", "note").status == 0)
  }

  @Test("records come from pipes too")
  func pipes() async throws {
    let box = try Sandbox()
    try await box.found()
    let outcome = try await box.shell(
      """
      mkfifo pipe large; echo through > pipe & head -c 100000 /dev/zero > large &
      $ZHENG append ledger --key notary.pem pipe large
      """)
    #expect(outcome.status == 2 && outcome.lines.count == 1)
    #expect(outcome.errors.contains("large: refused, too-large"))
    #expect(try await box.zheng("show", "ledger", "2", "--payload").text == "through\n")
  }

  @Test("a result that can't be written out is told as an I/O error")
  func fullOutput() async throws {
    let box = try Sandbox()
    try await box.found()
    let outcome = try await box.shell(
      """
      $ZHENG list ledger > /dev/full; echo $?
      $ZHENG --help > /dev/full; echo $?
      echo x | $ZHENG append ledger --key notary.pem - 2>&1 > /dev/full; echo $?
      """)
    #expect(outcome.lines.count == 4 && outcome.lines.filter { $0 == "74" }.count == 3, "\(outcome.text)")
    #expect(outcome.lines[2].contains("standard output"))
  }
}
