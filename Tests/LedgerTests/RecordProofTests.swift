import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

/// What a proof proves, for comparison.
struct Proven: Equatable {
  let statement: SignedStatement
  let index: UInt64
  let header: BlockHeader
  let issuer: Member
  let checkpoint: Checkpoint
  let verdict: Policy.Verdict

  init(_ record: ProvenRecord) {
    (statement, index, header) = (record.statement, record.index, record.header)
    (issuer, checkpoint, verdict) = (record.issuer, record.checkpoint, record.verdict)
  }

  init(_ bytes: [UInt8], _ policy: Policy) throws(ProofError) {
    self.init(try RecordProof(parsing: bytes.span).check(policy))
  }
}

@Suite("A record proof")
struct RecordProofTests {
  let chain: Chain
  let policy: Policy

  init() throws {
    var chain = try Chain(Consortium(members: 4, validators: 3, quorum: 2))
    for _ in 0..<4 {
      try chain.add((0..<3).map { try chain.statement(by: $0, subject: "case-7").entry })
    }
    self.chain = chain
    policy = try chain.policy
  }

  /// The part at fault, or nil where the proof holds.
  func fault(_ bytes: [UInt8], _ policy: Policy? = nil) throws -> ProofError.Code? {
    do throws(ProofError) {
      _ = try Proven(bytes, policy ?? self.policy)
      return nil
    } catch { return error.code }
  }

  func fault(of index: UInt64 = 7, _ spoil: (inout ProofParts) throws -> Void) throws -> ProofError.Code? {
    var parts = try chain.parts(of: index)
    try spoil(&parts)
    return try fault(parts.bytes)
  }

  @Test("every record is proven, against its own block's checkpoint and against each later one")
  func everyRecord() throws {
    for index in 0..<chain.size {
      let own = chain.block(of: index)
      guard index != chain.blocks[own].headerIndex else { continue }
      for head in own..<chain.blocks.count {
        let bytes = try chain.proof(of: index, head: head).bytes
        #expect(try bytes == chain.parts(of: index, head: head).bytes)
        let proven = try Proven(bytes, policy)
        #expect(proven.statement.entry == chain.blocks[own].entries[Int(index - chain.blocks[own].first)])
        #expect(proven.index == index)
        #expect(proven.header == chain.blocks[own].header)
        #expect(proven.issuer.id == proven.statement.claims?.issuer)
        #expect(proven.checkpoint.size == chain.blocks[head].headerIndex + 1)
        #expect(proven.verdict.time == chain.blocks[head].header.time / 1000 + 1)
        #expect(proven.verdict.witnesses.count == 3)
      }
    }
  }

  @Test("a proof file is read back as the same file")
  func roundTrip() throws {
    let bytes = try chain.proof(of: 7).bytes
    let again = try RecordProof(parsing: bytes.span)
    #expect(again.bytes == bytes)
    #expect(again.statement.entry == chain.blocks[2].entries[1])
  }

  @Test("a header is no record, and is not proven as one")
  func headerAsRecord() throws {
    #expect(throws: ProofError.self) { try chain.proof(of: 9) }
    #expect(try fault(chain.parts(of: 9).bytes) == .header)
    #expect(try fault(chain.parts(of: 9, head: 3, header: 3).bytes) == .header)
  }

  @Test("the builder refuses another roster than the header's, and an issuer outside it")
  func builder() throws {
    let parts = try chain.parts(of: 7)
    let (statement, header) = (
      try SignedStatement(decoding: parts.entry), try SignedStatement(decoding: parts.header)
    )
    let other = try Consortium(members: 4)
    func code(_ statement: SignedStatement, _ header: SignedStatement, _ roster: Roster) -> ProofError.Code? {
      do throws(ProofError) {
        _ = try RecordProof(
          of: statement, path: parts.path, header: header, headerPath: parts.headerPath, roster: roster,
          checkpoint: parts.checkpoint)
        return nil
      } catch { return error.code }
    }
    let roster = chain.rosters[2]
    #expect(code(statement, header, roster) == nil)
    #expect(code(statement, header, other.roster) == .header)
    #expect(code(statement, statement, roster) == .header)
    #expect(code(try chain.statement(name: "nobody"), header, roster) == .roster)
    #expect(code(header, header, roster) == .roster)
  }

  @Test("another ledger's policy, even of the same validators' names, does not accept it")
  func otherPolicy() throws {
    var other = try Chain(Consortium(members: 4, validators: 3, quorum: 2))
    try other.add([other.statement().entry])
    #expect(try fault(chain.proof(of: 7).bytes, other.policy) == .policy)
    #expect(try fault(other.proof(of: 2).bytes) == .policy)
    #expect(try fault(other.proof(of: 2).bytes, other.policy) == nil)
  }

