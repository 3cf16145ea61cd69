import Foundation
import Testing

@testable import zheng

/// A directory that was copied or restored, as a person meets it.
@Suite("Copies and leftovers", .timeLimit(.minutes(30)))
struct LeftoverTests {
  @Test("an older copy that was put back is not signed; --adopt-head goes on once, and says what it does")
  func restored() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
    try box.copy("ledger", to: "backup")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("two".utf8))
    try box.copy("backup", to: "ledger")
    let refused = try await box.zheng(
      "append", "ledger", "--key", "notary.pem", "-", input: Data("three".utf8))
    #expect(refused.status == 2)
    #expect(refused.errors.contains("this machine has signed block 2, and the directory ends at block 1"))
    #expect(refused.errors.contains("--adopt-head"))
    // Reading it is no signing.
    try await box.must(zheng: "verify", "ledger", "--policy", "policy")
    let adopted = try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "--adopt-head", "-", input: Data("three".utf8))
    #expect(adopted.errors.contains("signing goes on from block 1"))
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("four".utf8))
  }

  @Test("a private key that others may read is refused, with the command that mends it")
  func openKey() async throws {
    let box = try Sandbox()
    try await box.found()
    #expect(chmod("\(box.path)/notary.pem", 0o640) == 0)
    let refused = try await box.zheng("append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
    #expect(refused.status == 64)
    #expect(refused.errors.contains("`chmod 600 notary.pem`"))
    #expect(chmod("\(box.path)/notary.pem", 0o600) == 0)
    let keys = try box.names("ledger/keys")
    let node = try #require(keys.first)
    #expect(chmod("\(box.path)/ledger/keys/\(node)", 0o644) == 0)
    let nodeRefused = try await box.zheng(
      "append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
    #expect(nodeRefused.errors.contains("chmod 600 'ledger/keys/\(node)'"))
    #expect(chmod("\(box.path)/ledger/keys/\(node)", 0o600) == 0)
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
  }

  @Test("what a founding has left that was killed is named and removed by the next one")
  func abandonedFounding() async throws {
    let box = try Sandbox()
    try box.makeFolder("ledger.founding-4711/keys")
    try box.write("ledger.founding-4711/keys/x.log.pem", "secret")
    try box.makeFolder("ledger.founding-notes")
    try await box.makeKey("notary")
    try await box.makeKey("court")
    try await box.found()
    #expect(!box.exists("ledger.founding-4711"))
    #expect(box.exists("ledger.founding-notes"))
  }

  @Test("what a rebuild has left that was killed is named and removed by the next who writes")
  func abandonedRebuild() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.makeFolder("ledger/rebuilding/tiles")
    let outcome = try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
    #expect(outcome.errors.contains("ledger/rebuilding: left by a rebuild that was stopped; removed"))
    #expect(!box.exists("ledger/rebuilding"))
  }

  @Test("an export is brought up to date where it lies, and another ledger's is left alone")
  func exportAgain() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(zheng: "export", "ledger", "public")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
    try await box.must(zheng: "export", "ledger", "public")
    try await box.must(zheng: "export", "ledger", "new")
    #expect(try box.read("public/checkpoint") == box.read("new/checkpoint"))
    #expect(try box.read("public/policy") == box.read("policy"))
    try box.write("public/tile/entries/000.p/2", "another")
    #expect(try await box.zheng("export", "ledger", "public").status == 73)
  }
}
