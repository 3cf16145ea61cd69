import Foundation
import LedgerCrypto
import Testing

@Suite("zheng evidence: what was received is not what was deposited")
struct EvidenceMismatchTests {
  /// A ledger on which police has offered the file `a` as E-1, sealed with S-1, to the notary.
  private func offered() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "deposited\n")
    try box.write("b", "another\n")
    try await box.deposit("a", as: "E-1", by: "police", "--seal", "S-1")
    try await box.evidence("seal", "E-1", "--seal", "S-1", by: "police")
    try await box.evidence("offer", "E-1", "--to", "notary", "--seal", "S-1", "--purpose", "保管", by: "police")
    return box
  }

  private let right = Self.digest("deposited\n")
  private let wrong = Self.digest("another\n")
  private static func digest(_ text: String) -> String { SHA256.digest(of: Array(text.utf8)).hex }

  @Test(
    "accept compares first: a wrong file or seal records nothing, shows both values, and the right one still can be accepted"
  )
  func slip() async throws {
    let box = try await offered()
    let before = try box.ledgerSize()
    for (file, seal, shown) in [
      ("b", "S-1", [wrong, right]), ("a", "S-2", ["'S-2'", "'S-1'"]),
      ("b", "S-2", [wrong, right, "'S-2'", "'S-1'"]),
    ] {
      let command = [
        "evidence", "accept", "ledger", "E-1", file, "--seal", seal, "--location", "A3", "--key",
        "notary.pem",
      ]
      let outcome = try await box.zheng(command)
      #expect(outcome.status == 1 && outcome.text.isEmpty)
      for value in shown + ["nothing was recorded", "--record-mismatch"] {
        #expect(outcome.errors.replacing("\"", with: "'").contains(value), "\(value): \(outcome.errors)")
      }
      let json = try await box.zheng(command + ["--json"])
      #expect(json.status == 1)
      #expect(try json.json["code"] as? String == "mismatch")
      #expect(try box.ledgerSize() == before)
    }
    #expect(try await box.itemStatus("E-1")["state"] as? String == "in-transit")
    // Who may not accept is refused by the rules, whatever it has in its hands.
    #expect(
      try await box.refusal("accept", "E-1", "b", "--seal", "S-2", "--location", "A", by: "court")
        == "not-receiver")
    let accepted = try await box.evidence(
      "accept", "E-1", "a", "--seal", "S-1", "--location", "A3", "--record-mismatch", by: "notary")
    #expect(accepted["state"] as? String == "sealed" && accepted["mismatch"] is NSNull)
  }

  @Test(
    "a mismatch that was recorded is marked in status, history, list, check and certificate, with the digest received"
  )
  func marked() async throws {
    let box = try await offered()
    let said = try await box.zheng(
      "evidence", "accept", "ledger", "E-1", "b", "--seal", "S-1", "--location", "A3", "--record-mismatch",
      "--key",
      "notary.pem")
    #expect(said.status == 0 && said.errors.contains("MISMATCH") && said.errors.contains(wrong))
    let status = try await box.itemStatus("E-1")
    let mismatch = try #require(status["mismatch"] as? [String: Any])
    #expect(mismatch["digest"] as? String == wrong && mismatch["expectedDigest"] as? String == right)
    #expect(mismatch["seal"] is NSNull && status["custodian"] as? String == "police")
    let text = try await box.zheng("evidence", "status", "ledger", "E-1").text
    #expect(text.contains("MISMATCH") && text.contains(wrong) && text.contains("disputed: digest"))
    #expect(try await box.zheng("evidence", "list", "ledger").text.contains("DISPUTED: digest"))
    let listed = try await box.zheng("evidence", "list", "ledger", "--json").json
    #expect(listed["dispute"] as? String == "digest")
    let check = try await box.zheng("evidence", "check", "ledger", "b")
    #expect(check.status == 1 && check.text.contains("received by notary as E-1"))

    func history() async throws -> [[String: Any]] {
      try #require(
        try await box.zheng("evidence", "history", "ledger", "E-1", "--json").json["events"]
          as? [[String: Any]])
    }
    #expect(
      try await history().map { ($0["mismatch"] as? [String: Any])?["digest"] as? String } == [
        nil, nil, nil, wrong,
      ])
    // Also once it is resolved, under another seal.
    let resolving = try await box.evidence(
      "resolve", "E-1", "--reason", "误寄", "--outcome", "sealed", "--seal", "S-3", by: "police")
    try await box.evidence("countersign", "E-1", "--statement", "\(resolving["id"] ?? "")", by: "supervisor")
    try await box.evidence("offer", "E-1", "--to", "notary", "--seal", "S-3", "--purpose", "保管", by: "police")
    try await box.evidence("accept", "E-1", "a", "--seal", "S-3", "--location", "A3", by: "notary")
    #expect(
      try await history().map { ($0["mismatch"] as? [String: Any])?["digest"] as? String }
        == [nil, nil, nil, wrong, nil, nil, nil, nil])
    #expect(
      try await box.zheng("evidence", "history", "ledger", "E-1").text.contains(
        "MISMATCH: received sha-256 \(wrong)"))
    #expect(try await box.itemStatus("E-1")["mismatch"] is NSNull)

    try await box.must(
      zheng: "evidence", "certificate", "ledger", "E-1", "--out", "E-1.html")
    let page = String(decoding: try box.read("E-1.html"), as: UTF8.self)
    let plain = page.replacing(/<\/?i>/, with: "")
    let rows = plain.split(separator: "<li class=\"").filter { $0.contains("接收不符，保管权未转移") }
    #expect(rows.count == 1 && rows[0].hasPrefix("bad") && rows[0].contains(wrong) && rows[0].contains(right))
    #expect(plain.contains("✕ 接收不符"))
    let checked = try await box.zheng("check", "E-1.html", "--policy", "policy")
    #expect(checked.status == 0 && checked.text.contains("MISMATCH: the SHA-256 received is not the item's"))
    let certified = try await box.zheng("check", "E-1.html", "--policy", "policy", "--json").json
    let marks = (certified["rows"] as? [[String: Any]])?.map { $0["mismatch"] as? [String] }
    #expect(marks == [nil, nil, nil, ["SHA-256"], nil, nil, nil, nil])
  }

  @Test("history and list show the size of a deposited directory, not that of its manifest")
  func directorySize() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.makeFolder("photos")
    for number in 1...3 { try box.write("photos/\(number)", String(repeating: "x", count: 1000)) }
    try await box.deposit("photos", as: "E-1", "--manifest", "photos.manifest")
    let history = try await box.zheng("evidence", "history", "ledger", "E-1", "--json").json
    let says = (history["events"] as? [[String: Any]])?.first?["says"] as? String ?? ""
    #expect(says.contains("3 files; 2.9 KiB"), "\(says)")
    let listed = try await box.zheng("evidence", "list", "ledger", "--json").json
    #expect(listed["bytes"] as? Int == 3000 && listed["files"] as? Int == 3)
  }

  @Test(
    "a case and an order are found by either width of brackets and digits, and shown as they were written")
  func caseWidths() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "a\n")
    let written = ["(2026)豫01民初17号", "（2026）豫01民初17号", "（２０２６）豫０１民初１７号", "〔2026〕豫01民初17号"]
    for (number, reference) in written.enumerated() {
      try await box.must(
        zheng: "evidence", "deposit", "ledger", "a", "--item", "E-\(number)", "--case", reference, "--method",
        "提交",
        "--key", "notary.pem")
    }
    try await box.must(
      zheng: "evidence", "deposit", "ledger", "a", "--item", "X", "--case", "(2026)豫01民初18号", "--method",
      "提交",
      "--key", "notary.pem")
    for reference in written {
      let found = try await box.zheng("evidence", "list", "ledger", "--case", reference, "--json").objects
      #expect(found.compactMap { $0["case"] as? String } == written)
    }
    #expect(
      try await box.zheng("evidence", "list", "ledger", "--case", "2026豫01民初17号", "--json").text.isEmpty)

    try await box.evidence("hold", "E-0", "--order", "（2026）豫01证保3号", by: "court")
    #expect(try await box.refusal("hold", "E-0", "--order", "(2026)豫01证保3号", by: "court") == "wrong-state")
    try await box.evidence("lift", "E-0", "--order", "(2026)豫01证保3号", by: "court")
    #expect((try await box.itemStatus("E-0")["orders"] as? [Any])?.isEmpty == true)
  }
}
