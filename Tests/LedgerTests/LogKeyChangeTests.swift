import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("Changes of the log key")
struct LogKeyChangeTests {
  /// A log key with its private half.
  private struct LogKey {
    let key: PrivateKey
    let signer: NoteSigner

    init() throws {
      key = try PrivateKey(generating: .ed25519)
      signer = try NoteSigner(name: Consortium.origin, type: .ed25519, key: key)
    }
  }

  /// The change to `key`, which proves possession unless something else is given.
  private func change(
    _ chain: Chain, _ key: PrivateKey, name: String = Consortium.origin, type: NoteSignatureType = .ed25519,
    signer: PrivateKey? = nil, subject: [UInt8]? = nil
  ) throws -> RosterChange.Action {
    let subject = subject ?? RosterChange.possession(ofLogKey: key.publicKey, on: chain.ledgerID)
    return .setLogKey(
      try NoteVerifierKey(name: name, type: type, publicKey: key.publicKey),
      possession: try (signer ?? key).signature(over: subject))
  }

  private func policy(_ chain: Chain, last: UInt64? = nil) throws -> Policy {
    let text = chain.state.roster.policyText(ledger: chain.ledgerID, last: last)
    return try Policy(parsing: Array(text.utf8).span)
  }

  @Test(
    "the block that decides the change is signed with the old key, later ones with the new; each has a policy of its own"
  )
  func inForce() throws {
    var chain = try Chain(Consortium(members: 3, administrators: 2, threshold: 2))
    let (old, new) = (chain.log.verifierKey, try LogKey())
    try chain.add([chain.statement().entry])
    let founders = try policy(chain)
    let proposal = try chain.proposal(change(chain, new.key))
    try chain.add([proposal.entry])
    try chain.add([chain.countersign(proposal.id, by: 1).entry])
    let terms = chain.state.roster.terms
    #expect(terms.logKey == new.signer.verifierKey && terms.since == 4)
    #expect(terms.former == [old.publicKey.thumbprint])
    #expect(chain.audit().places == [])

    var late = chain
    try late.add([late.statement().entry], Misbehaviour())
    #expect(late.audit().places == ["unknown-signer 4/-"])
    chain.log = new.signer
    var early = Misbehaviour()
    early.checkpointSigner = new.signer
    var other = try Chain(chain.consortium)
    try other.add([other.statement().entry], early)
    #expect(other.audit().places == ["unknown-signer 1/-"])
    let record = chain.size
    try chain.add([chain.statement().entry])
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
    let items = try chain.state.roster.items.map { try CBOR(decoding: $0) }
    #expect(try Roster(items: items, inForceFrom: 5) == chain.state.roster)

    let present = try policy(chain)
    #expect(present.logs.map(\.key) == [new.signer.verifierKey] && present.blocks == Policy.Blocks(4, nil))
    _ = try chain.proof(of: 2).check(founders)
    _ = try chain.proof(of: record).check(present)
    for (index, policy) in [(record, founders), (2, present)] {
      let error = #expect(throws: ProofError.self) { try chain.proof(of: index).check(policy) }
      #expect(error?.code == .policy && error?.description.contains("log key") == true)
    }
  }

  @Test("a log key is the ledger's own, proves possession, and is used once, ever")
  func refusals() throws {
    var chain = try Chain(Consortium(members: 3))
    let (first, second) = try (LogKey(), LogKey())
    func code(_ action: RosterChange.Action, by issuer: Int = 0) throws -> Refusal.Code? {
      try verdict(chain, chain.proposal(action, by: issuer).entry)
    }
    let good = try change(chain, first.key)
    #expect(try code(good) == nil)
    #expect(try code(good, by: 1) == .notAdministrator)
    #expect(try code(change(chain, first.key, signer: second.key)) == .badSignature)
    for subject in [
      RosterChange.possession(ofLogKey: first.key.publicKey, on: .zero),
      RosterChange.possession(of: first.key.publicKey, by: "m00", on: chain.ledgerID),
    ] {
      #expect(try code(change(chain, first.key, subject: subject)) == .badSignature)
    }
    #expect(try code(change(chain, first.key, name: "other.example/test")) == .malformed)
    #expect(try code(change(chain, first.key, type: .cosignature)) == .malformed)
    #expect(try code(change(chain, chain.validators[0].blockKey)) == .malformed)
    #expect(try code(change(chain, chain.consortium.members[1].key)) == .malformed)
    let proposal = try chain.proposal(good)
    let rival = try chain.proposal(change(chain, second.key))
    #expect(try verdict(chain, rival.entry, after: [proposal.entry]) == .proposalVoid)

    try chain.add([proposal.entry])
    chain.log = first.signer
    #expect(try code(change(chain, first.key)) == .malformed, "it is the log key already")
    try chain.add([chain.proposal(change(chain, second.key)).entry])
    chain.log = second.signer
    #expect(try code(change(chain, first.key)) == .malformed, "it was the log key")
    for key in [first.key, second.key] {
      let rotation = RosterChange.Action.rotateKey(member: "m01", key: key.publicKey, retires: [])
      #expect(try code(rotation) == .malformed)
    }
    try chain.add([chain.statement().entry])
    #expect(chain.state.roster.terms.former.count == 2)
    #expect(chain.audit().places == [])
    let spelled = CBOR.map([
      "roster": .bytes(Digest.zero.bytes), "log": .text("\(first.signer.verifierKey)="),
      "possession": .bytes(Array(repeating: 1, count: 64)),
    ]).encoded
    #expect(try refusal { try RosterChange(contentType: Kind.setLogKey, payload: spelled) } == .malformed)
  }

  @Test("validators and log key change in one block, and both hold from the next")
  func together() throws {
    var chain = try Chain(Consortium(members: 2, validators: 4, quorum: 3))
    let new = try LogKey()
    let quorum = RosterChange.Action.setValidators(
      chain.validators.map(\.validator), quorum: 4, isCrashFaultsOnly: false, joins: [])
    try chain.add([chain.proposal(change(chain, new.key)).entry, chain.proposal(quorum).entry])
    let terms = chain.state.roster.terms
    #expect(terms.logKey == new.signer.verifierKey && terms.quorum == 4 && terms.since == 2)
    chain.log = new.signer
    try chain.add([chain.statement().entry])
    #expect(chain.audit().places == [])
  }
}
