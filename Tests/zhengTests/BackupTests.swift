import Foundation
import Testing

@Suite("zheng backup and restore")
struct BackupTests {
  @Test("a restored ledger goes on where no other machine signs it any more, and says what must hold first")
  func roundTrip() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.recordContract()
    let made = try await box.must(zheng: "backup", "ledger", "backup/", "--with-keys", "--json").json
    #expect(made["entries"] as? Int == 6 && made["keys"] as? Int == 3)
    #expect(made["out"] as? String == "backup")
    #expect(try box.mode("backup/keys/log.pem") == 0o600)
    try await box.must(zheng: "verify", "backup", "--policy", "policy")
    // On the machine that has signed it: nothing stands in the way.
    let restored = try await box.must(
      zheng: "restore", "backup", "restored", "--policy", "policy", "--json"
    ).json
    #expect(restored["anchored"] as? Bool == true && restored["records"] as? Int == 3)
    #expect((restored["signing"] as? [String: Any])?["ready"] as? Bool == true)
    try await box.must(zheng: "append", "restored", "--key", "court.pem", "-", input: Data("more\n".utf8))
    try await box.must(zheng: "verify", "restored", "--policy", "policy")
    // The backup is older now; and another machine knows nothing.
    let older = try await box.must(zheng: "restore", "backup", "older")
    #expect(older.text.contains("it is an older copy"))
    #expect(try await box.zheng("append", "older", "--key", "court.pem", "合同.txt").status == 2)
    try box.remove(".state")
    let elsewhere = try await box.must(zheng: "restore", "backup", "elsewhere")
    #expect(elsewhere.text.contains("--adopt-head") && elsewhere.text.contains("stop it for good"))
    try await box.must(
      zheng: "append", "elsewhere", "--key", "court.pem", "--adopt-head", "-", input: Data("more\n".utf8))
  }

  @Test("without keys a restored ledger is read, and says that it can't be written to")
  func withoutKeys() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(zheng: "backup", "ledger", "backup")
    #expect(!box.exists("backup/keys"))
    let restored = try await box.must(zheng: "restore", "backup", "restored")
    #expect(restored.text.contains("no: restored/keys: "))
    #expect(restored.text.contains("no validator's block key is here"))
    try await box.must(zheng: "list", "restored")
  }

  @Test("nothing is overwritten, and a backup lies apart from its ledger")
  func places() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.makeFolder("full")
    for arguments in [["backup", "ledger", "full"], ["backup", "ledger", "none/deeper"]] {
      let outcome = try await box.zheng(arguments)
      #expect(outcome.status == 73 && outcome.errors.contains(arguments[2]), "\(outcome.errors)")
    }
    #expect(try await box.zheng("backup", "ledger", "ledger/backup").status == 64)
    #expect(try await box.zheng("backup", "missing", "backup").status == 66)
    #expect(try await box.zheng("restore", "ledger", "restored").status == 66)
    try await box.must(zheng: "backup", "ledger", "backup")
    #expect(try await box.zheng("restore", "backup", "ledger").status == 73)
    #expect(try await box.zheng("restore", "missing", "restored").status == 66)
    let wrong = try await box.zheng(
      "restore", "backup", "restored", "--ledger-id", String(repeating: "0", count: 64))
    #expect(wrong.status == 1 && wrong.errors.contains("another ledger"))
    #expect(!box.exists("restored"))
  }
}
