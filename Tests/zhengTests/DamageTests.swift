import Foundation
import Testing

@Suite("What is damaged is not shown")
struct DamageTests {
  @Test(
    "one byte of a payload changed: every command that shows the record says where, with exit status 1, and writes no file"
  )
  func payload() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("contract.txt", "the contract")
    try await box.deposit("contract.txt", as: "E-1")
    try await box.evidence("seal", "E-1", "--seal", "S-1", by: "notary")
    try await box.must(zheng: "append", "ledger", "contract.txt", "--key", "notary.pem")
    var entries = try box.read("ledger/entries/000000000000")
    let place = try #require(entries.firstRange(of: Data("当事人提交".utf8)))
    entries[place.lowerBound + 2] ^= 1
    try box.write("ledger/entries/000000000000", entries)
    for command in [
      ["show", "ledger", "2"], ["show", "ledger", "2", "--payload"], ["list", "ledger"],
      ["prove", "ledger", "2"],
      ["prove", "ledger", "2", "--at", "head"], ["export", "ledger", "public"],
      ["evidence", "history", "ledger", "E-1"], ["evidence", "status", "ledger", "E-1"],
      ["evidence", "check", "ledger", "contract.txt"], ["evidence", "list", "ledger"],
      ["evidence", "certificate", "ledger", "E-1", "--out", "E-1.html"],
    ] {
      let outcome = try await box.zheng(command)
      #expect(outcome.status == 1, "\(command): \(outcome.text)\(outcome.errors)")
      #expect(outcome.errors.contains("entry 2"), "\(command): \(outcome.errors)")
      let json = try await box.zheng(command.filter { $0 != "--payload" } + ["--json"])
      #expect(json.status == 1 && (json.text + json.errors).contains("root-mismatch"), "\(command)")
    }
    #expect(!box.exists("record-2.tlog-proof") && !box.exists("E-1.html") && !box.exists("public/checkpoint"))
    // What is not damaged is shown.
    try await box.must(zheng: "show", "ledger", "4")
  }
}
