import Foundation
import Testing

@Suite("zheng evidence: each kind", .timeLimit(.minutes(30)))
struct EvidenceKindsTests {
  @Test(
    "an item is deposited, sealed, handed over, examined, held, presented, renewed, corrected and released")
  func life() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("contract.txt", "甲方与乙方约定如下")
    let deposited = try await box.deposit(
      "contract.txt", as: "E-1", "--digest", "sm3", "--collector", "取证二组", "--tool", "imager 4.2")
    #expect(deposited["state"] as? String == "deposited" && deposited["custodian"] as? String == "notary")
    let digests = try #require(deposited["digests"] as? [String: String])
    let theirs = try await box.must("sha256sum contract.txt; openssl dgst -sm3 -r contract.txt").lines
    #expect([digests["sha-256"], digests["sm3"]] == theirs.map { String($0.prefix(64)) })

    let sealed = try await box.evidence(
      "seal", "E-1", "--seal", "S-1", "--condition", "完好", by: "notary")
    #expect(sealed["state"] as? String == "sealed")
    let offered = try await box.evidence(
      "offer", "E-1", "contract.txt", "--to", "examiner", "--seal", "S-1", "--purpose", "鉴定", by: "notary")
    #expect(offered["state"] as? String == "in-transit" && offered["receiver"] as? String == "examiner")
    let accepted = try await box.evidence(
      "accept", "E-1", "contract.txt", "--seal", "S-1", "--location", "A3", by: "examiner")
    #expect(accepted["state"] as? String == "sealed" && accepted["custodian"] as? String == "examiner")
    try box.write("report.pdf", "report")
    let examining = try await box.evidence(
      "examine", "E-1", "--method", "GB/T 29360", "--write-blocker", "WB-7", "--derived", "E-1-a",
      by: "examiner")
    #expect(examining["state"] as? String == "examining")
    #expect(
      try await box.evidence("reseal", "E-1", "--seal", "S-2", "--report", "report.pdf", by: "examiner")[
        "state"]
        as? String == "sealed")
    try await box.evidence("present", "E-1", "--to", "合议庭", "--purpose", "质证", by: "court")
    try await box.evidence("hold", "E-1", "--order", "证保3号", "--reason", "另案", by: "court")
    #expect(
      (try await box.itemStatus("E-1")["orders"] as? [[String: Any]])?.first?["order"] as? String == "证保3号")
    try await box.evidence("lift", "E-1", "--order", "证保3号", by: "court")
    try await box.evidence("renew", "E-1", "contract.txt", "--digest", "sha3-512", by: "examiner")
    try await box.evidence("correct", "E-1", "2", "--what", "工具为 imager 4.3", "--why", "录入错误", by: "notary")

    let waiting = try await box.evidence(
      "release", "E-1", "--order", "判决17号", "--outcome", "released", by: "examiner")
    let pending = try #require(waiting["pending"] as? [String: Any])
    #expect(waiting["state"] as? String == "sealed" && pending["members"] as? [String] == ["court"])
    #expect(pending["statement"] as? String == waiting["id"] as? String)
    // What it says to do, done by the one who is to do it.
    let command = try #require(pending["command"] as? String)
    #expect(command == "zheng evidence countersign ledger E-1 --key KEY.pem")
    #expect(try await box.zheng("evidence", "status", "ledger", "E-1").text.contains(command))
    let words = command.replacing("KEY.pem", with: "court.pem").split(separator: " ").dropFirst()
    #expect(try await box.zheng(words.map(String.init)).status == 0)

    let status = try await box.itemStatus("E-1")
    #expect(status["state"] as? String == "released" && status["pending"] is NSNull)
    #expect(
      Set((status["digests"] as? [String: String])?.keys ?? [:].keys) == ["sha-256", "sm3", "sha3-512"])
    #expect(status["entries"] as? Int == 7 && (status["next"] as? [Any])?.isEmpty == true)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("what is declined or arrives otherwise is disputed, stays with the giver, and takes two to resolve")
  func disputes() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["a", "b"] { try box.write(name, "\(name)\n") }
    try await box.deposit("a", as: "E-1", by: "police", "--seal", "S-1")
    try await box.evidence("seal", "E-1", "--seal", "S-1", by: "police")
    try await box.evidence("offer", "E-1", "--to", "notary", "--seal", "S-1", "--purpose", "保管", by: "police")
    let declined = try await box.evidence("decline", "E-1", "--reason", "封条破损", by: "notary")
    #expect(declined["state"] as? String == "disputed" && declined["custodian"] as? String == "police")
    #expect(declined["dispute"] as? String == "declined")
    let resolving = try await box.evidence(
      "resolve", "E-1", "--reason", "磨损", "--outcome", "sealed", "--seal", "S-2", by: "police")
    #expect((resolving["pending"] as? [String: Any])?["members"] as? [String] == ["supervisor"])
    let resolved = try await box.evidence(
      "countersign", "E-1", "--statement", try #require(resolving["id"] as? String), by: "supervisor")
    #expect(resolved["state"] as? String == "sealed")
    #expect(try await box.itemStatus("E-1")["seal"] as? String == "S-2")

    // The receiver has another file in its hands, and says so by signing for it.
    try await box.evidence(
      "offer", "E-1", "a", "--to", "notary", "--seal", "S-2", "--purpose", "保管", by: "police")
    let other = try await box.evidence(
      "accept", "E-1", "b", "--seal", "S-2", "--location", "A3", "--record-mismatch", by: "notary")
    #expect(other["state"] as? String == "disputed" && other["dispute"] as? String == "digest")
    #expect(other["custodian"] as? String == "police")
    #expect(try await box.zheng("evidence", "status", "ledger", "E-1").text.contains("disputed: digest"))
  }

  @Test(
    "history shows one chain, lags, rests and corrections; a countersigned statement enters with its second signature"
  )
  func history() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "a\n")
    try await box.deposit("a", as: "E-1", "--occurred", "2026-01-02T03:04:05Z")
    try await box.evidence("seal", "E-1", "--seal", "S-1", by: "notary")
    try await box.evidence("release", "E-1", "--order", "X-1", "--outcome", "released", by: "notary")
    try await box.evidence("release", "E-1", "--order", "X-2", "--outcome", "disposed", by: "notary")
    try await box.evidence("countersign", "E-1", by: "court")
    try await box.evidence("correct", "E-1", "2", "--what", "案号有误", "--why", "录入", by: "notary")
    let history = try await box.zheng("evidence", "history", "ledger", "E-1", "--json").json
    #expect(history["unbroken"] as? Bool == true && history["custodyEntries"] as? Int == 3)
    let events = try #require(history["events"] as? [[String: Any]])
    #expect(
      events.map { $0["what"] as? String } == [
        "deposit", "seal", "release", "release", "countersign", "correct",
      ])
    #expect(events.map { $0["custody"] as? Bool } == [true, true, false, false, true, false])
    #expect(events[2]["countersignature"] as? String == "void")
    #expect(events[3]["countersignature"] as? String == "completed")
    #expect(events[0]["correctedBy"] as? [Int] == [12])
    #expect(try #require(events[0]["lagSeconds"] as? Int) > 86_400)
    #expect(events[1]["lagSeconds"] is NSNull && events[1]["restSeconds"] is Int)
    let text = try await box.zheng("evidence", "history", "ledger", "E-1", "--gap", "0").text
    for part in [
      "LAG: happened at 2026-01-02T03:04:05Z", "without a custody event", "CORRECTED by entry 12: 案号有误",
      "void, never countersigned", "one unbroken chain of 3 custody entries", "disposed",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
    #expect(
      !(try await box.zheng("evidence", "history", "ledger", "E-1").text.contains("without a custody event")))
  }

  @Test("items are listed by case, custodian, state and date")
  func list() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["a", "b", "c"] { try box.write(name, "\(name)\n") }
    try await box.deposit("a", as: "E/1%")
    try await box.deposit("b", as: "E-2")
    try await box.deposit("c", as: "E-3", by: "police")
    try await box.evidence("seal", "E-2", "--seal", "S-1", by: "notary")
    try await box.evidence("hold", "E-3", "--order", "H", by: "court")
    func items(_ arguments: String...) async throws -> [String] {
      try await box.zheng(["evidence", "list", "ledger", "--json"] + arguments).objects
        .compactMap { $0["item"] as? String }
    }
    #expect(try await items() == ["E-2", "E-3", "E/1%"])
    #expect(try await items("--custodian", "notary") == ["E-2", "E/1%"])
    #expect(try await items("--custodian", "notary", "--state", "deposited") == ["E/1%"])
    #expect(try await items("--case", "(2026)豫01民初17号", "--state", "sealed") == ["E-2"])
    #expect(try await items("--case", "17") == [])
    #expect(try await items("--held") == ["E-3"])
    #expect(try await items("--waiting") == [])
    #expect(try await items("--since", "2026-01-01", "--limit", "1") == ["E-2"])
    #expect(try await items("--until", "2026-01-01") == [])
    #expect(try await box.zheng("evidence", "list", "ledger").text.contains("E/1%"))
  }

  @Test("statements go through a node as well")
  func node() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "a\n")
    let node = try await LocalNode(box)
    (box.place, box.environment) = (node.url, ["ZHENG_POLICY": "policy"])
    try await box.deposit("a", as: "E-1")
    let sealed = try await box.evidence("seal", "E-1", "--seal", "S-1", by: "notary")
    #expect(sealed["index"] as? Int == 4)
    #expect(try await box.refusal("seal", "E-1", "--seal", "S-2", by: "notary") == "wrong-state")
    try await node.stop()
  }
}
