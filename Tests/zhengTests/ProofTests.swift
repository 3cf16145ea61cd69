import Foundation
import Testing

@Suite("zheng prove and check")
struct ProofTests {
  private func proven() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.found()
    try await box.recordContract()
    try await box.must(zheng: "prove", "ledger", "2")
    try await box.must(zheng: "prove", "ledger", "4", "--at", "head", "--out", "named.tlog-proof")
    return box
  }

  @Test("a proof is checked with the policy alone, and says who, what, when and by whose word")
  func offline() async throws {
    let box = try await proven()
    for name in ["record-2.tlog-proof", "policy", "合同.txt"] {
      try box.write("judge/\(name)", box.read(name))
    }
    for name in try box.names() where name != "judge" { try box.remove(name) }
    let check = ["check", "record-2.tlog-proof", "--policy", "policy"]
    let outcome = try await box.zheng(check + ["--file", "合同.txt"], in: "judge")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for word in [
      "notary", "机构 Office notary", "案件-17", "合同全文", "no later than", "by the operator's own word",
      "in block 1",
      "is the payload", "unchanged since",
    ] { #expect(outcome.text.contains(word), "\(word)") }
    #expect(!outcome.text.lowercased().contains("authentic"))
    let json = try await box.zheng(check + ["--json"], in: "judge").json
    #expect(json["ok"] as? Bool == true && json["index"] as? Int == 2 && json["block"] as? Int == 1)
    #expect(json["issuer"] as? String == "notary" && json["noLaterThan"] is String)
  }

  @Test("the leaf comes out of a proof file that holds, as it lies in the log; out of no other")
  func leaf() async throws {
    let box = try await proven()
    let leaf = try await box.must(zheng: "check", "record-2.tlog-proof", "--policy", "policy", "--entry")
      .output
    #expect(try await box.must(zheng: "show", "ledger", "2", "--entry").output == leaf)
    var broken = try box.read("record-2.tlog-proof")
    broken[broken.count / 2] ^= 1
    try box.write("broken", broken)
    let outcome = try await box.zheng("check", "broken", "--policy", "policy", "--entry")
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    for wrong in [["--json"], ["--file", "policy"]] {
      let arguments = ["check", "record-2.tlog-proof", "--policy", "policy", "--entry"] + wrong
      #expect(try await box.zheng(arguments).status == 64)
    }
  }

  @Test("a file is of a record that is it or names its digest, and of no other")
  func files() async throws {
    let box = try await proven()
    let named = try await box.zheng(
      "check", "named.tlog-proof", "--policy", "policy", "--file", "合同.txt", "--json")
    #expect(named.status == 0)
    #expect((try named.json["file"] as? [String: Any])?["relation"] as? String == "named")
    for proof in ["named.tlog-proof", "record-2.tlog-proof"] {
      let other = try await box.zheng("check", proof, "--policy", "policy", "--file", "consortium.json")
      #expect(other.status == 1 && other.errors.contains("consortium.json"))
      let json = try await box.zheng(
        "check", proof, "--policy", "policy", "--file", "consortium.json", "--json")
      #expect(json.status == 1)
      #expect(try json.json["ok"] as? Bool == false)
    }
    #expect(
      try await box.zheng("check", "named.tlog-proof", "--policy", "policy", "--file", "missing").status == 66
    )
  }

  @Test(
    "a proof that was changed, or is of another ledger, does not hold", arguments: [0.1, 0.3, 0.5, 0.7, 0.9])
  func changed(place: Double) async throws {
    let box = try await proven()
    var proof = try box.read("record-2.tlog-proof")
    let position = Int(Double(proof.count) * place)
    proof[position] = proof[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    try box.write("changed", proof)
    let outcome = try await box.zheng("check", "changed", "--policy", "policy", "--json")
    #expect(outcome.status == 1)
    #expect(try outcome.json["exit"] as? Int == 1)
    #expect((try outcome.json["detail"] as? String)?.hasPrefix("changed: ") == true)
    let other = try Sandbox()
    try await other.found()
    let foreign = try await box.zheng(
      "check", "record-2.tlog-proof", "--policy", other.path + "/policy", "--json")
    #expect(foreign.status == 1)
    #expect(try foreign.json["code"] as? String == "policy")
  }

  @Test("what is no proof and no policy is told as such")
  func mistaken() async throws {
    let box = try await proven()
    #expect(try await box.zheng("check", "policy", "--policy", "policy").errors.contains("is it the policy?"))
    #expect(try await box.zheng("check", "policy", "--policy", "record-2.tlog-proof").status == 66)
    #expect(try await box.zheng("check", "missing", "--policy", "policy").status == 66)
    #expect(try await box.zheng("check", "record-2.tlog-proof", "--policy", "missing").status == 66)
    #expect(try await box.zheng("check", ".", "--policy", "policy").status == 66)
    #expect(try await box.zheng("check", "record-2.tlog-proof").status == 64)
    try box.write("huge", Data(count: 5_000_000))
    #expect(try await box.zheng("check", "huge", "--policy", "policy").status == 1)
    #expect(try await box.zheng("check", "record-2.tlog-proof", "--policy", "huge").status == 66)
  }

  @Test("a proof is not written over another file unless that is asked for")
  func overwriting() async throws {
    let box = try await proven()
    let again = try await box.zheng("prove", "ledger", "2")
    #expect(again.status == 0 && again.text.contains("the same"))
    try box.write("mine", "precious")
    let refused = try await box.zheng("prove", "ledger", "2", "--out", "mine")
    #expect(refused.status == 73 && refused.errors.contains("mine"))
    #expect(try box.read("mine") == Data("precious".utf8))
    let forced = try await box.zheng("prove", "ledger", "2", "--out", "mine", "--force", "--json")
    #expect(try forced.json["replaced"] as? Bool == true)
    #expect(try box.read("mine") == box.read("record-2.tlog-proof"))
    #expect(try await box.zheng("prove", "ledger", "2", "--out", "-").output == box.read("mine"))
    #expect(try await box.zheng("prove", "ledger", "2", "--out", "none/proof").status == 73)
    let header = try await box.zheng("prove", "ledger", "3")
    #expect(header.status == 2 && header.errors.contains("header"))
    #expect(try await box.zheng("prove", "ledger", "99").status == 66)
    #expect(try await box.zheng("prove", "ledger", "2", "--at", "tail").status == 64)
  }
}
