import Foundation
import TestKit
import Testing

/// A member's own machine: a directory with its key, the ledger's policy and the URL of a node, and nothing else.
struct Office {
  let box: Sandbox

  /// - Parameter host: the directory in which the ledger was founded; it gives the policy and the key.
  init(_ member: String, of host: Sandbox, at url: String) throws {
    box = try Sandbox()
    try box.take("policy", from: host)
    try box.take("\(member).pem", from: host)
    try box.move("\(member).pem", to: "key.pem")
    box.environment = ["ZHENG_LEDGER": url, "ZHENG_POLICY": "policy", "ZHENG_KEY": "key.pem"]
  }

  /// Asks another node from now on.
  func turn(to url: String) { box.environment["ZHENG_LEDGER"] = url }

  /// Runs `zheng`, where `@` is the ledger, and expects this exit status.
  @discardableResult
  func zheng(
    _ words: String..., status: Int32 = 0, _ location: SourceLocation = #_sourceLocation
  ) async throws -> Outcome {
    let outcome = try await box.zheng(words)
    try #require(
      outcome.status == status, "\(words): \(outcome.text)\(outcome.errors)", sourceLocation: location)
    return outcome
  }

  /// Runs `zheng` with `--json`, which must succeed, and gives the object that it prints.
  @discardableResult
  func json(
    _ words: String..., location: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    let outcome = try await box.zheng(words + ["--json"])
    try #require(
      outcome.status == 0, "\(words): \(outcome.text)\(outcome.errors)", sourceLocation: location)
    return try outcome.json
  }

  /// Gets a file from another office.
  func take(_ name: String, from other: Office) throws {
    let folder = box.url(name).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try box.take(name, from: other.box)
  }
}

extension Sandbox {
  /// Founds the ledger of the offices' stories.
  func foundOffices() async throws {
    try await found(
      ConsortiumDraft([
        .init("bureau", roles: ["authority"]), .init("notary", roles: ["collector", "custodian", "notary"]),
        .init("laboratory", roles: ["custodian", "examiner"]), .init("court", roles: ["court"]),
        .init("health", roles: ["provider"]), .init("education", roles: ["demander"]),
        .init("auditor", roles: ["auditor"]),
      ]))
  }
}
