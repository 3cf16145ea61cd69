import Foundation
import TestKit
import Testing

@Suite("Ledgers with names", .timeLimit(.minutes(30)))
struct NamedLedgerTests {
  @Test(
    "@NAME is a ledger of the configuration with its policy and key; @ is the one that ZHENG_LEDGER names")
  func names() async throws {
    let box = try Sandbox()
    try await box.found()
    let node = try await LocalNode(box)
    try box.write("x", "x")
    try box.write(
      "office/ledgers.json",
      """
      {"ledgers": [{"name": "市", "ledger": "\(node.url)/", "policy": "../policy", "key": "../court.pem"},
                   {"name": "here", "ledger": "../ledger"}]}
      """)
    box.environment = ["ZHENG_CONFIG": "office/ledgers.json"]
    #expect(try await box.zheng("append", "@市", "x").status == 0)
    let list = try await box.zheng("list", "@市")
    #expect(list.status == 0 && list.text.contains("court"), "\(list.errors)")
    #expect(try await box.zheng("list", "@here").text == list.text)
    #expect(try await box.zheng("verify", "@市").status == 0)
    #expect(try await box.zheng("export", "@here", "out").status == 0)
    // What is said on the command line comes first.
    let notary = try await box.zheng("append", "@市", "--key", "notary.pem", "x", "--json")
    #expect(try notary.status == 0 && notary.json["index"] as? Int == 4, "\(notary.text)\(notary.errors)")
    let unknown = try await box.zheng("list", "@city")
    #expect(unknown.status == 64 && unknown.errors.contains("@市, @here"), "\(unknown.errors)")
    #expect(try await box.zheng("list", "@").status == 64)
    #expect(try await box.zheng("export", "@市", "out2").status == 64)
    try await node.stop()
    try box.makeFolder("@city")
    #expect(try await box.zheng("list", "./@city").status == 66)
  }

  @Test(
    "a configuration that says something else is refused with its place",
    arguments: [
      ("{", "line 1"), ("[]", "object"), (#"{"ledger": []}"#, "ledgers"),
      (#"{"ledgers": [{"name": "a"}]}"#, "ledger"),
      (#"{"ledgers": [{"name": "a", "ledger": "l", "polcy": "p"}]}"#, "policy"),
      (#"{"ledgers": [{"name": "a", "ledger": "l"}, {"name": "a", "ledger": "m"}]}"#, "two ledgers"),
    ])
  func malformed(_ text: String, _ word: String) async throws {
    let box = try Sandbox()
    try box.write("ledgers.json", text)
    box.environment = ["ZHENG_CONFIG": "ledgers.json"]
    let outcome = try await box.zheng("list", "@a")
    #expect(outcome.status == 64 && outcome.errors.contains("ledgers.json"), "\(outcome.errors)")
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
  }
}
