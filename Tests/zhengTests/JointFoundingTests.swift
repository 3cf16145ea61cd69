import Foundation
import LedgerCrypto
import Scenarios
import TestKit
import Testing

@testable import zheng

@Suite("A founding by several validators", .timeLimit(.minutes(30)))
struct JointFoundingTests {
  private static let names = ["v1", "v2", "v3", "v4"]
  private static let start: UInt64 = 1_780_000_000_000

  /// A sandbox with the keys of four validators, a log key under the passphrase `p`, and a proposed founding, `a`.
  private func proposed() async throws -> Sandbox {
    let box = try Sandbox()
    box.wallClock = { Self.start }
    try await box.makeKey("notary")
    var draft = ConsortiumDraft([.init("notary", roles: ["notary"])])
    var validators: [ConsortiumDraft.Validator] = []
    for name in Self.names {
      let made = try await box.must(zheng: "found", "keys", name, "--keys", "\(name)-keys", "--json").json
      let keys = try ["block", "vote", "cosigner"].map { ($0, try #require(made[$0] as? String)) }
      validators.append(.init(name, keys: Dictionary(uniqueKeysWithValues: keys)))
      #expect(try box.mode("\(name)-keys/\(name).vote.pem") == 0o600)
    }
    #expect(try await box.zheng("found", "keys", "v1", "--keys", "v1-keys").status == 73)
    let made = try await passphrase(
      box,
      ["key", "new", "log.pem", "--algorithm", "ed25519", "--passphrase", "--public", "log.pub.pem"])
    #expect(made.status == 0, "\(made.errors)")
    (draft.validators, draft.quorum) = (validators, 3)
    try box.write("consortium.json", draft.json)
    let propose = [
      "found", "propose", "a", "--consortium", "consortium.json", "--key", "notary.pem", "--json",
    ]
    let withoutLog = try await box.zheng(propose)
    #expect(withoutLog.status == 2 && withoutLog.text.contains("log"), "a log key that is made here is lost")
    draft.log = "log.pub.pem"
    try box.write("consortium.json", draft.json)
    let alone = try await box.zheng("init", "x", "--consortium", "consortium.json", "--key", "notary.pem")
    #expect(alone.status == 64 && alone.errors.contains("zheng found propose"))
    let outcome = try await box.zheng(propose)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
    #expect(try outcome.json["missing"] as? [String] == Self.names)
    return box
  }

  /// Runs `zheng` with the log key's passphrase.
  private func passphrase(_ box: Sandbox, _ arguments: [String]) async throws -> Outcome {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data("p".utf8))
    try pipe.fileHandleForWriting.close()
    let descriptor = String(pipe.fileHandleForReading.fileDescriptor)
    return try await box.zheng(arguments + ["--key-passphrase-fd", descriptor])
  }

  private func sign(_ box: Sandbox, _ file: String, _ name: String) async throws -> Outcome {
    try await box.zheng("found", "sign", file, "--validator", name, "--keys", "\(name)-keys", "--json")
  }

  private func finish(_ box: Sandbox, _ ledger: String, _ files: [String], _ name: String) async throws
    -> Outcome
  {
    try await passphrase(
      box,
      ["found", "finish", ledger] + files
        + ["--validator", name, "--keys", "\(name)-keys", "--log-key", "log.pem", "--json"])
  }

  private func code(_ outcome: Outcome) throws -> String? { try outcome.json["code"] as? String }

  @Test(
    "four validators in four directories found one ledger: one root, four cosignatures, T the third smallest")
  func four() async throws {
    let box = try await proposed()
    let early = try await sign(box, "a", "v2")
    #expect(try early.status == 2 && code(early) == "founding-unsigned", "the first makes the header")
    #expect(early.text.contains("v1"))
    let stranger = try await box.zheng(
      "found", "sign", "a", "--validator", "v9", "--keys", "v1-keys", "--json")
    #expect(try code(stranger) == "unknown-member")
    #expect(try await box.zheng("found", "sign", "a", "--validator", "v1", "--keys", "v2-keys").status == 66)
    #expect(try await sign(box, "a", "v1").status == 0)
    // Two copies go round side by side.
    try box.write("b", box.read("a"))
    for (file, name, later) in [("a", "v2", 30), ("b", "v3", 20), ("b", "v4", 10)]
      as [(String, String, UInt64)]
    {
      box.wallClock = { Self.start + later * 1000 }
      let signed = try await sign(box, file, name)
      #expect(signed.status == 0, "\(signed.text)")
    }
    let half = try await finish(box, "l1", ["a"], "v1")
    #expect(try code(half) == "founding-unsigned")
    #expect(half.text.contains("v3, v4") && !box.exists("l1"))
    var ids: Set<String> = []
    for name in Self.names {
      let outcome = try await finish(box, "ledger-\(name)", ["a", "b"], name)
      #expect(outcome.status == 0, "\(outcome.text)")
      ids.insert(try #require(outcome.json["ledger"] as? String))
      #expect(
        try box.names("ledger-\(name)/keys").sorted()
          == ["log.pem", "\(name).block.pem", "\(name).cosigner.pem", "\(name).vote.pem"])
      #expect(try await box.zheng("verify", "ledger-\(name)", "--policy", "ledger-v1/policy").status == 0)
    }
    #expect(ids.count == 1)
    let checkpoints = try Self.names.map { try box.read("ledger-\($0)/checkpoints") }
    #expect(Set(checkpoints).count == 1)
    #expect(String(decoding: checkpoints[0], as: UTF8.self).components(separatedBy: "— ").count == 6)
    try await box.must(zheng: "prove", "ledger-v4", "0", "--out", "proof")
    let check = try await box.must(zheng: "check", "proof", "--policy", "ledger-v1/policy", "--json").json
    let word = try #require(check["byTheWordOf"] as? String)
    #expect(word.contains("4 of 4 validators"), "\(word)")
    #expect(check["noLaterThan"] as? String == Timestamp.text(seconds: Self.start / 1000 + 20))
    // Three of them are enough for others, and T is then the greatest of theirs.
    try box.edit(text: "proof") { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("/v4 ") }
        .joined(separator: "\n")
    }
    let three = try await box.must(zheng: "check", "proof", "--policy", "ledger-v1/policy").text
    #expect(three.contains("3 of 4 validators"))
    #expect(three.contains("no later than \(Timestamp.text(seconds: Self.start / 1000 + 30))"))
    // A verifier that shares no code with this one says the same.
    guard Shell.has("python3"), try await box.shell("python3 -c 'import cbor2, cryptography'").status == 0
    else { return print("no python3 with cbor2 and cryptography here: the foreign verifier is left out") }
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Examples/check_proof.py").path
    let foreign = try await box.must("python3 '\(script)' proof ledger-v1/policy").text
    #expect(foreign.contains("by the word of v1, v2, v3"), "\(foreign)")
    #expect(foreign.contains(Timestamp.text(seconds: Self.start / 1000 + 30).prefix(19)))
  }

