import Foundation
import Testing

/// Issue 17, Operations: `zheng doctor`.
@Suite("zheng doctor")
struct DoctorTests {
  /// The verdict on each thing that was looked at; the worst where there are several.
  private func verdicts(_ outcome: Outcome) throws -> [String: String] {
    let findings = try #require(try outcome.json["findings"] as? [[String: Any]])
    return Dictionary(
      findings.map { ($0["code"] as? String ?? "", $0["verdict"] as? String ?? "") },
      uniquingKeysWith: { $0 == "wrong" ? $0 : $1 })
  }

  @Test("of a sound ledger it says what is good, and it writes nothing")
  func sound() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.recordContract()
    let before = try box.tree("ledger").map {
      try box.isFolder("ledger/\($0)") ? $0 : $0 + box.sha256("ledger/\($0)")
    }
    let outcome = try await box.zheng("doctor", "ledger", "--json")
    #expect(outcome.status == 0, "\(outcome.text)")
    var verdicts = try verdicts(outcome)
    #expect(Set(["good", "note"]).contains(verdicts.removeValue(forKey: "clock")))
    #expect(Set(["good", "note"]).contains(verdicts.removeValue(forKey: "space")))
    let expected = [
      "ledger", "owner", "modes", "policy", "writer", "index", "times", "state", "keys", "last-signed",
      "leftovers",
    ]
    #expect(verdicts == Dictionary(uniqueKeysWithValues: expected.map { ($0, "good") }))
    let versions = try #require(try outcome.json["versions"] as? [String: String])
    #expect(versions["zheng"]?.hasPrefix("zheng ") == true && versions["openssl"]?.contains("SSL") == true)
    let after = try box.tree("ledger").map {
      try box.isFolder("ledger/\($0)") ? $0 : $0 + box.sha256("ledger/\($0)")
    }
    #expect(before == after)
  }

  @Test("what somebody must see to is wrong, by name, and the status is 1")
  func wrong() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.recordContract()
    let cases: [(code: String, change: () async throws -> Void)] = [
      ("modes", { chmod("\(box.path)/ledger/keys/log.pem", 0o644) }),
      ("policy", { try box.edit(text: "ledger/policy") { $0 + "# more\n" } }),
      ("keys", { try box.copy("notary.pem", to: "ledger/keys/log.pem") }),
      ("last-signed", { try box.remove(".state") }),
      ("times", { box.wallClock = { 1_600_000_000_000 } }),
    ]
    try box.copy("ledger", to: "sound")
    try box.copy(".state", to: "sound-state")
    for (code, change) in cases {
      try box.copy("sound", to: "ledger")
      try box.copy("sound-state", to: ".state")
      try await change()
      let outcome = try await box.zheng("doctor", "ledger", "--json")
      #expect(outcome.status == 1, "\(code): \(outcome.text)")
      let wrong = Set(try verdicts(outcome).filter { $0.value == "wrong" }.map(\.key))
      // A key that others may read signs nothing.
      #expect(wrong == (code == "modes" ? [code, "keys"] : [code]), "\(outcome.text)")
    }
    #expect(try await box.zheng("doctor", "missing").status == 66)
  }
}
