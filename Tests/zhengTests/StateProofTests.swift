import Foundation
import Testing

@Suite("zheng prove and check, of the ledger's state", .timeLimit(.minutes(10)))
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
