import Foundation
import GRDB
import TestKit
import Testing

@testable import zheng

/// Issue 14 a, as a person meets it.
@Suite("Commands and an index that can't be written", .timeLimit(.minutes(30)))
struct WithoutIndexTests {
  @Test(
    "what is recorded is told as recorded, exit 0, although the index could not be written; reading works")
  func recorded() async throws {
    let box = try Sandbox()
    try await box.found()
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let browser = try DatabaseQueue(path: "\(box.path)/ledger/index.sqlite", configuration: configuration)
    try browser.inDatabase { db in
      try db.execute(sql: "BEGIN")
      _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM records")
    }
    let outcome = try await box.zheng("append", "ledger", "--key", "notary.pem", "-", input: Data("one".utf8))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    #expect(outcome.errors.contains("recorded as entry 2, block 1; the index could not be written: "))
    let list = try await box.must(zheng: "list", "ledger")
    #expect(list.text.contains("notary"))
    #expect(list.errors.contains("zheng rebuild"))
    try await box.must(zheng: "verify", "ledger", "--policy", "policy")
    try browser.inDatabase { try $0.execute(sql: "COMMIT") }
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("two".utf8))
    #expect(try await box.must(zheng: "list", "ledger").errors == "")
  }

  @Test("what the index has lost is a fault that says so, and never a shorter answer; rebuild mends it")
  func lost() async throws {
    let ledger = try await EvidenceLedger()
    let box = ledger.box
    let commands = [
      ["find", "ledger", "合同.txt"], ["evidence", "check", "ledger", "合同.txt"],
      ["evidence", "history", "ledger", ledger.item],
      ["evidence", "certificate", "ledger", ledger.item, "--out", "c.html"],
      ["prove", "ledger", "--item", ledger.item, "--with-records", "--out", "p"],
    ]
    try await DatabaseQueue(path: "\(box.path)/ledger/index.sqlite").write {
      try $0.execute(sql: "DELETE FROM listed")
    }
    for command in commands {
      let outcome = try await box.zheng(command)
      #expect(outcome.status == 1 && outcome.errors.contains("index"), "\(command): \(outcome.errors)")
      #expect(outcome.errors.contains("rebuild"), "\(command): \(outcome.errors)")
    }
    #expect(!box.exists("c.html") && !box.exists("p"))
    try await box.must(zheng: "rebuild", "ledger")
    for command in commands { #expect(try await box.zheng(command).status == 0, "\(command)") }
  }

  @Test("an export into the ledger, or around it, is refused")
  func exportInside() async throws {
    let box = try Sandbox()
    try await box.found()
    for place in ["ledger/export", "ledger", "ledger/entries/x", "."] {
      let outcome = try await box.zheng("export", "ledger", place)
      #expect(outcome.status == 64, "\(place): \(outcome.errors)")
    }
    #expect(!box.exists("ledger/export"))
  }
}
