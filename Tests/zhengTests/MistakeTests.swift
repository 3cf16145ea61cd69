import Foundation
import Testing

@Suite("what a new user types wrong", .timeLimit(.minutes(30)))
struct MistakeTests {
  @Test(
    "wrong usage is 64, says what is wrong after zheng:, and with --json as a problem object",
    arguments: [
      ["apend"], ["append"], ["append", "ledger"], ["key", "make"], ["key", "new"],
      ["key", "new", "x", "--algorithm", "rsa"],
      ["init", "ledger"], ["init"], ["show"], ["show", "ledger"], ["show", "ledger", "-1"], ["verify"],
      ["verify", "a", "b"],
      ["prove"], ["check"], ["check", "x"], ["export", "ledger"], ["rebuild"], ["members"],
      ["members", "add", "ledger"],
      ["members", "set", "ledger", "block-records"], ["find", "ledger"], ["list"], ["--no-such"],
      ["list", "ledger", "--limit", "x"],
      ["demo", "extra"], ["show", "", "1"], ["append", "", "--key", "k", "f"],
    ])
  func usage(arguments: [String]) async throws {
    let box = try Sandbox()
    // The key comes before the ledger's name is looked at.
    let outcome = try await box.zheng(arguments)
    #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
    #expect(outcome.errors.hasPrefix("zheng: ") && outcome.text.isEmpty)
    let json = try await box.zheng(arguments + ["--json"])
    #expect(json.status == 64)
    let problem = try json.json
    #expect(problem["code"] as? String == "usage" && problem["exit"] as? Int == 64)
    #expect(problem["type"] as? String == "urn:zheng:usage")
    #expect(problem["title"] is String && (problem["detail"] as? String)?.isEmpty == false)
  }

  @Test(
    "every command has help with an example",
    arguments: [
      ["key"], ["key", "new"], ["key", "show"], ["init"], ["append"], ["show"], ["list"], ["find"],
      ["verify"], ["prove"],
      ["check"], ["checkpoint"], ["export"], ["rebuild"], ["members"], ["members", "show"],
      ["members", "add"],
      ["members", "remove"], ["members", "rotate-key"], ["members", "set"], ["members", "approve"], ["demo"],
    ])
  func help(command: [String]) async throws {
    let box = try Sandbox()
    let outcome = try await box.zheng(command + ["--help"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let example = "  zheng \(command.filter { $0 != "show" || command.count == 1 }.joined(separator: " "))"
    #expect(outcome.text.contains(example), "\(outcome.text)")
    #expect(try await box.zheng(["help"] + command).text == outcome.text)
  }

  @Test("what is no ledger is told by its name: 66")
  func noLedger() async throws {
    let box = try Sandbox()
    try box.makeFolder("folder")
    try box.write("file", "x\n")
    try await box.must(zheng: "key", "new", "k.pem")
    for place in ["missing", "folder", "file", "file/below"] {
      for command in [
        ["show", place, "1"], ["list", place], ["find", place, "file"], ["verify", place],
        ["prove", place, "1"],
        ["export", place, "new"], ["rebuild", place], ["members", place], ["checkpoint", place],
        ["append", place, "--key", "k.pem", "file"], ["members", "remove", place, "x", "--key", "k.pem"],
      ] {
        let outcome = try await box.zheng(command)
        #expect(outcome.status == 66, "\(command): \(outcome.errors)")
        #expect(outcome.errors.contains(place), "\(outcome.errors)")
      }
    }
    #expect(!box.exists("new"))
  }

  @Test("arguments that are not UTF-8 are told, and nothing traps")
  func notUTF8() async throws {
    let box = try Sandbox()
    try await box.found()
    let outcome = try await box.shell("$ZHENG append ledger --key notary.pem \"$(printf '\\326\\320.txt')\"")
    #expect(outcome.status == 64 && outcome.errors.contains("UTF-8"))
    let json = try await box.shell("$ZHENG show ledger --json \"$(printf '\\377')\"")
    #expect(json.status == 64)
    #expect(try json.json["code"] as? String == "usage")
  }

  @Test("no command traps on odd names and contents")
  func oddInputs() async throws {
    let box = try Sandbox()
    try await box.found()
    let long = String(repeating: "长", count: 300)
    for odd in ["/", "..", "/dev/null", "a/b/c", long, "*", "--", " ", "sha256:", "🀄"] {
      for command in [
        ["key", "show", odd], ["key", "new", odd], ["show", odd, "1"], ["find", "ledger", odd],
        ["check", odd, "--policy", odd],
        ["verify", "ledger", "--policy", odd], ["verify", "ledger", "--checkpoint", odd],
        ["export", "ledger", odd + "/x/y"],
        ["init", odd, "--consortium", odd, "--key", odd], ["append", "ledger", "--key", odd, odd],
        ["append", "ledger", "--key", "notary.pem", "--subject", odd, "policy"],
        ["list", "ledger", "--subject", odd],
        ["members", "remove", "ledger", odd, "--key", "notary.pem"],
      ] {
        let outcome = try await box.zheng(command)
        #expect(
          [0, 1, 2, 64, 66, 73, 74].contains(outcome.status),
          "\(command): \(outcome.status) \(outcome.errors)")
        #expect(outcome.status == 0 || outcome.errors.hasPrefix("zheng: ") || outcome.status == 1)
      }
    }
  }
}