  @Test("the policy's quorum counts, not the roster's")
  func policyQuorum() throws {
    var chain = chain
    var how = Misbehaviour()
    how.cosigners = [2]
    try chain.add([chain.statement().entry], how)
    let bytes = try chain.proof(of: 18).bytes
    #expect(try fault(bytes) == .policy)
    let lenient = try Policy(
      logs: policy.logs, witnesses: policy.witnesses, groups: [], quorum: policy.witnesses[2].name)
    #expect(try fault(bytes, lenient) == nil)
    let another = try Policy(
      logs: policy.logs, witnesses: policy.witnesses, groups: [], quorum: policy.witnesses[0].name)
    #expect(try fault(bytes, another) == .policy)
    let others = try Policy(
      logs: Array(policy.logs.dropFirst()), witnesses: policy.witnesses, groups: [],
      quorum: policy.witnesses[2].name)
    #expect(try fault(bytes, others) == .policy)
  }

  @Test(
    "the header must be a header, stand where it says and after the entry")
  func header() throws {
    let blocks = chain.blocks
    #expect(try fault { _ in } == nil)
    // An earlier header, a later one, and one that is none.
    #expect(try fault(chain.parts(of: 7, head: 4, header: 1).bytes) == .header)
    #expect(try fault { $0.header = blocks[3].headerEntry } == .header)
    #expect(try fault(chain.parts(of: 7, header: 1).bytes) == .header)
    #expect(
      try fault {
        $0.header = blocks[2].entries[2]
        $0.headerPath = try chain.path(8, size: 10)
      } == .header)
    #expect(try fault { $0.headerPath.index = 8 } == .header)
    #expect(try fault { $0.headerPath.index = .max } == .header)
    #expect(try fault { $0.headerPath.path = [] } == .header)
    #expect(try fault { $0.headerPath.path.append(.zero) } == .header)

