import Foundation
import Testing

@Suite("zheng evidence: refusals")
struct EvidenceRefusalTests {
  /// A ledger with an item in each state that refuses something.
  private func ledger() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["deposited", "sealed", "offered", "examining", "disputed", "released", "held"] {
      try box.write("\(name).txt", "the content of \(name)\n")
      try await box.deposit("\(name).txt", as: name)
      if name != "deposited" { try await box.evidence("seal", name, "--seal", "S-\(name)", by: "notary") }
    }
    for name in ["offered", "disputed", "examining"] {
      try await box.evidence(
        "offer", name, "--to", "examiner", "--seal", "S-\(name)", "--purpose", "鉴定", by: "notary")
    }
    try await box.evidence("decline", "disputed", "--reason", "封条破损", by: "examiner")
    try await box.evidence(
      "accept", "examining", "examining.txt", "--seal", "S-examining", "--location", "A3", by: "examiner")
    try await box.evidence("examine", "examining", "--method", "GB/T 29360", by: "examiner")
    try await box.evidence("release", "released", "--order", "X", "--outcome", "released", by: "notary")
    try await box.evidence("countersign", "released", by: "court")
    try await box.evidence("hold", "held", "--order", "H", by: "court")
    return box
  }

  @Test("each refusal has its code and exit status 2, appends nothing, and says where to look")
  func codes() async throws {
    let box = try await ledger()
    func refusal(_ what: String, _ arguments: String..., by member: String, _ code: String) async throws {
      let found = try await box.refusal(
        of: ["evidence", what, "ledger"] + arguments + ["--key", "\(member).pem"])
      #expect(found == code, "\(what) \(arguments) by \(member)")
    }
    let claims = ["--case", "17", "--method", "提交"]
    func deposit(_ item: String, _ more: String..., by member: String = "notary", is code: String)
      async throws
    {
      let found = try await box.refusal(
        of: ["evidence", "deposit", "ledger", "sealed.txt", "--item", item] + claims + more
          + ["--key", "\(member).pem"])
      #expect(found == code, "\(item) \(more) by \(member)")
    }
    try await deposit("sealed", is: "duplicate-item")
    try await deposit("new", by: "auditor", is: "role")
    try await deposit("new", "--seal", "S-sealed", is: "seal-reused")
    try await deposit("new", "--collected", "2099-01-01T00:00:00+08:00", is: "after-block-time")
    try await deposit("new", "--occurred", "2099-01-01T00:00:00+08:00", is: "after-block-time")
    try await deposit("new", "--tool", String(repeating: "x", count: 300), is: "malformed")
    try await refusal("seal", "nowhere", "--seal", "S-9", by: "notary", "unknown-item")
    try await refusal("seal", "deposited", "--seal", "S-9", by: "police", "not-custodian")
    try await refusal("seal", "deposited", "--seal", "S-sealed", by: "notary", "seal-reused")
    try await refusal("seal", "sealed", "--seal", "S-9", by: "notary", "wrong-state")
    try await refusal("seal", "offered", "--seal", "S-9", by: "notary", "pending-transfer")
    try await refusal(
      "accept", "offered", "offered.txt", "--seal", "S", "--location", "A", by: "court", "not-receiver")
    try await refusal("decline", "offered", "--reason", "r", by: "court", "not-receiver")
    let offer = ["--seal", "S-sealed", "--purpose", "鉴定"]
    func offered(_ to: String, _ seal: String, _ file: String?, _ code: String) async throws {
      let found = try await box.refusal(
        of: ["evidence", "offer", "ledger", "sealed"] + (file.map { [$0] } ?? []) + [
          "--to", to, "--seal", seal, "--purpose", "鉴定", "--key", "notary.pem",
        ])
      #expect(found == code)
    }
    try await offered("notary", offer[1], nil, "self-transfer")
    try await offered("auditor", offer[1], nil, "role")
    try await offered("examiner", "S-other", nil, "seal-mismatch")
    try await offered("examiner", offer[1], "held.txt", "seal-mismatch")
    try await refusal("examine", "disputed", "--method", "m", by: "notary", "disputed")
    try await refusal("examine", "sealed", "--method", "m", by: "notary", "role")
    try await refusal("reseal", "examining", "--seal", "S-examining", by: "examiner", "seal-reused")
    try await refusal(
      "resolve", "sealed", "--reason", "r", "--outcome", "sealed", by: "notary", "wrong-state")
    try await refusal("present", "sealed", "--to", "t", "--purpose", "p", by: "police", "role")
    try await refusal("hold", "sealed", "--order", "H", by: "notary", "role")
    try await refusal("lift", "held", "--order", "other", by: "court", "wrong-state")
    try await refusal("release", "held", "--order", "X", "--outcome", "disposed", by: "notary", "legal-hold")
    try await refusal("renew", "sealed", "sealed.txt", "--digest", "sha-256", by: "notary", "wrong-state")
    try await refusal("correct", "sealed", "2", "--what", "w", "--why", "w", by: "notary", "unknown-item")
    try await refusal("countersign", "sealed", by: "court", "unknown-proposal")

    let status = try await box.zheng(
      "evidence", "seal", "ledger", "offered", "--seal", "S-9", "--key", "notary.pem")
    #expect(
      status.errors.contains("examiner") && status.errors.contains("zheng evidence status ledger offered"))
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test(
    "a second signature is refused from the wrong role, the same member, twice, and for what was overtaken")
  func countersignatures() async throws {
    let box = try await ledger()
    let first = try await box.evidence(
      "release", "sealed", "--order", "X-1", "--outcome", "released", by: "notary")
    let overtaken = try #require(first["id"] as? String)
    for member in ["notary", "supervisor"] {
      #expect(try await box.refusal("countersign", "sealed", by: member) == "role")
    }
    try await box.evidence("release", "sealed", "--order", "X-2", "--outcome", "released", by: "notary")
    #expect(
      try await box.refusal("countersign", "sealed", "--statement", overtaken, by: "court") == "proposal-void"
    )
    try await box.evidence("countersign", "sealed", by: "court")
    #expect(
      try await box.refusal("countersign", "sealed", "--statement", overtaken, by: "court") == "proposal-void"
    )
    #expect(
      try await box.refusal(
        "countersign", "sealed", "--statement", String(repeating: "0", count: 64), by: "court")
        == "unknown-proposal")
    // A hold that comes while a release waits.
    try await box.evidence("lift", "held", "--order", "H", by: "court")
    try await box.evidence("release", "held", "--order", "X-3", "--outcome", "disposed", by: "notary")
    try await box.evidence("hold", "held", "--order", "H-2", by: "court")
    #expect(try await box.refusal("countersign", "held", by: "court") == "legal-hold")
  }

  @Test(
    "personal data is refused before it is signed, in every field and in the item's name; and by the ledger")
  func personalData() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("a", "a\n")
    let numbers = ["11010519491231002X", "13812345678", "１３８ 1234-5678"]
    for number in numbers {
      for field in [
        "--case", "--method", "--tool", "--place", "--source", "--medium", "--holder", "--collector",
      ] {
        var arguments = ["--item", "E", "--case", "17", "--method", "m", field, "持有人 \(number)"]
        if field == "--case" || field == "--method" {
          arguments.removeSubrange(field == "--case" ? 2..<4 : 4..<6)
        }
        let code = try await box.refusal(
          of: ["evidence", "deposit", "ledger", "a"] + arguments + ["--key", "notary.pem"])
        #expect(code == "personal-data", "\(number) in \(field)")
      }
      #expect(
        try await box.refusal(
          of: [
            "evidence", "deposit", "ledger", "a", "--item", "E-\(number)", "--case", "17", "--method", "m",
            "--key",
            "notary.pem",
          ]) == "personal-data")
    }
    // The key does not even have to be that of a member: nothing is signed.
    try await box.must(zheng: "key", "new", "stranger.pem")
    let early = try await box.refusal(
      of: [
        "evidence", "deposit", "ledger", "a", "--item", "E", "--case", "13812345678", "--method", "m",
        "--key",
        "stranger.pem",
      ])
    #expect(early == "personal-data")
    try await box.deposit("a", as: "E-1")
    #expect(
      try await box.refusal("seal", "E-1", "--seal", "S-1", "--condition", "交 13812345678", by: "notary")
        == "personal-data")

    // Whoever signs by other means is refused by the ledger itself.
    func append(_ fields: [(String, String)], _ code: String) async throws {
      var payload: [UInt8] = [0xa0 | UInt8(fields.count)]
      for (key, value) in fields { payload += text(key) + (key == "size" ? [1] : text(value)) }
      try box.write("payload", Data(payload))
      let found = try await box.refusal(
        of: [
          "append", "ledger", "payload", "--subject", "E-2", "--type",
          "application/vnd.zheng.evidence.deposit+cbor", "--key", "notary.pem",
        ])
      #expect(found == code)
    }
    func text(_ text: String) -> [UInt8] { [0x60 | UInt8(text.utf8.count)] + text.utf8 }
    try await append([("case", "13812345678"), ("size", "")], "personal-data")
    let fields = [("case", "17"), ("size", ""), ("scope", "file"), ("method", "m"), ("category", "file")]
    try await append(fields, "missing-digest")
    #expect(
      try await box.refusal(
        of: [
          "append", "ledger", "payload", "--subject", "E-2", "--type",
          "application/vnd.zheng.evidence.burn+cbor", "--key", "notary.pem",
        ]) == "unknown-kind")
  }

  @Test("without the rules of evidence the kinds are unknown")
  func withoutRules() async throws {
    let box = try Sandbox()
    try await box.foundEvidence(parameters: ["evidence-rules": 0])
    try box.write("a", "a\n")
    #expect(
      try await box.refusal(
        of: [
          "evidence", "deposit", "ledger", "a", "--item", "E", "--case", "17", "--method", "m", "--key",
          "notary.pem",
        ]) == "unknown-kind")
  }

  @Test(
    "what is wrong on this side is no refusal: missing files and options, another file, a mistyped digest")
  func mistakes() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["a", "b"] { try box.write(name, "\(name)\n") }
    try box.makeFolder("empty")
    try await box.deposit("a", as: "E-1")
    let before = try box.ledgerSize()
    func status(_ arguments: String...) async throws -> Outcome {
      try await box.zheng(["evidence"] + arguments)
    }
    let claims = ["--case", "17", "--method", "m", "--key", "notary.pem"]
    let missing = try await box.zheng(["evidence", "deposit", "ledger", "missing", "--item", "E-2"] + claims)
    #expect(missing.status == 66 && missing.errors.contains("missing"))
    let empty = try await box.zheng(["evidence", "deposit", "ledger", "empty", "--item", "E-2"] + claims)
    #expect(empty.status == 66 && empty.errors.contains("empty"))
    #expect(!box.exists("empty.manifest"))
    let mistyped = try await box.zheng(
      [
        "evidence", "deposit", "ledger", "a", "--item", "E-2", "--digest",
        "md5:\(String(repeating: "0", count: 32))",
      ]
        + claims)
    #expect(mistyped.status == 1 && mistyped.errors.contains("a: its md5 is"))
    let other = try await status("renew", "ledger", "E-1", "b", "--digest", "sm3", "--key", "notary.pem")
    #expect(other.status == 1 && other.errors.contains("not the file of E-1"))
    #expect(
      try await status("accept", "ledger", "E-1", "--seal", "S", "--location", "A", "--key", "notary.pem")
        .status
        == 64)
    #expect(try await status("status", "ledger", "E-9").status == 2)
    #expect(try await status("history", "ledger", "E-9", "--json").json["code"] as? String == "unknown-item")
    #expect(try box.ledgerSize() == before)
  }
}
