import Foundation
import GRDB
import TestKit
import Testing

@testable import zheng

/// Issue 14 a, as a person meets it.
@Suite("Commands and an index that can't be written", .timeLimit(.minutes(10)))
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