    // Whose key signed a header that the validators cosigned is the auditor's to judge: the policy does not name block keys.
    var spoilt = chain
    var how = Misbehaviour()
    how.headerKey = try PrivateKey(generating: .ed25519)
    let block = try spoilt.add([chain.statement().entry], how)
    #expect(try fault(spoilt.parts(of: block.first).bytes) == nil)
    #expect(spoilt.audit().faults.map(\.code) == [.unknownSigner])
  }

  @Test("a header that validators let pass with another index or algorithm proves nothing")
  func badHeader() throws {
    let key = chain.consortium.validators[0].blockKey
    var hows = [Misbehaviour(), Misbehaviour(), Misbehaviour()]
    for (number, size) in [(0, UInt64.max), (1, 19)] {
      hows[number].header = {
        BlockHeader(
          height: $0.height, previous: $0.previous, first: $0.first, size: size, root: $0.root,
          state: $0.state,
          time: $0.time, roster: $0.roster)
      }
    }
    hows[2].headerEntry = { entry in
      do {
        let payload = try SignedStatement(decoding: entry).payload
        return try StatementDraft(contentType: Kind.block, claims: nil, payload: payload)
          .signed(by: key, as: .ed25519, keyID: key.publicKey.thumbprint).entry
      } catch { return entry }
    }
    for how in hows {
      var chain = chain
      let block = try chain.add([chain.statement().entry, chain.statement(by: 2).entry], how)
      #expect(try fault(chain.parts(of: block.first).bytes) == .header)
    }
  }

  @Test("a record is shown in its own block, and under no header of a later one")
  func laterHeader() throws {
    var parts = try chain.parts(of: 7)
    let later = try chain.parts(of: 7, head: 3, header: 3)
    parts.header = later.header
    #expect(try fault(parts.bytes) == .header)
    parts.headerPath = later.headerPath
    #expect(try fault(parts.bytes) == .header)
    // Under a later checkpoint too: a record is shown in its own block and in no other.
    #expect(try fault(later.bytes) == .header)
  }

  @Test("the entry must be the leaf at the index")
  func inclusion() throws {
    let blocks = chain.blocks
    #expect(try fault { $0.entry = blocks[2].entries[0] } == .inclusion)
    #expect(try fault { $0.path.index = 6 } == .inclusion)
    #expect(try fault { $0.path.index = .max } == .inclusion)
    #expect(try fault { $0.path.path.swapAt(0, 1) } == .inclusion)
    #expect(try fault { $0.path.path.removeLast() } == .inclusion)
    let outside = try chain.statement().entry
    #expect(try fault { $0.entry = outside } == .inclusion)
    let note = blocks[1].checkpoint
    let earlier = try SignedNote(parsing: note.span)
    #expect(try fault { $0.checkpoint = earlier } == .inclusion)
  }

  @Test("the issuer's item must be in the roster that the header names, and the issuer's")
  func issuer() throws {
    let roster = chain.rosters[2]
    for item in [0, 1, 3, 4] {
      #expect(
        try fault {
          $0.issuer = roster.items[item]
          $0.issuerPath = try Chain.itemPath(item, roster)
        } == .roster, "item \(item)")
    }
    let other = try Consortium(members: 4)
    #expect(
      try fault {
        $0.issuer = other.roster.items[2]
        $0.issuerPath = try Chain.itemPath(2, other.roster)
      } == .roster)
    #expect(try fault { $0.issuerPath.path[0] = .zero } == .roster)
    #expect(try fault { $0.issuerPath.index = 0 } == .roster)
    #expect(try fault { $0.issuerPath.size = 0 } == .malformed)
    #expect(try fault { $0.issuerPath.size = .max } == .roster)
  }

  @Test("the key must be the issuer's and in force at that height")
  func keyInForce() throws {
    var chain = try Chain(Consortium(members: 3))
    let new = try PrivateKey(generating: .es256)
    let old = chain.consortium.members[1].key
    try chain.add([chain.statement(by: 1).entry])
    try chain.add([
      chain.proposal(
        .rotateKey(member: "m01", key: new.publicKey, retires: [old.publicKey.thumbprint])
      ).entry, chain.statement(by: 1).entry,
    ])
    try chain.add([chain.statement(by: 1, key: new).entry])
    // Signed with the retired key and taken in all the same, and with the new key before it held.
    var how = Misbehaviour()
    how.admitsAll = true
    let stranger = try PrivateKey(generating: .es256)
    let (late, unknown) = (try chain.statement(by: 1).entry, try chain.statement(by: 1, key: stranger).entry)
    var forged = try chain.statement(by: 2).entry
    forged[forged.count - 1] ^= 1
    try chain.add([late, unknown, forged], how)
    let policy = try chain.policy
    func fault(_ index: UInt64, _ header: Int? = nil) throws -> ProofError.Code? {
      try self.fault(chain.parts(of: index, head: 4, header: header).bytes, policy)
    }
    #expect(try [2, 4, 5, 7].map { try fault($0) } == [nil, nil, nil, nil])
    #expect(try [9, 10, 11].map { try fault($0) } == [.signature, .signature, .signature])
    #expect(try fault(2, 3) == .header, "it is shown in its own block, where the key held")
  }

  @Test("each flipped byte is refused, where every signature is needed")
  func flips() throws {
    var chain = try Chain(Consortium(members: 3))
    try chain.add([chain.statement().entry])
    let policy = try chain.policy
    let bytes = try chain.proof(of: 2).bytes
    let good = try Proven(bytes, policy)
    var accepted = 0
    for place in bytes.indices {
      for bit: UInt8 in [0x01, 0x20] {
        var flipped = bytes
        flipped[place] ^= bit
        do throws(ProofError) {
          #expect(try Proven(flipped, policy) == good, "byte \(place)")
          accepted += 1
        } catch {}
      }
    }
    // Nothing ties the size of the roster's tree to its root, and nothing is said about it.
    #expect(accepted <= 4)
  }

  @Test("with signatures to spare, a flipped byte may cost a witness and never says anything else")
  func flipsWithSpare() throws {
    let bytes = try chain.proof(of: 7).bytes
    let good = try Proven(bytes, policy)
    let note = try #require(bytes.indices.first { bytes[$0...].starts(with: "\n\n".utf8) })
    for place in note..<bytes.count {
      var flipped = bytes
      flipped[place] ^= 0x01
      do throws(ProofError) {
        let proven = try Proven(flipped, policy)
        #expect(proven.statement == good.statement && proven.checkpoint == good.checkpoint)
        #expect(proven.header == good.header && proven.issuer == good.issuer && proven.index == good.index)
        #expect(good.verdict.witnesses.filter(proven.verdict.witnesses.contains) == proven.verdict.witnesses)
        #expect(proven.verdict.witnesses.count >= 2)
      } catch {}
    }
  }

  @Test("a proof without extra, with four items or six, or with paths of another shape is malformed")
  func malformed() throws {
    let parts = try chain.parts(of: 7)
    func code(_ extra: [UInt8]?) throws -> ProofError.Code? {
      try fault(
        TLogProof(extra: extra, index: 7, path: parts.path.path, checkpoint: parts.checkpoint).bytes)
    }
    let extra = try #require(chain.proof(of: 7).proof.extra)
    let items = try CBOR.decodeSequence(extra.span, maximum: 5)
    #expect(try code(items.flatMap(\.encoded)) == nil)
    #expect(try code(nil) == .malformed)
    #expect(try code(items.dropLast().flatMap(\.encoded)) == .malformed)
    #expect(try code(items.flatMap(\.encoded) + [0xf6]) == .malformed)
    #expect(try code(items.flatMap(\.encoded) + [0xff]) == .malformed)
    let hashes = CBOR.array(Array(repeating: .bytes(Digest.zero.bytes), count: 65))
    let variants: [(Int, CBOR)] = [
      (0, .null), (0, items[2]), (1, .bytes([])), (2, []), (2, [7]), (2, ["7", []]), (2, [-1, []]),
      (2, [9, [.bytes([1])]]), (2, [9, hashes]), (4, []), (4, [2, 5, [1]]), (4, [2, 5, hashes]),
      (4, [2, []]), (4, .null),
    ]
    for (number, item) in variants {
      var spoilt = items
      spoilt[number] = item
      #expect(try code(spoilt.flatMap(\.encoded)) == .malformed, "\(number) \(item)")
    }
    var spoilt = items
    spoilt[3] = .null
    #expect(try code(spoilt.flatMap(\.encoded)) == .roster)
  }
}
