import Foundation
import TestKit
import Testing

@Suite("zheng init")
struct FoundingTests {
  private let notary = ConsortiumDraft([.init("notary", roles: ["notary"])])

  @Test("founding gives the ledger id, the policy and what to do next")
  func founding() async throws {
    let box = try Sandbox()
    try await box.makeKey("notary")
    try box.write("consortium.json", notary.json)
    let outcome = try await box.zheng(
      "init", "账本/", "--consortium", "consortium.json", "--key", "notary.pem", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let json = try outcome.json
    let id = try #require(json["ledger"] as? String)
    #expect(id.count == 64)
    #expect(json["policy"] as? String == "账本/policy")
    #expect(String(decoding: try box.read("账本/policy"), as: UTF8.self).contains("# ledger \(id)"))
    #expect(try await box.zheng("verify", "账本", "--ledger-id", id).status == 0)
    let again = try await box.zheng("init", "账本", "--consortium", "consortium.json", "--key", "notary.pem")
    #expect(again.status == 73)
    #expect(again.errors.contains("账本"))
    let text = try await box.zheng("init", "second", "--consortium", "consortium.json", "--key", "notary.pem")
      .text
    #expect(text.contains("Publish the ledger id"))
    for key in try box.names("账本/keys") {
      #expect(try box.mode("账本/keys/\(key)") == 0o600)
    }
  }

  @Test("a directory that is not empty, a file or no parent can't hold a ledger")
  func noRoom() async throws {
    let box = try Sandbox()
    try await box.makeKey("notary")
    for folder in ["full", "empty"] { try box.makeFolder(folder) }
    for file in ["full/x", "file"] { try box.write(file, "") }
    try box.write("consortium.json", notary.json)
    for place in ["full", "file", "none/ledger", "."] {
      let outcome = try await box.zheng(
        "init", place, "--consortium", "consortium.json", "--key", "notary.pem")
      #expect(outcome.status == 73, "\(place): \(outcome.errors)")
      #expect(outcome.errors.hasPrefix("zheng: \(place)"))
    }
    #expect(
      try await box.zheng("init", "empty", "--consortium", "consortium.json", "--key", "notary.pem").status
        == 0)
  }

  @Test("what is wrong with the consortium file is told, and nothing is left behind")
  func badConsortium() async throws {
    let box = try Sandbox()
    try await box.makeKey("notary")
    try await box.must(zheng: "key", "new", "stranger.pem")
    let good = try notary.json
    for (content, status, word) in [
      ("{", Int32(2), "JSON"), (good.replacingOccurrences(of: "\"origin\"", with: "\"orgin\""), 2, "origin"),
      (good.replacingOccurrences(of: "\"threshold\":1", with: "\"threshold\":2"), 2, "threshold"),
      (good.replacingOccurrences(of: "notary.pub.pem", with: "gone.pem"), 66, "gone.pem"),
      (
        good.replacingOccurrences(of: "\"parameters\":{}", with: "\"parameters\":{\"block-records\":0}"), 2,
        "block-records"
      ),
    ] {
      try box.write("c.json", content)
      let outcome = try await box.zheng("init", "ledger", "--consortium", "c.json", "--key", "notary.pem")
      #expect(outcome.status == status, "\(content): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
      #expect(!box.exists("ledger"))
    }
    try box.write("c.json", good)
    let stranger = try await box.zheng(
      "init", "ledger", "--consortium", "c.json", "--key", "stranger.pem", "--json")
    #expect(stranger.status == 2)
    #expect(try stranger.json["code"] as? String == "unknown-key")
    #expect(
      try await box.zheng("init", "ledger", "--consortium", "missing.json", "--key", "notary.pem").status
        == 66)
    #expect(try await box.zheng("init", "ledger", "--consortium", ".", "--key", "notary.pem").status == 66)
    #expect(try box.names() == ["c.json", "notary.pem", "notary.pub.pem", "stranger.pem"])
  }
}
