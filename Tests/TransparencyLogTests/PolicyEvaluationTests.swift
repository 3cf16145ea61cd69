import LedgerCrypto
import Testing
import TransparencyLog

@Suite("Policy evaluation")
struct PolicyEvaluationTests {
  static let names = ["w1", "w2", "w3"]

  static func policy(_ rest: String, log: String = Fixture.logVerifierKey) throws -> Policy {
    var text = "log \(log)\n"
    for (name, key) in zip(names, Fixture.witnessVerifierKeys) { text += "witness \(name) \(key)\n" }
    return try Policy(text + rest)
  }

  /// The fixture's note with only these of its lines: 0 is the log's, the others the witnesses'.
  static func note(_ lines: [Int]) throws -> SignedNote {
    let note = try SignedNote(Fixture.checkpoint)
    return try SignedNote(text: note.text, signatures: lines.map { note.signatures[$0] })
  }

  @Test(
    "a checkpoint that OpenSSL signed is accepted, and its time is the quorum's",
    arguments: [
      ("quorum none\n", nil), ("quorum w1\n", 0), ("quorum w3\n", 2), ("group g any w1 w2 w3\nquorum g\n", 0),
      ("group g 2 w3 w2 w1\nquorum g\n", 1), ("group g all w1 w2 w3\nquorum g\n", 2),
      ("group a 1 w1 w2\ngroup b all w3 a\nquorum b\n", 2),
      ("group a all w2 w3\ngroup b any w1 a\nquorum b\n", 0),
    ] as [(String, Int?)])
  func accepted(rest: String, time: Int?) throws {
    let policy = try Self.policy(rest)
    let (checkpoint, verdict) = try policy.evaluate(SignedNote(Fixture.checkpoint))
    #expect(checkpoint.size == 8)
    #expect(checkpoint.root.hex == RFC6962VectorTests.roots[8])
    #expect(verdict.log.description == Fixture.logVerifierKey)
    #expect(verdict.witnesses.map(\.name.description) == Self.names)
    #expect(verdict.witnesses.map(\.timestamp) == Fixture.times)
    #expect(verdict.time == time.map { Fixture.times[$0] })
  }

