import Foundation
import Testing

@testable import zheng

@Suite("The options of a node that is one of several validators")
struct ConsortiumOptionsTests {
  private static let v2 = "--peer=v2=https://v2.example.org"
  private static let board = "--board=https://10.0.0.1:2379,https://10.0.0.2:2379"

  @Test(
    "what does not go together is usage, and the message names the option",
    arguments: [
      (["--board", "http://127.0.0.1:2379"], "--validator"), ([v2], "--validator"),
      (["--own-url", "https://x"], "--validator"), (["--validator", "v1"], "--board or --peer"),
      (["--validator", "v1", "--board", "10.0.0.1:2379"], "10.0.0.1:2379"),
      (["--validator", "v1", "--board", "ftp://10.0.0.1"], "ftp://10.0.0.1"),
      (["--validator", "v1", board, "--board-user", "v1"], "--board-password-file"),
      (["--validator", "v1", v2, "--board-ca", "x"], "--board-ca"),
      (["--validator", "v1", v2, "--own-url", "https://v1.example.org"], "--own-url"),
      (["--validator", "v1", "--peer", "v2"], "v2=https://v2.example.org"),
      (["--validator", "v1", "--peer", "v2=there"], "v2=https://v2.example.org"),
      (["--validator", "v2", v2], "v2 itself"), (["--validator", "v1", v2, v2], "twice"),
      (["--validator", "v1", "--listen", "0.0.0.0:1", board], "--own-url"),
      (
        [
          "--validator", "v1", "--board", "http://10.0.0.1:2379", "--board-user", "v1",
          "--board-password-file", "x",
        ], "https only"
      ),
    ] as [([String], String)])
  func usage(arguments: [String], named: String) async throws {
    let box = try Sandbox()
    let outcome = try await box.zheng(["node", "ledger"] + arguments)
    #expect(outcome.status == 64 && outcome.errors.contains(named), "\(outcome.errors)")
  }

  @Test("settings: boards with commas or repeated, peers by name, a password without its line end")
  func settings() throws {
    let box = try Sandbox()
    try box.write("password", "secret\n")
    chmod("\(box.path)/password", 0o600)
    var arguments = [
      "ledger", "--validator", "v1", Self.board, "--board", "https://10.0.0.3:2379/", Self.v2,
      "--peer=v3=https://v3.example.org/zheng/", "--board-user", "v1", "--board-password-file",
      "\(box.path)/password", "--board-ca", "ca.pem", "--peer-ca", "peers.pem", "--own-url",
      "https://v1.example.org/",
    ]
    let command = try NodeCommand.parse(arguments)
    let settings = try #require(try command.consortium.settings(certificate: ("chain.pem", "key.pem")))
    #expect(settings.validator == "v1" && settings.boards == (1...3).map { "https://10.0.0.\($0):2379" })
    #expect(settings.peers == ["v2": "https://v2.example.org", "v3": "https://v3.example.org/zheng"])
    #expect(settings.ownURL == "https://v1.example.org" && settings.boardTLS.authorities == "ca.pem")
    #expect(settings.peerTLS.authorities == "peers.pem" && settings.peerTLS.certificate == "chain.pem")
    #expect(settings.boardUser == .init(name: "v1", password: "secret"))
    chmod("\(box.path)/password", 0o604)
    #expect(throws: (any Error).self) { _ = try command.consortium.settings(certificate: nil) }
    arguments = ["ledger"]
    #expect(try NodeCommand.parse(arguments).consortium.settings(certificate: nil) == nil)
  }

  @Test("the examples of a validator's configuration and unit are what the command takes")
  func examples() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Examples/consortium/node.json").path
    var context = CommandContext()
    context.environment = ["ZHENG_NODE_BOARD_PASSWORD_FILE": "password"]
    let completed = try CommandContext.$current.withValue(context) {
      try NodeConfiguration.completed(["node", "ledger", "--config", file])
    }
    let command = try NodeCommand.parse(Array(completed.dropFirst()))
    #expect(command.consortium.validator == "v1" && command.consortium.peers.count == 3)
    #expect(command.consortium.boardPasswordFile == "password")
    let unit = try String(
      contentsOf: root.appending(path: "Examples/consortium/zheng.service.d/validator.conf"), encoding: .utf8)
    #expect(unit.contains("ZHENG_NODE_BOARD_PASSWORD_FILE=%d/board-password"))
  }

  @Test("the status of a node that does not answer is told, and is exit status 1")
  func status() async throws {
    let box = try Sandbox()
    let outcome = try await box.zheng(
      "consortium", "status", "http://127.0.0.1:1", "--timeout", "5", "--json")
    #expect(outcome.status == 1)
    let told = try outcome.json
    #expect(told["ok"] as? Bool == false && told["code"] as? String == "unreachable")
    #expect(try await box.zheng("consortium", "status", "here").status == 64)
    #expect(try await box.zheng("consortium", "status").status == 64)
  }
}
