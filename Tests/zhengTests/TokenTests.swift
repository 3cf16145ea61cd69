import Foundation
import LedgerClient
import Testing

/// DESIGN §7: members read a node with tokens that they make with their keys.
@Suite("zheng token", .timeLimit(.minutes(30)))
struct TokenTests {
  @Test("a member's token lets a program read, until the member is removed")
  func reading() async throws {
    let box = try Sandbox()
    try await box.found()
    let removal = try await box.must(
      zheng: "members", "remove", "ledger", "court", "--key", "notary.pem", "--json"
    ).json
    #expect(removal["adopted"] as? Bool == true)
    let node = try await LocalNode(box, readers: .members)
    func client(_ key: String) async throws -> NodeClient {
      let token = try await box.must(
        zheng: "token", "--key", key, "--policy", "policy", "--node", node.url + "/", "--minutes", "10",
        "--json"
      ).json
      #expect(token["node"] as? String == node.url)
      let text = try #require(token["token"] as? String)
      var client = try NodeClient(node.url)
      client.patience = .seconds(3600)
      client.authorization = { "Bearer \(text)" }
      return client
    }
    #expect(try await client("notary.pem").members().members.count == 2)
    let refused = await #expect(throws: NodeClientError.self) { try await client("court.pem").members() }
    #expect(refused?.code == .noAccess && refused?.description.contains("not in force") == true)
    try await node.stop()
  }

  @Test("commands that have a key send a token themselves; one without says what is missing")
  func commands() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await LocalNode(box, readers: .members)
    let through = [node.url, "--policy", "policy", "--lines"]
    let outcome = try await box.zheng(
      ["append"] + through + ["--key", "notary.pem", "-"], input: Sandbox.lines(1...3))
    #expect(outcome.status == 0 && outcome.lines.count == 3, "\(outcome.errors)")
    try await box.must(
      zheng: "sign", "--policy", "policy", "--key", "notary.pem", "--issuer", "notary", "--out", "signed",
      "policy")
    let bare = try await box.zheng(
      "append", node.url, "--policy", "policy", "--statements", "signed")
    #expect(bare.status == 1 && bare.errors.contains("send a token"), "\(bare.errors)")
    try await node.stop()
  }

  @Test("how long a token may hold, and that it is for a node and a ledger, is looked at before it is made")
  func usage() async throws {
    let box = try Sandbox()
    try await box.found()
    let arguments = ["token", "--key", "notary.pem", "--policy", "policy", "--node"]
    for wrong in [["http://x", "--minutes", "11"], ["http://x", "--minutes", "0"], ["x"]] {
      #expect(try await box.zheng(arguments + wrong).status == 64, "\(wrong)")
    }
    let far = try await box.zheng(arguments + ["http://ledger.example.org"])
    #expect(far.status == 0 && far.errors.contains("https only"))
    #expect(try await box.zheng("token", "--key", "notary.pem", "--node", "http://x").status == 64)
  }
}