  @Test("a founding file that was altered is refused, and a validator signs one header only")
  func refusals() async throws {
    let box = try await proposed()
    try box.write("fresh", box.read("a"))
    #expect(try await sign(box, "a", "v1").status == 0)
    #expect(try await sign(box, "a", "v2").status == 0)
    let again = try await sign(box, "a", "v2")
    #expect(
      try again.status == 0 && again.json["missing"] as? [String] == ["v3", "v4"], "the same once more")
    let good = try box.text("a")
    func spoilt(_ change: (String) throws -> String) async throws -> String? {
      try box.write("spoilt", try change(good))
      let outcome = try await box.zheng("found", "show", "spoilt", "--json")
      return outcome.status == 0 ? nil : try code(outcome)
    }
    /// The text with the first two characters of a value replaced.
    func line(_ key: String, _ text: String, by other: [String] = ["BB", "CC"]) -> String {
      guard let place = text.range(of: "\"\(key)\": \"")?.upperBound else { return text }
      let end = text.index(place, offsetBy: 2)
      return text.replacingCharacters(
        in: place..<end, with: text[place..<end] == other[0] ? other[1] : other[0])
    }
    /// The text with the last bit of the bytes in a value flipped: those of a signature.
    func flipped(_ key: String, _ text: String) throws -> String {
      let start = try #require(text.range(of: "\"\(key)\": \"")?.upperBound)
      let value = text[start...].prefix { $0 != "\"" }
      var bytes = try #require(Data(base64Encoded: String(value)))
      bytes[bytes.count - 1] ^= 1
      return text.replacing(value, with: bytes.base64EncodedString())
    }
    #expect(try await spoilt { $0 } == nil)
    #expect(try await spoilt { line("ledger", $0, by: ["bb", "cc"]) } == "founding-altered")
    for key in ["cosignature", "block", "vote"] {
      #expect(try await spoilt { line(key, $0) } == "bad-signature", "\(key)")
    }
    #expect(try await spoilt { $0.replacing("\"v2\"", with: "\"v3\"") } == "bad-signature")
    #expect(try await spoilt { $0.replacing("\"v2\"", with: "\"v1\"") } == "founding-altered", "twice")
    #expect(try await spoilt { $0.replacing("\"v2\"", with: "\"v7\"") } == "founding-altered")
    #expect(try await spoilt { $0.replacing(#/ +"header": .*\n/#, with: "") } == "founding-unsigned")
    #expect(try await spoilt { try flipped("statement", $0) } == "bad-signature")
    #expect(try await spoilt { try flipped("header", $0) } == "founding-altered")
    #expect(try await spoilt { $0.replacing("founding-1", with: "founding-2") } == "malformed")