  @Test("two of three are a quorum of two, and one is not; the order of lines means nothing")
  func quorum() throws {
    let policy = try Self.policy("group g 2 w1 w2 w3\nquorum g\n")
    #expect(try policy.evaluate(Self.note([0, 1, 3])).verdict.time == Fixture.times[2])
    #expect(try policy.evaluate(Self.note([3, 2, 0])).verdict.time == Fixture.times[2])
    #expect(try policy.evaluate(Self.note([2, 1, 0])).verdict.time == Fixture.times[1])
    #expect(
      try policy.evaluate(Self.note([2, 1, 0])).verdict.witnesses.map(\.name.description) == ["w1", "w2"])
    for lines in [[0], [0, 1], [0, 2], [3, 0]] {
      #expect(refusal { _ = try policy.evaluate(Self.note(lines)) } == .quorum)
    }
    // One witness twice is one witness.
    #expect(refusal { _ = try policy.evaluate(Self.note([0, 1, 1])) } == .quorum)
    #expect(try Self.policy("quorum none\n").evaluate(Self.note([0])).verdict.witnesses.isEmpty)
  }

  @Test("of a witness's two cosignatures the earlier counts, whichever comes first")
  func twice() throws {
    let text = try SignedNote(Fixture.checkpoint).text
    let witness = try NoteSigner(
      name: "w1.example/witness", type: .cosignature, key: PrivateKey(pem: Fixture.witness1Key))
    let (early, late) = (try witness.cosign(text, time: 5), try witness.cosign(text, time: 9))
    let log = try Self.note([0]).signatures[0]
    for lines in [[log, early, late], [late, log, early]] {
      let verdict = try Self.policy("quorum w1\n").evaluate(SignedNote(text: text, signatures: lines)).verdict
      #expect(verdict.time == 5)
      #expect(verdict.witnesses.map(\.timestamp) == [5])
    }
  }

  @Test("without the signature of a known log nothing is accepted")
  func noLog() throws {
    let policy = try Self.policy("quorum w1\n")
    #expect(refusal { _ = try policy.evaluate(Self.note([1, 2, 3])) } == .unknownKey)
    let other = try Self.policy("quorum w1\n", log: Keys.logs[0].description)
    #expect(refusal { _ = try other.evaluate(Self.note([0, 1, 2, 3])) } == .unknownKey)
    #expect(refusal { _ = try Policy("quorum none\n").evaluate(Self.note([0])) } == .unknownKey)
  }

  @Test(
    "a bad signature of any known key rejects the checkpoint, also of a witness that the quorum does not need"
  )
  func badSignature() throws {
    let policy = try Self.policy("quorum w1\n")
    let good = try Self.note([0, 1, 2, 3])
    for position in 0..<4 {
      var signatures = good.signatures
      var bytes = signatures[position].signature
      bytes[bytes.count - 1] ^= 1
      signatures[position] = try NoteSignature(
        name: signatures[position].name, keyID: signatures[position].keyID, signature: bytes)
      let note = try SignedNote(text: good.text, signatures: signatures)
      #expect(refusal { _ = try policy.evaluate(note) } == .badSignature)
    }
    // An unknown witness's line is ignored, whatever it holds.
    var note = good
    try note.append(NoteSignature(name: "w9.example/witness", keyID: 1, signature: [1]))
    #expect(try policy.evaluate(note).verdict.witnesses.count == 3)
  }

  @Test("a checkpoint of another origin than the log's name is refused, as the Go checksum database's is")
  func wrongOrigin() throws {
    let policy = try Policy("log \(NoteVerifierKeyTests.published[3])\nquorum none\n")
    #expect(refusal { _ = try policy.evaluate(SignedNote(SignedNoteTests.sumDB)) } == .wrongOrigin)
    // Two known logs: one cannot sign for the other.
    let log = try NoteSigner(name: "a.example", type: .ed25519, key: PrivateKey(pem: Fixture.logKey))
    let both = try Policy("log \(log.verifierKey)\nlog \(Keys.logs[1])\nquorum none\n")
    for (origin, code) in [
      ("a.example", nil), ("log1.example", .wrongOrigin), ("a.exampl\u{65}\u{301}", .wrongOrigin),
    ]
      as [(String, LogError.Code?)]
    {
      let text = try Checkpoint(origin: origin, size: 1, root: .zero).text
      let note = try SignedNote(text: text, signatures: [log.sign(text)])
      #expect(refusal { _ = try both.evaluate(note) } == code)
    }
    // A Kelvin sign is not a K, although String thinks so.
    let k = try NoteSigner(name: "K", type: .ed25519, key: PrivateKey(pem: Fixture.logKey))
    let text = try Checkpoint(origin: "\u{212a}", size: 1, root: .zero).text
    let note = try SignedNote(text: text, signatures: [k.sign(text)])
    #expect(
      refusal { _ = try Policy("log \(k.verifierKey)\nquorum none\n").evaluate(note) } == .wrongOrigin)
  }

  @Test("a real log's checkpoint is accepted by its key")
  func sigsum() throws {
    let origin = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
    let note = try SignedNote(
      """
      \(origin)
      3
      RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

      — \(origin) UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=

      """)
    let key = "\(origin)+5202289b+Af/cLU2Y5BJNP+r3iMDC+av9eWCD0fBJVDfzAux5zxAP"
    let (checkpoint, verdict) = try Policy("log \(key)\nquorum none\n").evaluate(note)
    #expect(checkpoint.size == 3)
    #expect(verdict.log.description == key)
    #expect(verdict.time == nil)
  }

  @Test("a note that is no checkpoint is refused as such")
  func notACheckpoint() throws {
    let policy = try Policy("log \(NoteVerifierKeyTests.published[0])\nquorum none\n")
    #expect(refusal { _ = try policy.evaluate(SignedNote(SignedNoteTests.example)) } == .malformedCheckpoint)
  }
}
