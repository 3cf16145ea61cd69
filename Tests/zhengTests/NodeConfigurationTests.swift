import Foundation
import Testing

@testable import zheng

/// Issue 17: the options of `zheng node` by flags, variables and a file, under the same names.
@Suite("Where a node's options come from")
struct NodeConfigurationTests {
  private func completed(_ arguments: String..., environment: [String: String] = [:]) throws -> [String] {
    var context = CommandContext()
    context.environment = environment
    return try CommandContext.$current.withValue(context) { try NodeConfiguration.completed(arguments) }
  }

  @Test("a flag goes before a variable, and a variable before the file")
  func order() throws {
    let box = try Sandbox()
    try box.write(
      "node.json", #"{"listen": "127.0.0.1:1", "queue": 5, "host-name": ["a", "b"], "least-free": 0}"#)
    let environment = [
      "ZHENG_NODE_CONFIG": "\(box.path)/node.json", "ZHENG_NODE_LISTEN": "127.0.0.1:2",
      "ZHENG_NODE_HOST_NAME": "c,d",
      "ZHENG_NODE_READ": "",
    ]
    #expect(
      try completed("node", "ledger", "--queue=7", environment: environment) == [
        "node", "--listen=127.0.0.1:2", "--host-name=c", "--host-name=d", "--least-free=0", "ledger",
        "--queue=7",
      ])
    #expect(
      try completed("node", "ledger", "--config", "\(box.path)/node.json", "--host-name", "x") == [
        "node", "--listen=127.0.0.1:1", "--queue=5", "--least-free=0", "ledger", "--config",
        "\(box.path)/node.json", "--host-name", "x",
      ])
    #expect(try completed("verify", "ledger", environment: environment) == ["verify", "ledger"])
  }

  @Test(
    "a file with an unknown option, a wrong value or no JSON is usage, with its place; one that is not there is 66"
  )
  func mistakes() async throws {
    let box = try Sandbox()
    for text in [#"{"listn": "x"}"#, #"{"queue": "many"}"#, #"{"adopt-head": true}"#, "listen: x"] {
      try box.write("node.json", text)
      let outcome = try await box.zheng("node", "ledger", "--config", "node.json")
      #expect(outcome.status == 64 && outcome.errors.contains("node.json: line 1"), "\(outcome.errors)")
    }
    #expect(try await box.zheng("node", "ledger", "--config", "nothing.json").status == 66)
  }

  @Test("every option of the command that is no choice of one start can be configured")
  func complete() {
    let help = Zheng.helpMessage(for: NodeCommand.self, columns: 200)
    let flags = help.matches(of: /--([a-z-]+) </).map { String($0.1) }
    #expect(flags.count > 12)
    #expect(Set(flags).subtracting(["config"]) == Set(NodeConfiguration.options.map(\.name)))
  }
}
