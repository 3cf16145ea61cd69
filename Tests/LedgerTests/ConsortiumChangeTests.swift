import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("Changes of validators, administrators and keys")
struct ConsortiumChangeTests {
  private func action(
    _ chain: Chain, _ validators: [TestValidator], quorum: Int, joining: [TestValidator],
    at height: Int? = nil
  ) throws -> RosterChange.Action {
    .setValidators(
      validators.map { validators.count > 1 ? $0.validator : $0.alone }, quorum: quorum,
      isCrashFaultsOnly: false, joins: try joining.map { try chain.join($0, at: height) })
  }

  @Test(
    "one validator becomes four, two change places with others, and one is left: each block is judged by those in office"
  )
  func offices() throws {
    var chain = try Chain(Consortium(members: 3))
    let first = chain.validators[0]
    let others = try (1...5).map { try TestValidator("v\($0)") }
    let four = [first] + others.prefix(3)
    let proposal = try chain.proposal(action(chain, four, quorum: 3, joining: four))
    let block = try chain.add([proposal.entry])
    #expect(
      try StoredCheckpoint(parsing: block.checkpoint.span).note.signatures.count == 2, "the old one cosigns")
    #expect(chain.state.roster.terms.validators.count == 4 && chain.state.roster.terms.since == 2)
    #expect(chain.state.roster.terms.former == [])
    let text = chain.state.roster.policyText(ledger: chain.ledgerID)
    #expect(text.contains("# blocks 2-\n") && text.contains("group all_validators 3 v0 v1 v2 v3"))
    chain.validators = four
    var how = Misbehaviour()
    (how.proposer, how.cosigners) = (2, [0, 1, 3])
    try chain.add([chain.statement().entry], how)
    // Two leave, one joins; v0 gets other keys.
    let renewed = try TestValidator("v0")
    let three = [renewed, others[2], others[4]]
    let next = try chain.proposal(action(chain, three, quorum: 2, joining: [renewed, others[4]]))
    try chain.add([next.entry])
    let terms = chain.state.roster.terms
    let gone = [first, others[0], others[1]]
    let keys = gone.flatMap {
      [$0.blockKey, $0.voteKey].map(\.publicKey) + [$0.validator.cosignerKey.publicKey]
    }
    #expect(terms.former == keys.map(\.thumbprint).sorted() && terms.since == 4)
    chain.validators = three
    try chain.add([chain.statement().entry])
    // Keys that were a validator's are no one's again.
    #expect(
      try verdict(
        chain, chain.proposal(action(chain, three + [others[0]], quorum: 3, joining: [others[0]])).entry)
        == .malformed)
    #expect(
      try verdict(
        chain,
        chain.proposal(.rotateKey(member: "m01", key: others[0].voteKey.publicKey, retires: [])).entry)
        == .malformed)
    // One is left, and needs no new key: it does not vote any more.
    try chain.add([chain.proposal(action(chain, [renewed], quorum: 1, joining: [])).entry])
    chain.validators = [renewed]
    try chain.add([chain.statement().entry])
    #expect(chain.state.roster.terms.former.count == 9 + 7)
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
    let items = try chain.state.roster.items.map { try CBOR(decoding: $0) }
    #expect(try Roster(items: items, inForceFrom: 7) == chain.state.roster)

    // A block that those before cosigned is not final.
    chain.validators = three
    var late = Misbehaviour()
    late.headerKey = renewed.blockKey
    try chain.add([chain.statement().entry], late)
    #expect(chain.audit().places.contains("unknown-signer 7/-"))
  }

  @Test(
    "who joins signs with each of its keys, at a checkpoint of the newest 1,000 blocks; nobody else signs")
  func joins() throws {
    var chain = try Chain(Consortium(members: 2, validators: 4, quorum: 3))
    let four = chain.validators
    let (fifth, stranger) = try (TestValidator("v4"), TestValidator("v4"))
    func code(_ validators: [TestValidator], _ quorum: Int, _ joins: [ValidatorJoin]) throws -> Refusal.Code?
    {
      let action = RosterChange.Action.setValidators(
        validators.map(\.validator), quorum: quorum, isCrashFaultsOnly: false, joins: joins)
      return try verdict(chain, chain.proposal(action).entry)
    }
    let good = try chain.join(fifth)
    #expect(try code(four + [fifth], 4, [good]) == nil)
    #expect(try code(four, 4, []) == nil, "the quorum alone changes")
    #expect(try code(four + [fifth], 3, [good]) == .unsafeQuorum)
    #expect(try code(four + [fifth], 6, [good]) == .threshold)
    #expect(try code(four + [fifth], 4, []) == .malformed)
    #expect(try code(four, 3, [good]) == .malformed)
    #expect(try code(four + [fifth], 4, [chain.join(four[0]), good]) == .malformed)
    #expect(try code(four + [fifth], 4, [chain.join(stranger)]) == .badSignature)
    let note = chain.blocks[0].checkpoint
    let checkpoint = try Checkpoint(parsing: SignedNote(parsing: note.span).text)
    for (block, vote, cosigner, expected) in [
      (stranger.blockKey, fifth.voteKey, fifth.cosigner, Refusal.Code.badSignature),
      (fifth.blockKey, stranger.voteKey, fifth.cosigner, .badSignature),
      (fifth.blockKey, fifth.voteKey, stranger.cosigner, .badSignature),
      (fifth.blockKey, nil, fifth.cosigner, .malformed),
    ] as [(PrivateKey, PrivateKey?, NoteSigner, Refusal.Code)] {
      let join = try ValidatorJoin(
        signedBy: "v4", at: checkpoint, of: chain.ledgerID, time: chain.now, blockKey: block, voteKey: vote,
        cosigner: cosigner)
      #expect(try code(four + [fifth], 4, [join]) == expected)
    }
    // For another ledger, at another root, at a tree that is no block's end, and at one that is too old.
    for (ledger, size, root, expected) in [
      (Digest.zero, checkpoint.size, checkpoint.root, Refusal.Code.badSignature),
      (chain.ledgerID, checkpoint.size, .zero, .unknownCheckpoint),
      (chain.ledgerID, 1, checkpoint.root, .unknownCheckpoint),
    ] {
      let join = try ValidatorJoin(
        signedBy: "v4", at: Checkpoint(origin: checkpoint.origin, size: size, root: root), of: ledger,
        time: chain.now, blockKey: fifth.blockKey, voteKey: fifth.voteKey, cosigner: fifth.cosigner)
      #expect(try code(four + [fifth], 4, [join]) == expected)
    }
    var trees = RecentTrees()
    for size in 1...UInt64(RecentTrees.most) { trees.note(size: size, root: .zero) }
    #expect(trees.contains(size: 1, root: .zero))
    trees.note(size: 5000, root: .zero)
    #expect(!trees.contains(size: 1, root: .zero) && trees.contains(size: 2, root: .zero))
    #expect(trees.contains(size: 5000, root: .zero))
    // A key stays with its validator, for its use.
    let (one, two) = (four[0].validator, four[1].validator)
    for (first, second) in [
      (
        Validator(name: "v0", blockKey: one.blockKey, voteKey: two.voteKey, cosignerKey: one.cosignerKey),
        Validator(name: "v1", blockKey: two.blockKey, voteKey: one.voteKey, cosignerKey: two.cosignerKey)
      ),
      (
        Validator(
          name: "v0", blockKey: try #require(one.voteKey), voteKey: one.blockKey, cosignerKey: one.cosignerKey
        ),
        two
      ),
    ] {
      let swapped = RosterChange.Action.setValidators(
        [first, second] + four[2...].map(\.validator), quorum: 3, isCrashFaultsOnly: false, joins: [])
      #expect(try verdict(chain, chain.proposal(swapped).entry) == .malformed)
    }
    let proposal = try chain.proposal(action(chain, four + [fifth], quorum: 4, joining: [fifth]), by: 1)
    #expect(try verdict(chain, proposal.entry) == .notAdministrator)
    // What takes a block beyond the bound of several validators is refused as long as there are several.
    #expect(
      try verdict(chain, chain.proposal(.setParameter(name: "block-bytes", value: 17 << 20)).entry)
        == .malformed)
    try chain.add([chain.proposal(action(chain, four + [fifth], quorum: 4, joining: [fifth])).entry])
    #expect(chain.audit().places == [])
  }

  @Test(
    "administrators change; what those who left approved counts no more, and a threshold that nobody meets is refused"
  )
  func administrators() throws {
    var chain = try Chain(Consortium(members: 4, administrators: 2, threshold: 2))
    let open = try chain.proposal(.removeMember("m03"), by: 1)
    try chain.add([open.entry])
    func code(_ members: [String], _ threshold: Int) throws -> Refusal.Code? {
      try verdict(chain, chain.proposal(.setAdministrators(members, threshold: threshold)).entry)
    }
    #expect(try code(["m00", "m02"], 1) == nil)
    #expect(try code(["m00", "m02"], 3) == .threshold)
    #expect(try code(["m00", "m02"], 0) == .threshold)
    #expect(try code(["m00", "nobody"], 1) == .unknownMember)
    #expect(try code([], 1) == .malformed)
    let change = try chain.proposal(.setAdministrators(["m00", "m02"], threshold: 1))
    try chain.add([change.entry])
    try chain.add([chain.countersign(change.id, by: 1).entry])
    #expect(chain.state.roster.terms.administrators == ["m00", "m02"])
    #expect(chain.state.proposals.pending[open.id] == nil, "its only approval is gone")
    #expect(
      try verdict(chain, chain.proposal(.removeMember("m03"), by: 1).entry) == .notAdministrator)
    try chain.add([chain.proposal(.removeMember("m03"), by: 2).entry])
    #expect(chain.state.roster.member("m03")?.isInForce(at: chain.state.height) == false)
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
  }

  @Test(
    "a member renews its own key: the old one signs, the new one proves possession, and administrators approve"
  )
  func renewal() throws {
    var chain = try Chain(Consortium(members: 3))
    let (old, new) = (chain.consortium.members[2].key, try PrivateKey(generating: .ed25519))
    func renewal(
      member: String = "m02", by issuer: Int = 2, ledger: Digest? = nil, signer: PrivateKey? = nil
    ) throws -> SignedStatement {
      let subject = RosterChange.possession(of: new.publicKey, by: member, on: ledger ?? chain.ledgerID)
      return try chain.proposal(
        .renewKey(
          member: member, key: new.publicKey, possession: (signer ?? new).signature(over: subject),
          retires: [old.publicKey.thumbprint]), by: issuer)
    }
    #expect(try verdict(chain, renewal(signer: PrivateKey(generating: .ed25519)).entry) == .badSignature)
    #expect(try verdict(chain, renewal(ledger: .zero).entry) == .badSignature)
    #expect(try verdict(chain, renewal(by: 1).entry) == .notAdministrator)
    #expect(try verdict(chain, renewal(by: 0).entry) == .notAdministrator, "nor an administrator for it")
    let proposal = try renewal()
    try chain.add([proposal.entry])
    let pending = try #require(chain.state.proposals.pending[proposal.id])
    #expect(pending.approvals == [])
    // A state that is read back holds it too.
    let again = try OpenProposal(decoding: OpenProposal(pending).encoded)
    #expect(again.approvals == [] && again.change == pending.change)
    let restored = try LedgerState(
      after: chain.blocks[1].header, leaf: chain.state.parent, of: chain.ledgerID, roster: chain.state.roster,
      open: [proposal.id: again], frontier: chain.state.frontier)
    #expect(restored.proposals.pending[proposal.id] == pending)
    // A removed administrator closes nothing that it never approved.
    try chain.add([chain.countersign(proposal.id, by: 0).entry])
    #expect(try verdict(chain, chain.statement(by: 2).entry) == .keyNotInForce)
    try chain.add([chain.statement(by: 2, key: new).entry])
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
  }

  @Test(
    "a revoked key ends, with a reason and a time; what it signed stays good, and a new one takes its place")
  func revocation() throws {
    var chain = try Chain(Consortium(members: 3))
    let (old, new) = (
      chain.consortium.members[2].key.publicKey.thumbprint, try PrivateKey(generating: .es256)
    )
    try chain.add([chain.statement(by: 2).entry])
    func revocation(
      _ key: Digest, member: String = "m02", reason: String = "laptop stolen", since: UInt64? = nil,
      _ next: PublicKey? = nil
    ) throws -> SignedStatement {
      try chain.proposal(
        .revokeKey(member: member, key: key, reason: reason, since: since, replacement: next))
    }
    #expect(try verdict(chain, revocation(.zero).entry) == .unknownKey)
    #expect(try verdict(chain, revocation(old, member: "m01").entry) == .unknownKey)
    #expect(try verdict(chain, revocation(old, member: "nobody").entry) == .unknownMember)
    #expect(try verdict(chain, revocation(old, reason: "").entry) == .malformed)
    #expect(
      try verdict(chain, revocation(old, reason: String(repeating: "x", count: 1025)).entry) == .malformed)
    #expect(try verdict(chain, revocation(old, since: chain.time + 1).entry) == .malformed)
    let administrator = chain.consortium.members[0].key.publicKey.thumbprint
    #expect(try verdict(chain, revocation(administrator, member: "m00").entry) == .threshold)
    try chain.add([revocation(old, since: chain.time - 5000, new.publicKey).entry])
    let member = try #require(chain.state.roster.member("m02"))
    #expect(member.keys.map(\.until) == [3, nil])
    #expect(member.keys[0].revocation == .init(reason: "laptop stolen", since: chain.time - 6000))
    #expect(try Member(member.cbor) == member)
    #expect(try verdict(chain, chain.statement(by: 2).entry) == .keyNotInForce)
    try chain.add([chain.statement(by: 2, key: new).entry])
    #expect(try verdict(chain, revocation(old).entry) == .unknownKey, "it was revoked before")
    // Without another key the member is out until it is added again.
    try chain.add([revocation(new.publicKey.thumbprint).entry])
    #expect(chain.state.roster.member("m02")?.isInForce(at: chain.state.height) == false)
    let back = try PrivateKey(generating: .es256)
    try chain.add([
      chain.proposal(
        .addMember(id: "m02", name: member.name, roles: [], keys: [back.publicKey])
      ).entry
    ])
    try chain.add([chain.statement(by: 2, key: back).entry])
    #expect(chain.state.roster.member("m02")?.keys.map { $0.revocation != nil } == [true, true, false])
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
    let spoilt = try Member(
      id: "m02", name: member.name, roles: [],
      keys: [MemberKey(new.publicKey, from: 0, revocation: .init(reason: "x", since: nil))])
    #expect(try refusal { try Member(spoilt.cbor) } == .malformed, "a revoked key ends")
  }

  @Test("these changes have one payload each, which is read back as the same change")
  func roundTrip() throws {
    let chain = try Chain(Consortium(members: 2, validators: 4, quorum: 3))
    let fifth = try TestValidator("v4")
    let key = try PrivateKey(generating: .ed25519).publicKey
    let actions: [RosterChange.Action] = [
      .renewKey(member: "a", key: key, possession: Array(repeating: 1, count: 64), retires: [.zero]),
      .revokeKey(member: "a", key: .zero, reason: "因失窃", since: 5, replacement: key),
      .revokeKey(member: "a", key: .zero, reason: "x", since: nil, replacement: nil),
      .setAdministrators(["a", "b"], threshold: 2),
      .setValidators(
        (chain.validators + [fifth]).map(\.validator), quorum: 4, isCrashFaultsOnly: true,
        joins: [try chain.join(fifth)]),
      .setValidators([fifth.alone], quorum: 1, isCrashFaultsOnly: false, joins: []),
      .setLogKey(chain.log.verifierKey, possession: Array(repeating: 2, count: 64)),
    ]
    for action in actions {
      let change = RosterChange(of: .zero, action)
      let again = try #require(try RosterChange(contentType: change.contentType, payload: change.payload))
      #expect(again == change && again.payload == change.payload)
    }
    let unsorted = CBOR.map([
      "roster": .bytes(Digest.zero.bytes), "members": ["b", "a"], "threshold": 1,
    ]).encoded
    #expect(
      try refusal { try RosterChange(contentType: Kind.setAdministrators, payload: unsorted) } == .malformed)
  }
}
