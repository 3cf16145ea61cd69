import Foundation
import Testing

@Suite("zheng members")
struct MembersTests {
  @Test(
    "a change that two administrators must approve says what is missing, and comes into force with the second"
  )
  func twoAdministrators() async throws {
    let box = try Sandbox()
    try await box.found(
      members: ["notary", "bureau", "court"], administrators: ["notary", "bureau"], threshold: 2)
    try await box.makeKey("police")
    try box.write("note", "x\n")
    let proposed = try await box.zheng(
      "members", "add", "ledger", "police", "--zh", "公安局", "--role", "collector", "--public-key",
      "police.pub.pem",
      "--key", "notary.pem", "--json"
    ).json
    #expect(proposed["missing"] as? Int == 1 && proposed["adopted"] as? Bool == false)
    let id = try #require(proposed["proposal"] as? String)
    let shown = try await box.zheng("members", "ledger").text
    #expect(shown.contains(id) && shown.contains("1 more needed"))
    let open = try #require(
      try await box.zheng("members", "ledger", "--json").json["proposals"] as? [[String: Any]])
    #expect(open.map { $0["id"] as? String } == [id])
    #expect(try await box.zheng("append", "ledger", "--key", "police.pem", "note").status == 2)

    #expect(
      try await box.zheng("members", "approve", "ledger", id, "--key", "notary.pem", "--json").json["code"]
        as? String == "already-approved")
    #expect(
      try await box.zheng("members", "approve", "ledger", id, "--key", "court.pem", "--json").json["code"]
        as? String == "not-administrator")
    let unknown = String(repeating: "0", count: 64)
    #expect(
      try await box.zheng("members", "approve", "ledger", unknown, "--key", "bureau.pem", "--json").json[
        "code"]
        as? String == "unknown-proposal")
    let approved = try await box.zheng("members", "approve", "ledger", id, "--key", "bureau.pem", "--json")
      .json
    #expect(approved["adopted"] as? Bool == true && approved["inForceFrom"] as? Int == 3)
    #expect(approved["approvals"] as? [String] == ["notary", "bureau"])
    #expect(try await box.zheng("append", "ledger", "--key", "police.pem", "note").status == 0)
    #expect(try await box.zheng("members", "approve", "ledger", id, "--key", "bureau.pem").status == 2)
    #expect(try await box.zheng("members", "show", "ledger").text.contains("公安局"))
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("keys rotate and members go, and what they signed before stays good")
  func rotation() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("note", "x\n")
    try await box.must(zheng: "append", "ledger", "--key", "court.pem", "note")
    try await box.makeKey("court-2", "ed25519")
    let rotated = try await box.zheng(
      "members", "rotate-key", "ledger", "court", "--public-key", "court-2.pub.pem", "--key", "notary.pem")
    #expect(rotated.status == 0 && rotated.text.contains("in force from block 3"))
    let old = try await box.zheng("append", "ledger", "--key", "court.pem", "note", "--json")
    #expect(try old.json["code"] as? String == "key-not-in-force")
    #expect(try await box.zheng("append", "ledger", "--key", "court-2.pem", "note").status == 0)
    #expect(try await box.zheng("members", "remove", "ledger", "court", "--key", "notary.pem").status == 0)
    #expect(try await box.zheng("append", "ledger", "--key", "court-2.pem", "note").status == 2)
    #expect(try await box.zheng("members", "ledger").text.contains("REMOVED"))
    #expect(
      try await box.zheng("members", "remove", "ledger", "notary", "--key", "notary.pem", "--json").json[
        "code"]
        as? String == "threshold")
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
    try await box.must(zheng: "prove", "ledger", "2", "--at", "head", "--out", "p")
    try await box.must(zheng: "check", "p", "--policy", "policy", "--file", "note")
  }

  @Test("a parameter is set within its bounds, and the next block keeps to it")
  func parameter() async throws {
    let box = try Sandbox()
    try await box.found()
    func set(_ name: String, _ value: String) async throws -> Outcome {
      try await box.zheng("members", "set", "ledger", name, value, "--key", "notary.pem")
    }
    #expect(try await set("block-records", "2").status == 0)
    let receipts = try await box.zheng(
      "append", "ledger", "--key", "court.pem", "--lines", "-", input: Sandbox.lines(1...4))
    #expect(receipts.lines.map { $0.split(separator: " ")[1] } == ["2", "2", "3", "3"])
    #expect(try await set("block-records", "0").status == 2)
    #expect(try await set("no-such", "1").errors.contains("block-records"))
    #expect(try await set("statement-window", "100").status == 2)
    #expect(try await set("block-records", "many").status == 64)
    #expect(
      try await box.zheng("members", "set", "ledger", "block-records", "5", "--key", "court.pem").status == 2)
    #expect(try await box.zheng("members", "approve", "ledger", "xyz", "--key", "notary.pem").status == 64)
    #expect(
      try await box.zheng(
        "members", "add", "ledger", "police", "--public-key", "court.pub.pem", "--key", "notary.pem"
      ).status == 64)
    #expect(
      try await box.zheng(
        "members", "add", "ledger", "Police", "--en", "x", "--public-key", "notary.pub.pem", "--key",
        "notary.pem"
      ).status == 2)
  }
}
