import Foundation
import TestKit
import Testing

/// Ledgers of format 2 as they were written once, with their proofs: `Fixtures/ledgers`. Until the first release a change of the
/// format may make them anew (`ZHENG_NEW_FIXTURES=1`), in a commit that says why; from then on they stay as they are.
@Suite("Ledgers that were written earlier", .timeLimit(.minutes(30)))
struct GoldenLedgerTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/ledgers").path
  /// What is kept of each: the truth, the policy, and proofs.
  private static let names = [
    "ledger/entries/000000000000", "ledger/checkpoints", "policy", "record.tlog-proof", "state.tlog-proof",
    "never.tlog-proof",
  ]
  /// The SHA-256 of a file that nobody records.
  private static let never = String(repeating: "5", count: 64)

  /// What each ledger holds a proof of: a record, and how an item or a request stands.
  private static let proven: [String: (record: String, state: [String])] = [
    "roster": ("2", ["--subject", "案件-17"]), "evidence": ("2", ["--item", "E-2026-17 <合同>"]),
    "sharing": ("6", ["--request", "R-1"]),
  ]

  private func make(_ name: String) async throws -> Sandbox {
    switch name {
    case "evidence": return try await EvidenceLedger().box
    case "sharing":
      let sharing = try SharingSandbox()
      try await sharing.found()
      try await sharing.entry("BIRTHS")
      try await sharing.granted("R-1")
      return sharing.box
    default:
      let box = try Sandbox()
      try await box.found()
      try await box.recordContract()
      try await box.makeKey("police")
      let added = try await box.must(
        zheng: "members", "add", "ledger", "police", "--zh", "公安局", "--role", "collector", "--public-key",
        "police.pub.pem", "--key", "notary.pem", "--json")
      #expect(added.status == 0)
      return box
    }
  }

  private func write(_ name: String) async throws {
    let box = try await make(name)
    let (record, state) = try #require(Self.proven[name])
    try await box.must(zheng: "prove", "ledger", record, "--out", "record.tlog-proof")
    #expect(try await box.zheng(["prove", "ledger", "--out", "state.tlog-proof"] + state).status == 0)
    try await box.must(zheng: "prove", "ledger", "--digest", Self.never, "--out", "never.tlog-proof")
    for file in Self.names {
      let place = URL(fileURLWithPath: "\(Self.folder)/\(name)/\(file)")
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try box.read(file).write(to: place)
    }
  }

  @Test(
    "verify, their proofs hold, and are made again byte for byte from the entries alone",
    arguments: ["roster", "evidence", "sharing"])
  func hold(name: String) async throws {
    if ProcessInfo.processInfo.environment["ZHENG_NEW_FIXTURES"] != nil { try await write(name) }
    let box = try Sandbox()
    for file in Self.names {
      try box.write(file, try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name)/\(file)")))
    }
    try await box.must(zheng: "verify", "ledger", "--policy", "policy")
    let (record, state) = try #require(Self.proven[name])
    for (proof, what) in [
      ("record.tlog-proof", [record]), ("state.tlog-proof", state),
      ("never.tlog-proof", ["--digest", Self.never]),
    ] {
      let checked = try await box.zheng("check", proof, "--policy", "policy", "--json")
      #expect(try checked.status == 0 && checked.json["ok"] as? Bool == true, "\(proof): \(checked.errors)")
      #expect(try await box.zheng(["prove", "ledger", "--out", "again"] + what).status == 0)
      #expect(try box.read("again") == box.read(proof), "\(proof)")
      try box.remove("again")
    }
    let never = try await box.must(zheng: "check", "never.tlog-proof", "--policy", "policy").text
    #expect(never.contains("never recorded, as of block"))
  }
}
