import Foundation
import LedgerCrypto
import Testing
import TransparencyLog

/// What a policy says, and what is said where it does not fit.
@Suite("verify and check with policies")
struct AnotherLedgerTests {
  private func ledger() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.found()
    try box.write("contract.txt", "the contract")
    try await box.must(zheng: "append", "ledger", "contract.txt", "--key", "notary.pem")
    try await box.must(zheng: "prove", "ledger", "2", "--out", "proof")
    return box
  }

  /// The policy as that of another ledger with the same validators' keys.
  private func other(_ box: Sandbox) throws -> String {
    let text = String(decoding: try box.read("policy"), as: UTF8.self)
    return text.replacing(/# ledger [0-9a-f]{64}/, with: "# ledger \(String(repeating: "5", count: 64))")
  }

  @Test("a policy that is for other blocks: verify and check name them, exit status 1")
  func otherBlocks() async throws {
    let box = try await ledger()
    let text = String(decoding: try box.read("policy"), as: UTF8.self)
    #expect(text.contains("\n# blocks 0-\n"))
    try box.write("until", text.replacing("# blocks 0-", with: "# blocks 0-0"))
    try box.write("from", text.replacing("# blocks 0-", with: "# blocks 1-1"))
    let words = "the policy is for blocks 0-0, in which its validators held office; this is block 1"
    let verify = try await box.zheng("verify", "ledger", "--policy", "until")
    #expect(verify.status == 1 && verify.text.contains(words))
    let check = try await box.zheng("check", "proof", "--policy", "until")
    #expect(check.status == 1 && check.errors.contains(words))
    for policy in ["policy", "from"] {
      try await box.must(zheng: "verify", "ledger", "--policy", policy)
      try await box.must(zheng: "check", "proof", "--policy", policy)
    }
  }

  @Test("a policy of another ledger with the same keys: verify and check name both, exit status 1")
  func sameKeys() async throws {
    let box = try await ledger()
    try box.write("other", try other(box))
    let id = try #require(try await box.zheng("verify", "ledger", "--json").json["ledger"] as? String)
    let words = "another ledger: asked for \(String(repeating: "5", count: 64)), this is \(id)"
    let verify = try await box.zheng("verify", "ledger", "--policy", "other")
    #expect(verify.status == 1 && verify.text.contains(words))
    #expect(try await box.zheng("verify", "ledger", "--policy", "other", "--hashes-only").status == 1)
    let check = try await box.zheng("check", "proof", "--policy", "other")
    #expect(check.status == 1 && check.errors.contains(words))
    let json = try await box.zheng("check", "proof", "--policy", "other", "--json")
    #expect((json.text + json.errors).contains("wrong-ledger"))
    // Without the line, as foreign software writes policies, only the keys speak.
    try box.write(
      "plain", String(decoding: try box.read("policy"), as: UTF8.self).replacing(/# ledger.*\n/, with: ""))
    try await box.must(zheng: "check", "proof", "--policy", "plain")
    try await box.must(zheng: "verify", "ledger", "--policy", "plain")
    #expect(
      try await box.zheng("verify", "ledger", "--ledger-id", String(repeating: "5", count: 64)).text
        .contains(words))
  }

  @Test("a directory without a checkpoint is no ledger that was verified, whatever its entries hold")
  func noCheckpoint() async throws {
    let box = try await ledger()
    try box.write("ledger/checkpoints", Data())
    for anchor in [[], ["--policy", "policy"], ["--hashes-only", "--policy", "policy"]] {
      let outcome = try await box.zheng(["verify", "ledger", "--json"] + anchor)
      #expect(outcome.status == 1, "\(anchor): \(outcome.text)")
      #expect(try outcome.json["ok"] as? Bool == false && outcome.json["anchored"] as? Bool == false)
      #expect(outcome.text.contains("\"fault\":\"missing\""))
    }
    try box.write("ledger/entries/000000000000", "anything at all")
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 1)
  }

  @Test("--hashes-only says what was checked and what was not")
  func hashesOnly() async throws {
    let box = try await ledger()
    let outcome = try await box.must(zheng: "verify", "ledger", "--policy", "policy", "--hashes-only")
    #expect(outcome.text.contains("NOT checked: signatures of statements, rules, search index"))
    #expect(outcome.text.contains("whether they keep the rules was not checked"))
    #expect(!outcome.text.contains("nothing in it was changed"))
    let json = try await box.zheng("verify", "ledger", "--hashes-only", "--json").json
    #expect(json["unchecked"] as? [String] == ["signatures of statements", "rules", "search index"])
  }

  @Test(
    "policy, proof and checkpoint whose line ends became CRLF, or that got a byte order mark, are read, with a hint"
  )
  func lineEnds() async throws {
    let box = try await ledger()
    try await box.zheng("checkpoint", "ledger", into: "saved")
    let mark = Data([0xef, 0xbb, 0xbf])
    for name in ["policy", "proof", "saved"] {
      let text = String(decoding: try box.read(name), as: UTF8.self)
      try box.write("\(name)-crlf", text.replacing("\n", with: "\r\n"))
      try box.write("\(name)-mark", mark + Data(text.utf8))
      try box.write("\(name)-mixed", text.replacing(/\n/, with: "\r\n", maxReplacements: 1))
    }
    for (policy, proof, hint) in [
      (
        "policy-crlf", "proof",
        "policy-crlf: the line ends were changed (CRLF), probably by mail or an editor"
      ),
      (
        "policy", "proof-crlf", "proof-crlf: the line ends were changed (CRLF), probably by mail or an editor"
      ),
      ("policy-mark", "proof-mark", "byte order mark"),
    ] {
      let outcome = try await box.must(zheng: "check", proof, "--policy", policy)
      #expect(outcome.errors.contains(hint), "\(outcome.errors)")
    }
    try await box.must(zheng: "verify", "ledger", "--policy", "policy-crlf", "--checkpoint", "saved-crlf")
    // Where it can't be told what the bytes were, it is not guessed.
    let mixed = try await box.zheng("check", "proof-mixed", "--policy", "policy")
    #expect(mixed.status == 1 && mixed.errors.contains("line ends were changed"))
    #expect(try await box.zheng("check", "proof", "--policy", "policy-mixed").status == 66)
  }

  @Test("a malformed policy is no input: exit status 66, not that of a proof that does not hold")
  func malformedPolicy() async throws {
    let box = try await ledger()
    try box.write("broken", "quorum all\n")
    for command in [["check", "proof"], ["verify", "ledger"]] {
      let outcome = try await box.zheng(command + ["--policy", "broken"])
      #expect(outcome.status == 66 && outcome.errors.contains("broken: "), "\(outcome.errors)")
    }
  }

  @Test("blocks and cosignatures ahead of the auditor's clock are noted, with how far")
  func ahead() async throws {
    let box = try await ledger()
    let now = UInt64(Date().timeIntervalSince1970 * 1000)
    #expect(try await !box.zheng("verify", "ledger").text.contains("ahead"))
    box.wallClock = { now - 84 * 3_600_000 }
    let verify = try await box.must(zheng: "verify", "ledger", "--policy", "policy")
    #expect(verify.text.contains("ahead: the times of 2 blocks are ahead of this machine's clock"))
    #expect(
      verify.text.contains("ahead: the cosignatures under 2 blocks") && verify.text.contains("(3 days)"))
    let check = try await box.must(zheng: "check", "proof", "--policy", "policy")
    #expect(check.text.contains("ahead of this machine's clock") && check.text.contains("3 d 1"))
  }

  @Test("a record that names 300 digests is found by each of them, and check knows each file")
  func manyDigests() async throws {
    let box = try await ledger()
    var list = ""
    for number in 0..<300 { list += "\(SHA256.digest(of: Array("file \(number)".utf8)))  file-\(number)\n" }
    try box.write("list", list)
    try await box.must(zheng: "append", "ledger", "list", "--key", "notary.pem")
    try await box.must(zheng: "prove", "ledger", "4", "--out", "proof-4")
    for number in [0, 255, 256, 257, 299] {
      try box.write("file", "file \(number)")
      #expect(try await box.zheng("find", "ledger", "file").text.hasPrefix("4 "), "\(number)")
      try await box.must(zheng: "check", "proof-4", "--policy", "policy", "--file", "file")
    }
  }

  @Test("validators are told from witnesses, and a witness whose key can't be checked is named")
  func witnesses() async throws {
    let box = try await ledger()
    let keys = try (0..<2).map { _ in try PrivateKey(generating: .ed25519) }
    let signers = try keys.enumerated().map { number, key in
      try NoteSigner(name: "witness\(number).example", type: .cosignature, key: key)
    }
    let proof = try TLogProof(parsing: Array(box.read("proof")).span)
    var note = proof.checkpoint
    for signer in signers { try note.append(signer.cosign(note.text, time: 1_900_000_000)) }
    let signed = try TLogProof(extra: proof.extra, index: proof.index, path: proof.path, checkpoint: note)
    try box.write("signed", Data(signed.bytes))
    var policy = String(decoding: try box.read("policy"), as: UTF8.self).replacing(/quorum .*\n/, with: "")
    for (number, signer) in signers.enumerated() {
      policy += "witness public\(number) \(signer.verifierKey)\n"
    }
    policy +=
      "witness dilithium d.example+00000000+\(Base64.encode([6] + [UInt8](repeating: 1, count: 1312)))\n"
    policy += "group public 2 public0 public1 dilithium\ngroup both all all_validators public\nquorum both\n"
    try box.write("both", policy)
    let good = try await box.must(zheng: "check", "signed", "--policy", "both")
    #expect(good.text.contains("1 of 1 validator: "), "\(good.text)")
    #expect(good.text.contains("2 of 3 witnesses: public0 at "))
    #expect(!good.text.contains("only validator"))
    #expect(good.text.contains("the witness dilithium: its key is of type 0x06"))
    let bad = try await box.zheng("check", "proof", "--policy", "both")
    #expect(bad.status == 1 && bad.errors.contains("1 of 1 validators and 0 of 3 witnesses cosigned"))
    #expect(bad.errors.contains("dilithium counts as absent"))
    let verify = try await box.zheng("verify", "ledger", "--policy", "both")
    #expect(verify.status == 1 && verify.text.contains("cosigned by 1 of 1 validator"))
    #expect(try await box.must(zheng: "check", "proof", "--policy", "policy").text.contains("only validator"))
  }
}