    // Another header for the same entry 0: the first validator has signed one already.
    box.wallClock = { Self.start + 5000 }
    let second = try await sign(box, "fresh", "v1")
    #expect(try second.status == 2 && code(second) == "founding-other-header")
    // Where it has signed it all the same, by a machine that has lost what it signed, the others do not.
    let id = try #require(try await box.zheng("found", "show", "a", "--json").json["ledger"] as? String)
    try FileManager.default.removeItem(atPath: "\(box.path)/.state/\(id)/v1")
    #expect(try await sign(box, "fresh", "v1").status == 0)
    #expect(try await code(sign(box, "fresh", "v2")) == "founding-other-header")
    #expect(try await code(box.zheng("found", "show", "a", "fresh", "--json")) == "founding-other-header")
    // A clock that is a month off signs nothing.
    box.wallClock = { Self.start + 40 * 86_400_000 }
    #expect(try await code(sign(box, "a", "v3")) == "stale")
    box.wallClock = { Self.start - 3_600_000 }
    #expect(try await code(sign(box, "a", "v3")) == "after-block-time")
  }

  @Test("crash-faults-only is said by the plan, the policy, the roster and every check")
  func crashFaultsOnly() async throws {
    let box = try Sandbox()
    try await box.makeKey("notary")
    var draft = ConsortiumDraft([.init("notary", roles: ["notary"])])
    draft.validators = try (1...5).map { number in
      let keys = try ["block", "vote", "cosigner"].map { use in
        let key = try PrivateKey(generating: .ed25519)
        return (use, try number <= 3 ? key.pem() : key.publicKey.pem())
      }
      return .init("v\(number)", keys: Dictionary(uniqueKeysWithValues: keys))
    }
    draft.quorum = 3
    try box.write("consortium.json", draft.json)
    let founding = ["init", "ledger", "--consortium", "consortium.json", "--key", "notary.pem"]
    let unsafe = try await box.zheng(founding + ["--json"])
    #expect(
      try unsafe.status == 2 && code(unsafe) == "unsafe-quorum", "3 of 5 is not enough where one may lie")
    draft.isCrashFaultsOnly = true
    try box.write("consortium.json", draft.json)
    let plan = try await box.zheng(founding + ["--dry-run", "--json"])
    #expect(try plan.json["crashFaultsOnly"] as? Bool == true)
    let founded = try await box.zheng(founding)
    #expect(founded.status == 0 && founded.text.contains("crash-faults-only"), "\(founded.errors)")
    #expect(try box.text("ledger/policy").contains("# crash-faults-only\n"))
    try box.write("file", "x")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "file")
    try await box.must(zheng: "prove", "ledger", "2", "--out", "proof")
    let check = try await box.must(zheng: "check", "proof", "--policy", "ledger/policy").text
    #expect(check.contains("3 of 5 validators") && check.contains("crash-faults-only"), "\(check)")
    #expect(try await box.must(zheng: "members", "ledger").text.contains("crash-faults-only"))
    #expect(try await box.zheng("members", "ledger", "--json").json["crashFaultsOnly"] as? Bool == true)
  }
}
