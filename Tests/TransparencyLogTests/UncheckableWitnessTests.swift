import LedgerCrypto
import Testing
import TransparencyLog

/// Witnesses whose keys are of types that this module cannot check.
@Suite("A policy with keys that cannot be checked")
struct UncheckableWitnessTests {
  private static let log = Keys.logs[0]
  private static let known = Keys.witnesses[0]

  /// A verifier key of this type, with as many bytes of a key.
  private static func key(_ type: UInt8, _ count: Int) -> String {
    "w.example/\(type)+0badcafe+\(Base64.encode([type] + [UInt8](repeating: 7, count: count)))"
  }

  private func policy(_ rest: String) throws -> Policy {
    try Policy(
      """
      log \(Self.log)
      witness known \(Self.known)
      witness dilithium \(Self.key(0x06, 1312)) https://w.example/
      witness other \(Self.key(0xff, 40))
      \(rest)

      """)
  }

  @Test("is read, keeps them, and its encoding is read back as the same")
  func read() throws {
    let policy = try policy("group g 1 known dilithium other\nquorum g")
    #expect(policy.absent.map(\.name.description) == ["dilithium", "other"])
    #expect(policy.absent.map(\.type) == [0x06, 0xff])
    #expect(policy.witnesses.map(\.name.description) == ["known"])
    let encoded = policy.bytes
    #expect(try Policy(parsing: encoded.span) == policy)
  }

  @Test("counts them as absent: only a quorum that cannot be met without them fails, and they are named")
  func absent() throws {
    let (logKey, key) = (try PrivateKey(generating: .ed25519), try PrivateKey(generating: .ed25519))
    let log = try NoteSigner(name: "log.example", type: .ed25519, key: logKey)
    let witness = try NoteSigner(name: "w.example", type: .cosignature, key: key)
    let text = "log.example\n1\n\(Base64.encode(SHA256.digest(of: [1]).bytes))\n"
    let note = try SignedNote(
      text: text, signatures: [log.sign(text), witness.cosign(text, time: 1000)])
    func evaluate(_ rest: String) throws -> UInt64? {
      try Policy(
        """
        log \(log.verifierKey)
        witness known \(witness.verifierKey)
        witness dilithium \(Self.key(0x06, 1312))
        \(rest)

        """
      ).evaluate(note).verdict.time
    }
    #expect(try evaluate("group g any known dilithium\nquorum g") == 1000)
    #expect(try evaluate("quorum known") == 1000)
    #expect(try evaluate("quorum none") == nil)
    for rest in ["group g all known dilithium\nquorum g", "quorum dilithium"] {
      let error = #expect(throws: LogError.self) { try evaluate(rest) }
      #expect(error?.code == .quorum)
      #expect(error?.description.contains("dilithium counts as absent") == true)
    }
  }

  @Test("is refused where a key is listed twice, or is no key at all, or a log's")
  func refused() {
    let unknown = Self.key(0x06, 1312)
    for text in [
      "witness a \(unknown)\nwitness b \(unknown)\nquorum a\n", "witness a \(unknown)x!\nquorum a\n",
      "witness a \(unknown)\nwitness a \(Self.known)\nquorum a\n", "log \(unknown)\nquorum none\n",
      "witness a w.example+0badcafe+\nquorum a\n",
      "# ledger \(SHA256.digest(of: [1]))\n# ledger \(SHA256.digest(of: [2]))\nquorum none\n",
    ] {
      #expect(refusal { _ = try Policy(text) } == .malformedPolicy, "\(text.prefix(80))")
    }
  }
}
