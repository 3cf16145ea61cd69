import Foundation
import LedgerCrypto
import TestKit
import Testing

@testable import zheng

@Suite("Restart files on the command line", .timeLimit(.minutes(30)))
struct RestartCommandTests {
  /// A ledger of four validators, all of whose keys are in its directory, as if four operators met at one table.
  private func founded() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.makeKey("notary")
    var draft = ConsortiumDraft([.init("notary", roles: ["notary"])])
    draft.validators = try (1...4).map { number in
      let keys = try ["block", "vote", "cosigner"].map { ($0, try PrivateKey(generating: .ed25519).pem()) }
      return .init("v\(number)", keys: Dictionary(uniqueKeysWithValues: keys))
    }
    draft.quorum = 3
    try await box.found(draft)
    return box
  }

  private func restart(_ box: Sandbox, _ words: String..., status: Int32 = 0) async throws -> [String: Any] {
    let outcome = try await box.zheng(["consortium", "restart"] + words + ["--json"])
    #expect(outcome.status == status, "\(words): \(outcome.text)\(outcome.errors)")
    return try outcome.json
  }

  @Test(
    "one begins it, all sign, all adopt; before that nobody does, and what is altered or of another is refused"
  )
  func signing() async throws {
    let box = try await founded()
    let begun = try await restart(box, "sign", "ledger", "r", "--validator", "v1", "--begin")
    #expect(begun["block"] as? Int == 0 && begun["signed"] as? [String] == ["v1"])
    #expect(begun["missing"] as? [String] == ["v2", "v3", "v4"])
    #expect(
      try await box.zheng("consortium", "restart", "sign", "ledger", "r", "--validator", "v2", "--begin")
        .status == 73)
    let early = try await restart(box, "adopt", "ledger", "r", "--validator", "v1", status: 1)
    #expect(early["code"] as? String == "quorum")
    #expect((early["detail"] as? String)?.contains("v2, v3, v4") == true)
    // Two copies go round side by side.
    try box.write("s", box.read("r"))
    _ = try await restart(box, "sign", "ledger", "r", "--validator", "v2")
    _ = try await restart(box, "sign", "ledger", "s", "--validator", "v3")
    _ = try await restart(box, "sign", "ledger", "s", "--validator", "v4")
    let shown = try await restart(box, "show", "ledger", "r", "s")
    #expect(shown["missing"] as? [String] == [])
    #expect(
      try await box.zheng("consortium", "restart", "sign", "ledger", "r", "--validator", "v9").status != 0)
    var bytes = try box.read("r")
    bytes[bytes.count - 1] ^= 1
    try box.write("altered", bytes)
    let altered = try await restart(box, "show", "ledger", "altered", status: 1)
    #expect(altered["code"] as? String == "bad-signature")
    try box.write("none", Data("x".utf8))
    #expect(try await restart(box, "show", "ledger", "none", status: 1)["code"] as? String == "malformed")
    for name in ["v1", "v2", "v3", "v4"] {
      #expect(try await restart(box, "adopt", "ledger", "r", "s", "--validator", name)["block"] as? Int == 0)
    }
    // Who has its journal and never signed this one does not take it.
    let second = try await restart(box, "sign", "ledger", "t", "--validator", "v1", "--begin")
    #expect(second["restart"] as? String != begun["restart"] as? String, "two restarts at one height are two")
    let mixed = try await restart(box, "show", "ledger", "r", "t", status: 1)
    #expect(mixed["code"] as? String == "wrong-ledger")
  }

  @Test("in Chinese everything has its words")
  func chinese() async throws {
    let box = try await founded()
    let missing = Catalogue.Missing()
    (box.missing, box.environment["ZHENG_LANG"]) = (missing, "zh")
    let begun = try await box.must(
      zheng: "consortium", "restart", "sign", "ledger", "r", "--validator", "v1", "--begin"
    ).text
    #expect(begun.contains("重新开始") && begun.contains("zheng consortium restart sign ledger r --validator v2"))
    for name in ["v2", "v3", "v4"] {
      try await box.must(zheng: "consortium", "restart", "sign", "ledger", "r", "--validator", name)
    }
    #expect(try await box.must(zheng: "consortium", "restart", "show", "ledger", "r").text.contains("已全部签名"))
    let adopted = try await box.must(
      zheng: "consortium", "restart", "adopt", "ledger", "r", "--validator", "v1")
    #expect(adopted.text.contains("已对 v1 生效"))
    #expect(missing.all.sorted() == [])
  }
}
