import Foundation
import LedgerClient
import Scenarios
import Testing

@Suite("zheng prove and check, of the ledger's state", .timeLimit(.minutes(30)))
struct StateProofTests {
  private func ledger() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.found()
    try await box.recordContract()
    try box.write("other.txt", "nobody has recorded this\n")
    return box
  }

  /// Leaves nothing but `names` and the policy, in a folder of their own.
  private func judge(_ box: Sandbox, _ names: [String]) throws {
    for name in names + ["policy"] { try box.write("judge/\(name)", box.read(name)) }
  }

  @Test("that a file was never recorded is checked with the policy alone; of another file it says nothing")
  func never() async throws {
    let box = try await ledger()
    let found = try await box.must(zheng: "find", "ledger", "other.txt")
    #expect(found.text.isEmpty && found.errors.contains("never recorded as of block"))
    try await box.must(zheng: "prove", "ledger", "--file", "other.txt", "--out", "never.tlog-proof")
    try judge(box, ["never.tlog-proof", "other.txt", "合同.txt"])
    let check = ["check", "never.tlog-proof", "--policy", "policy"]
    let outcome = try await box.zheng(check + ["--file", "other.txt"], in: "judge")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("never recorded, as of block"))
    let json = try await box.zheng(check + ["--json"], in: "judge").json
    let findings = try #require(json["findings"] as? [[String: Any]])
    #expect(findings.count == 1 && findings[0]["recorded"] as? Bool == false)
    let other = try await box.zheng(check + ["--file", "合同.txt"], in: "judge")
    #expect(other.status == 1 && other.errors.contains("says nothing of this file"))
    #expect(try await box.zheng(check + ["--entry"], in: "judge").status == 64)
  }

  @Test("a directory of proofs shows that its records are all; one taken out, put in or altered is noticed")
  func all() async throws {
    let box = try await ledger()
    try await box.must(
      zheng: "append", "ledger", "--key", "court.pem", "--type", "text/plain", "合同.txt")
    try await box.must(zheng: "prove", "ledger", "--file", "合同.txt", "--with-records", "--out", "proofs")
    let names = try box.names("proofs/file").map { "proofs/file/\($0)" }
    #expect(names.count == 2)
    let check = ["check", "proofs", "--policy", "policy"]
    let outcome = try await box.must(zheng: "check", "proofs", "--policy", "policy", "--file", "合同.txt")
    #expect(outcome.text.contains("are all of the file with SHA-256"))
    let json = try await box.zheng(check + ["--json"]).json
    let finding = try #require((json["findings"] as? [[String: Any]])?.first)
    #expect(finding["complete"] as? Bool == true && finding["count"] as? Int == names.count)
    for name in names {
      let bytes = try box.read(name)
      try box.remove(name)
      let outcome = try await box.zheng(check + ["--json"])
      #expect(outcome.status == 1, "\(name)")
      try box.write(name, bytes.dropLast(8) + Data("AAAAAAA\n".utf8))
      #expect(try await box.zheng(check).status == 1, "altered \(name)")
      try box.write(name, bytes)
    }
    try await box.must(zheng: "prove", "ledger", "0", "--out", "proofs/file/one-more.tlog-proof")
    #expect(try await box.zheng(check).status == 1)
    try box.remove("proofs/file/one-more.tlog-proof")
    #expect(try await box.zheng(check).status == 0)
    try await box.must(zheng: "prove", "ledger", "--file", "合同.txt", "--out", "alone.tlog-proof")
    #expect(
      try await box.must(zheng: "check", "alone.tlog-proof", "--policy", "policy").text.contains(
        "2 records of the file with SHA-256"))
  }

  @Test(
    "as of an earlier block: what was recorded then, that nothing was yet, how an item stood, each with its proof"
  )
  func earlier() async throws {
    let box = try await ledger()
    // The court records the contract once more, two blocks after the notary.
    try await box.must(zheng: "append", "ledger", "--key", "court.pem", "--type", "text/plain", "合同.txt")
    let check = ["check", "p", "--policy", "policy"]
    func finding(at block: Int, _ more: String...) async throws -> [String: Any] {
      if box.exists("p") { try box.remove("p") }
      let proved = try await box.zheng(
        ["prove", "ledger", "--file", "合同.txt", "--at", "\(block)", "--out", "p", "--json"] + more)
      try #require(proved.status == 0, "\(proved.errors)")
      let outcome = try await box.zheng(check + ["--json", "--file", "合同.txt"])
      try #require(outcome.status == 0, "\(outcome.text) \(outcome.errors)")
      #expect(try outcome.json["asOf"] as? Int == block && outcome.json["block"] as? Int == 3)
      let finding = try #require((try outcome.json["findings"] as? [[String: Any]])?.first)
      let keys = try #require(try proved.json["keys"] as? [[String: Any]])
      #expect(keys[0]["recorded"] as? Bool == finding["recorded"] as? Bool)
      return finding
    }
    let none = try await finding(at: 0)
    #expect(none["recorded"] as? Bool == false && none["count"] as? Int == 0 && none["first"] is NSNull)
    #expect("\(none["proves"] ?? "")".contains("as of block 0: the first is entry 2, of a later block"))
    let some = try await finding(at: 2)
    #expect(some["recorded"] as? Bool == true && some["count"] is NSNull && some["last"] is NSNull)
    #expect("\(some["proves"] ?? "")".contains("seen with all of them"))
    let all = try await finding(at: 2, "--with-records")
    #expect(
      all["count"] as? Int == 1 && all["records"] as? [Int] == [2] && all["complete"] as? Bool == true)
    #expect("\(all["proves"] ?? "")".contains("is the only one of the file"))
    #expect("\(all["proves"] ?? "")".contains("1 record of later blocks beside it"))
    // A later record taken out makes the rest prove nothing.
    try box.remove("p/file/record-6.tlog-proof")
    #expect(try await box.zheng(check).status == 1)
    let newest = try await finding(at: 3)
    #expect(newest["count"] as? Int == 2)

    let beyond = try await box.zheng("prove", "ledger", "--file", "合同.txt", "--at", "4")
    #expect(beyond.status == 66 && beyond.errors.contains("there is no block 4 yet; the newest is 3"))
    for wrong in ["-1", "04", "2026-01-01"] {
      #expect(try await box.zheng("prove", "ledger", "--file", "合同.txt", "--at", wrong).status == 64)
    }
    #expect(try await box.zheng("prove", "ledger", "--file", "合同.txt", "--at", "head").status == 64)
    #expect(try await box.zheng("prove", "ledger", "2", "--at", "1").status == 64)
  }

  @Test("how an item stood as of an earlier block is shown by the rules, from its proven records")
  func earlierItem() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "a")
    try await box.deposit("a", as: "E-1")
    try await box.evidence("seal", "E-1", "--seal", "S-1", "--condition", "完好", by: "notary")
    try await box.evidence(
      "offer", "E-1", "--to", "examiner", "--seal", "S-1", "--purpose", "鉴定", by: "notary")
    for (block, state) in [(1, "deposited"), (2, "sealed"), (3, nil)] as [(Int, String?)] {
      let name = "p-\(block)"
      try await box.must(
        zheng: "prove", "ledger", "--item", "E-1", "--at", "\(block)", "--with-records", "--out", name)
      let outcome = try await box.must(zheng: "check", name, "--policy", "policy", "--json")
      let finding = try #require((try outcome.json["findings"] as? [[String: Any]])?.first)
      #expect((finding["records"] as? [Int])?.count == block)
      #expect((finding["byOurRules"] as? [String: Any])?["state"] as? String == state, "\(block)")
    }
    #expect(
      try await box.must(zheng: "check", "p-2", "--policy", "policy").text.contains(
        "by the rules of this program the item was sealed then, held by notary"))
  }

  @Test("what else the state had as of an earlier block is not proven by what it has now, and check says so")
  func earlierValue() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "a")
    try await box.deposit("a", as: "E-1")
    let node = try await LocalNode(box)
    var client = try NodeClient(node.url)
    client.patience = .seconds(3600)
    for (height, status) in [(0, 1), (1, 0)] as [(UInt64, Int32)] {
      let proofs = try await client.stateProofs([Evidence.Item.key("E-1")], asOf: height)
      try box.write("p-\(height)", Data(try #require(proofs).bytes))
      let outcome = try await box.zheng("check", "p-\(height)", "--policy", "policy")
      #expect(outcome.status == status, "\(outcome.text)")
      #expect(outcome.errors.contains("had as of block 0 is not proven") == (status == 1))
    }
    try await node.stop()
  }

  @Test("one thing is proven at a time, and what can't be combined is refused with the way out")
  func usage() async throws {
    let box = try await ledger()
    for wrong in [
      [], ["2", "--file", "合同.txt"], ["--subject", "a", "--digest", "00"],
      ["--file", "合同.txt", "--at", "head"],
      ["2", "--with-records"], ["--digest", "00"],
    ] { #expect(try await box.zheng(["prove", "ledger"] + wrong).status == 64, "\(wrong)") }
    try await box.must(zheng: "prove", "ledger", "--subject", "案件-17", "--out", "subject.tlog-proof")
    let checked = try await box.must(zheng: "check", "subject.tlog-proof", "--policy", "policy").text
    #expect(checked.contains("about 案件-17 (plain)") && checked.contains("no record about 案件-17 (evidence)"))
    #expect(try await box.zheng("check", "subject.tlog-proof", "--policy", "合同.txt").status != 0)
  }
}
