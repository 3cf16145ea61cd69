import Ledger
import LedgerCrypto
import Statements
import Testing
import TestKit
import TransparencyLog

/// What is accepted must encode back to the bytes that it was read from.
@Suite("Fuzzed parsers")
struct FuzzTests {
  @Test("block headers")
  func header() throws {
    var chain = try Chain(Consortium())
    try chain.add([])
    let samples = chain.blocks.map(\.header.payload)
    Fuzzing.run("BlockHeader(payload:)", samples: samples) { bytes in
      guard let header = try? BlockHeader(payload: bytes) else { return }
      #expect(header.payload == bytes)
    }
  }

  @Test("roster changes and countersignatures")
  func change() throws {
    let keys = try [KeyAlgorithm.es256, .ed25519].map { try PrivateKey(generating: $0).publicKey }
    let name = LocalizedName(zh: "单位", en: "Unit")!
    let actions: [RosterChange.Action] = [
      .addMember(id: "a", name: name, roles: ["a", "b"], keys: keys), .removeMember("b"),
      .setRoles(member: "c", roles: ["a", "b"]), .rename(member: "c", name: name),
      .rotateKey(member: "c", key: keys[0], retires: keys.map(\.thumbprint)),
      .setParameter(name: "block-records", value: 7),
      .setLogKey(
        try NoteSigner.log("ledger.example").verifierKey, possession: Array(repeating: 1, count: 64)),
    ]
    for sample in actions.map({ RosterChange(of: keys[0].thumbprint, $0) }) {
      let kind = sample.contentType
      Fuzzing.run("RosterChange of \(kind)", samples: [sample.payload], inputs: Fuzzing.inputs / 7) { bytes in
        guard let change = try? RosterChange(contentType: kind, payload: bytes) else { return }
        #expect(change.payload == bytes)
        #expect(change.contentType == kind)
      }
    }
  }

  @Test("members and terms")
  func items() throws {
    let roster = try Consortium(members: 3, validators: 2).roster
    Fuzzing.run("Member", samples: Array(roster.items.dropFirst())) { bytes in
      guard let cbor = try? CBOR(decoding: bytes), let member = try? Member(cbor) else { return }
      #expect(member.cbor.encoded == bytes)
    }
    Fuzzing.run("Terms", samples: [roster.items[0]]) { bytes in
      guard let cbor = try? CBOR(decoding: bytes), let terms = try? Terms(cbor) else { return }
      #expect(terms.cbor.encoded == bytes)
    }
  }

  @Test("founding statements")
  func founding() throws {
    let chain = try Chain(Consortium(members: 3, validators: 2))
    let payload = chain.founding.payload
    let claims = Claims(issuer: "m00", audience: nil, issuedAt: 5, tokenID: freshTokenID())
    let key = chain.consortium.members[0].key
    Fuzzing.run("Founding.state", samples: [payload], inputs: Fuzzing.inputs / 2) { bytes in
      guard
        let statement = try? StatementDraft(contentType: Kind.found, claims: claims, payload: bytes)
          .signed(by: key), let state = try? Founding.state(of: statement)
      else { return }
      let again: CBOR = [
        "terms": state.roster.terms.cbor, "members": .array(state.roster.members.map(\.cbor)),
      ]
      #expect(again.encoded == bytes)
    }
    Fuzzing.run("Founding.state of an entry", samples: [chain.founding.entry], inputs: Fuzzing.inputs / 2) {
      guard let statement = try? SignedStatement(decoding: $0) else { return }
      _ = try? Founding.state(of: statement)
    }
  }

  @Test("record proofs")
  func proof() throws {
    var chain = try Chain(Consortium(members: 3, validators: 2))
    try chain.add([chain.statement().entry])
    try chain.add([chain.statement(by: 2).entry])
    let samples = try [chain.proof(of: 2).bytes, chain.proof(of: 2, head: 2).bytes, chain.proof(of: 4).bytes]
    let policy = try chain.policy
    Fuzzing.run("RecordProof(parsing:)", samples: samples) { bytes in
      guard let proof = try? RecordProof(parsing: bytes.span) else { return }
      #expect(proof.bytes == bytes)
      _ = try? proof.check(policy)
    }
    // Few mutations of base64 leave base64, so the sequence inside gets its own.
    let sound = try chain.proof(of: 2).proof
    let extras = try [sound.extra, chain.proof(of: 4).proof.extra].compactMap { $0 }
    Fuzzing.run("RecordProof's extra", samples: extras) { bytes in
      guard
        let file = try? TLogProof(
          extra: bytes, index: sound.index, path: sound.path, checkpoint: sound.checkpoint
        ).bytes, let proof = try? RecordProof(parsing: file.span)
      else { return }
      #expect(proof.bytes == file)
      _ = try? proof.check(policy)
    }
  }

  @Test("stored checkpoints")
  func checkpoint() throws {
    var chain = try Chain(Consortium(members: 2, validators: 3))
    try chain.add([])
    let roster = chain.consortium.roster
    Fuzzing.run("StoredCheckpoint(parsing:)", samples: chain.blocks.map(\.checkpoint)) { bytes in
      guard let checkpoint = try? StoredCheckpoint(parsing: bytes.span) else { return }
      #expect(checkpoint.note.bytes == bytes)
      _ = checkpoint.check(roster, height: .max)
    }
  }

  @Test("statements through the whole judgement, and headers through the closing of a block")
  func judgement() throws {
    var chain = try Chain(Consortium(members: 3))
    let samples = [
      try chain.statement().entry, try chain.proposal(.removeMember("m02")).entry,
      try chain.countersign(.zero, by: 0).entry, chain.founding.entry, chain.blocks[0].headerEntry,
    ]
    try chain.add([])
    var checker = EntryChecker()
    var hasher = TreeHasher()
    let keys = chain.state.roster.keys
    Fuzzing.run("admit and close", samples: samples, inputs: Fuzzing.inputs / 2) { bytes in
      var registry = chain.registry
      var block = chain.open()
      let checked = checker.check(bytes.span, keys: keys)
      do throws(Refusal) {
        try block.admit(checked, bytes.span, earlier: &registry, using: &hasher)
        let statement = try? SignedStatement(decoding: bytes)
        let key = statement.flatMap { keys[$0.keyID] }
        #expect(key.map { statement?.isSigned(by: $0) == true } == true)
      } catch { #expect(registry == chain.registry) }
      #expect(!block.close(checked, bytes.span, state: nil, using: &hasher).faults.isEmpty)
    }
  }
}
