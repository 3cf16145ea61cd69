import Foundation
import TestKit
import Testing

@testable import zheng

@Suite("Validators that join and leave", .timeLimit(.minutes(30)))
struct ValidatorChangeTests {
  /// The notes in a ledger's `checkpoints`.
  private func frames(_ bytes: Data) -> [String] {
    var (notes, offset): ([String], Int) = ([], 0)
    while offset + 8 <= bytes.count {
      let count = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      notes.append(String(decoding: bytes[offset + 4..<offset + 4 + count], as: UTF8.self))
      offset += count + 8
    }
    return notes
  }

  private func framed(_ notes: [String]) -> Data {
    notes.reduce(into: Data()) { bytes, note in
      let length = withUnsafeBytes(of: UInt32(note.utf8.count).bigEndian) { Data($0) }
      bytes += length + Data(note.utf8) + length
    }
  }

  @Test("one validator becomes four and then three; the policy follows, by what those before cosigned")
  func succession() async throws {
    let box = try Sandbox()
    try await box.found()
    let ledger = try #require(try await box.zheng("members", "ledger", "--json").json["ledger"] as? String)
    try box.write("file", "one")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "file")
    try await box.must(zheng: "key", "new", "ledger/keys/local.vote.pem", "--algorithm", "ed25519")
    var joins: [String] = []
    for name in ["local", "v2", "v3", "v4"] {
      if name != "local" { try await box.must(zheng: "found", "keys", name, "--keys", "ledger/keys") }
      try await box.must(
        zheng: "members", "join", "ledger", name, "--keys", "ledger/keys", "--out", "\(name).join")
      joins += ["--join", "\(name).join"]
    }
    func change(_ arguments: [String]) async throws -> Outcome {
      try await box.zheng(
        ["members", "set-validators", "ledger"] + arguments + ["--key", "notary.pem", "--json"])
    }
    let unsafe = try await change(joins + ["--quorum", "2"])
    #expect(try unsafe.status == 2 && unsafe.json["code"] as? String == "unsafe-quorum")
    // A checkpoint of another ledger's is none of this one's.
    try box.edit(text: "v2.join") { $0.replacing(#/"size": \d+/#, with: "\"size\": 999") }
    #expect(try await change(joins + ["--quorum", "3"]).json["code"] as? String == "unknown-checkpoint")
    try FileManager.default.removeItem(at: box.url("v2.join"))
    try await box.must(zheng: "members", "join", "ledger", "v2", "--keys", "ledger/keys", "--out", "v2.join")
    let adopted = try await change(joins + ["--quorum", "3"])
    #expect(adopted.status == 0, "\(adopted.text)")
    #expect(try adopted.json["inForceFrom"] as? Int == 3)

    try box.write("file", "two")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "file")
    #expect(try await box.zheng("verify", "ledger", "--ledger-id", ledger).status == 0)
    try await box.must(zheng: "prove", "ledger", "6", "--out", "two.proof")
    try await box.must(zheng: "prove", "ledger", "2", "--out", "one.proof")
    let members = try await box.must(zheng: "members", "ledger", "--json").json
    #expect((members["validators"] as? [[String: Any]])?.compactMap { $0["vote"] }.count == 4)
    let followed = try await box.must(
      zheng: "policy", "ledger", "--from", "policy", "--out", "policy.4", "--json"
    ).json
    #expect((followed["tenures"] as? [[String: Any]])?.compactMap { $0["last"] as? Int } == [2])
    #expect(try box.text("policy.4").contains("# blocks 3-\n"))
    let check = try await box.must(zheng: "check", "two.proof", "--policy", "policy.4").text
    #expect(check.contains("4 of 4 validators"), "\(check)")
    // Each policy is for its own blocks: the older one, which names no end, is replaced too.
    try await box.must(
      zheng: "policy", "ledger", "--from", "policy", "--block", "2", "--out", "policy.1")
    #expect(try box.text("policy.1") == box.text("policy").replacing("blocks 0-", with: "blocks 0-2"))
    let late = try await box.zheng("check", "two.proof", "--policy", "policy.1", "--json")
    #expect(try late.status == 1 && late.json["code"] as? String == "policy")
    let early = try await box.zheng("check", "one.proof", "--policy", "policy.4", "--json")
    #expect(try early.status == 1 && early.json["code"] as? String == "policy")
    #expect(try await box.zheng("check", "one.proof", "--policy", "policy.1").status == 0)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy.4").status == 0)

    let left = try await change(["--remove", "v2", "--quorum", "2"])
    #expect(left.status == 0, "\(left.text)")
    #expect(
      try await change(["--remove", "v2", "--quorum", "2"]).json["code"] as? String == "unknown-member")
    try box.write("file", "three")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "file")
    try await box.must(zheng: "policy", "ledger", "--from", "policy.4", "--out", "policy.3")
    #expect(try box.text("policy.3").contains("group all_validators 2 local v3 v4"))
    let present = try await box.must(zheng: "policy", "ledger").text
    #expect(try box.text("policy.3") == present)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy.3").status == 0)
    #expect(try await box.zheng("rebuild", "ledger").status == 0)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy.3").status == 0)

    // A policy that the ledger never had, and one of another ledger.
    func from(_ policy: String) async throws -> Outcome {
      try await box.zheng("policy", "ledger", "--from", policy, "--json")
    }
    try box.write("other", box.text("policy.4").replacing("all_validators 3", with: "all_validators 4"))
    #expect(try await from("other").json["code"] as? String == "policy")
    try box.write("other", box.text("policy.4").replacing("blocks 3-", with: "blocks 2-"))
    #expect(try await from("other").json["code"] as? String == "policy")
    try box.write("other", box.text("policy.4").replacing(ledger, with: String(repeating: "0", count: 64)))
    #expect(try await from("other").json["code"] as? String == "wrong-ledger")
    #expect(try await box.zheng("policy", "ledger", "--from", "policy.4", "--out", "policy.4").status == 73)

    // Without enough of the old validators' cosignatures under the block that adopts the change nothing is followed.
    var notes = frames(try box.read("ledger/checkpoints"))
    #expect(notes.count == 6 && notes[4].contains("/v2 ") && !notes[5].contains("/v2 "))
    notes[4] = notes[4].split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("/v3 ") && !$0.contains("/v4 ") }.joined(separator: "\n")
    try box.edit("ledger/checkpoints") { $0 = framed(notes) }
    let refused = try await from("policy.4")
    #expect(try refused.status == 1 && refused.json["code"] as? String == "quorum")
  }

  @Test("the log key changes by a proposal; each policy is for its own blocks, and what is missing is named")
  func logKey() async throws {
    let box = try Sandbox()
    try await box.found()
    func append(_ word: String) async throws -> Outcome {
      try box.write("file", word)
      return try await box.zheng("append", "ledger", "--key", "notary.pem", "file")
    }
    func change(_ key: String) async throws -> Outcome {
      try await box.zheng(
        "members", "set-log-key", "ledger", "--new-key", key, "--key", "notary.pem", "--json")
    }
    #expect(try await append("one").status == 0)
    try await box.zheng("checkpoint", "ledger", into: "saved")
    let other = try await change("court.pem")
    #expect(try other.status == 2 && other.json["code"] as? String == "malformed", "\(other.text)")
    #expect(try await change("ledger/keys/log.pem").json["code"] as? String == "malformed")
    try await box.must(zheng: "key", "new", "log-2.pem", "--algorithm", "ed25519")
    let adopted = try await change("log-2.pem")
    #expect(try adopted.json["inForceFrom"] as? Int == 3, "\(adopted.text)\(adopted.errors)")
    #expect(
      try (adopted.json["change"] as? String)?.hasPrefix("change the log key to city.example/pilot+") == true)
    #expect(adopted.errors.contains("log-NAME.pem"))
    let stuck = try await append("two")
    #expect(stuck.status == 74 && stuck.errors.contains("log-NAME.pem"), "\(stuck.errors)")
    try box.move("log-2.pem", to: "ledger/keys/log-2.pem")
    #expect(try await append("two").status == 0)
    try box.remove("ledger/keys/log.pem")
    #expect(try await append("three").status == 0)
    #expect(try await box.must(zheng: "members", "ledger").text.contains("log key since block 3"))

    for (index, name) in [("2", "one.proof"), ("6", "two.proof")] {
      try await box.must(zheng: "prove", "ledger", index, "--out", name)
    }
    let followed = try await box.must(
      zheng: "policy", "ledger", "--from", "policy", "--out", "policy.new", "--json")
    let tenures = try #require(try followed.json["tenures"] as? [[String: Any]])
    #expect(tenures.compactMap { $0["first"] as? Int } == [0, 3])
    #expect(Set(tenures.compactMap { $0["log"] as? String }).count == 2)
    try await box.must(zheng: "policy", "ledger", "--from", "policy", "--block", "2", "--out", "policy.old")
    for (policy, good, bad) in [
      ("policy", "one.proof", "two.proof"), ("policy.old", "one.proof", "two.proof"),
      ("policy.new", "two.proof", "one.proof"),
    ] {
      try await box.must(zheng: "check", good, "--policy", policy)
      let refused = try await box.zheng("check", bad, "--policy", policy, "--json")
      #expect(try refused.status == 1 && refused.json["code"] as? String == "policy", "\(policy)")
    }
    func faults(_ arguments: String...) async throws -> [String] {
      let outcome = try await box.zheng(["verify", "ledger", "--json"] + arguments)
      let faults = try #require(try outcome.json["faults"] as? [[String: Any]])
      #expect(outcome.status == (faults.isEmpty ? 0 : 1))
      return faults.compactMap { $0["fault"] as? String }
    }
    #expect(try await faults("--policy", "policy.new", "--checkpoint", "saved") == [])
    #expect(try await faults("--policy", "policy") == ["unknown-signer"])
    try await box.must(zheng: "rebuild", "ledger")
    #expect(try await faults("--policy", "policy.new") == [])
  }

  @Test(
    "a member renews its key, an administrator revokes one, and others administer: proposed and approved on the command line"
  )
  func keysAndAdministrators() async throws {
    let box = try Sandbox()
    try await box.found(administrators: ["notary", "court"], threshold: 1)
    for key in ["court-2", "court-3"] { try await box.makeKey(key) }
    let renewed = try await box.must(
      zheng: "members", "renew-key", "ledger", "--new-key", "court-2.pem", "--key", "court.pem", "--json"
    ).json
    #expect(renewed["adopted"] as? Bool == true, "it administers, and one is enough")
    try box.write("file", "x")
    #expect(try await box.zheng("append", "ledger", "--key", "court.pem", "file").status == 2)
    try await box.must(zheng: "append", "ledger", "--key", "court-2.pem", "file")
    let kid = try #require(
      try await box.zheng("key", "show", "court-2.pem", "--json").json["kid"] as? String)
    let revoked = try await box.must(
      zheng: "members", "revoke-key", "ledger", "court", kid, "--reason", "遗失", "--since", "2026-01-02",
      "--replacement", "court-3.pub.pem", "--key", "notary.pem")
    #expect(revoked.text.contains("遗失"))
    let shown = try await box.must(zheng: "members", "ledger").text
    #expect(shown.contains("REVOKED: 遗失"))
    try await box.must(
      zheng: "members", "set-administrators", "ledger", "--administrator", "notary", "--threshold", "1",
      "--key",
      "court-3.pem")
    let out = try await box.zheng(
      "members", "renew-key", "ledger", "--new-key", "court.pem", "--key", "court-3.pem", "--json")
    #expect(out.status == 2, "a key is used once, ever")
    try await box.makeKey("court-4")
    let waiting = try await box.must(
      zheng: "members", "renew-key", "ledger", "--new-key", "court-4.pem", "--key", "court-3.pem", "--json"
    ).json
    #expect(waiting["adopted"] as? Bool == false && waiting["approvals"] as? [String] == [])
    let proposal = try #require(waiting["proposal"] as? String)
    try await box.must(zheng: "members", "approve", "ledger", proposal, "--key", "notary.pem")
    try await box.must(zheng: "append", "ledger", "--key", "court-4.pem", "file")
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }
}
