import Foundation
import TestKit
import Testing

/// A sandbox with a ledger whose members play the parts of electronic evidence.
extension Sandbox {
  /// Founds `ledger` with a member for each part, whose keys are ID.pem; its policy is copied to `policy`.
  func foundEvidence(parameters: [String: Int] = [:]) async throws {
    try await found(
      ConsortiumDraft(
        [
          .init("admin", roles: ["authority"]), .init("police", roles: ["collector"]),
          .init("notary", roles: ["collector", "custodian", "notary"]),
          .init("examiner", roles: ["custodian", "examiner"]), .init("court", roles: ["court"]),
          .init("supervisor", roles: ["supervisor"]), .init("auditor", roles: ["auditor"]),
        ], parameters: parameters))
  }

  /// Runs `zheng evidence WHAT ledger …` with `member`'s key, and gives what `--json` says.
  @discardableResult
  func evidence(
    _ what: String, _ arguments: String..., by member: String, status: Int32 = 0,
    _ location: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    let outcome = try await zheng(
      ["evidence", what, place] + arguments + ["--key", "\(member).pem", "--json"])
    try #require(
      outcome.status == status, "\(what) \(arguments): \(outcome.text)\(outcome.errors)",
      sourceLocation: location)
    return try outcome.json
  }

  /// Deposits the file or directory `path` as `item`.
  @discardableResult
  func deposit(_ path: String, as item: String, by member: String = "notary", _ more: String...) async throws
    -> [String: Any]
  {
    let outcome = try await zheng(
      [
        "evidence", "deposit", place, path, "--item", item, "--case", "(2026)豫01民初17号", "--method",
        "当事人提交",
      ] + more + ["--key", "\(member).pem", "--json"])
    try #require(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    return try outcome.json
  }

  /// The number of bytes of the ledger's truth, which grows with whatever is appended.
  func ledgerSize() throws -> Int {
    try ["ledger/checkpoints", "ledger/entries/000000000000"].map { try read($0).count }.reduce(0, +)
  }

  /// What `zheng evidence status` says.
  func itemStatus(_ item: String) async throws -> [String: Any] {
    try await zheng("evidence", "status", place, item, "--json").json
  }

  /// The codes of a command that must be refused: exit status 2, and nothing appended.
  func refusal(
    _ what: String, _ arguments: String..., by member: String, _ location: SourceLocation = #_sourceLocation
  ) async throws -> String {
    try await refusal(of: ["evidence", what, place] + arguments + ["--key", "\(member).pem"], location)
  }

  func refusal(of command: [String], _ location: SourceLocation = #_sourceLocation) async throws -> String {
    let before = try ledgerSize()
    let outcome = try await zheng(command + ["--json"])
    #expect(
      outcome.status == 2, "\(command): \(outcome.text)\(outcome.errors)", sourceLocation: location)
    #expect(try ledgerSize() == before, "\(command) was appended", sourceLocation: location)
    return try outcome.json["code"] as? String ?? ""
  }
}
