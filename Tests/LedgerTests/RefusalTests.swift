import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

/// What judging `entry` in an open block gives: nil where it is accepted. Sees to it that a refusal leaves nothing behind.
func verdict(
  _ chain: Chain, _ entry: [UInt8], after earlier: [[UInt8]] = [], time: UInt64? = nil,
  keys: [Digest: PublicKey]? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Refusal.Code? {
  var checker = EntryChecker()
  var hasher = TreeHasher()
  var block = chain.open(time: time)
  var registry = chain.registry
  for entry in earlier {
    try block.admit(
      checker.check(entry.span, keys: chain.state.roster.keys), entry.span, earlier: &registry, using: &hasher
    )
  }
  let checked = checker.check(entry.span, keys: keys ?? chain.state.roster.keys)
  var before = block
  let known = registry
  do {
    try block.admit(checked, entry.span, earlier: &registry, using: &hasher)
    #expect(block.nextIndex == before.nextIndex + 1, sourceLocation: sourceLocation)
    return nil
  } catch {
    #expect(!error.reason.isEmpty, sourceLocation: sourceLocation)
    #expect(block.state.dump == before.state.dump, sourceLocation: sourceLocation)
    #expect(block.state.frontier == before.state.frontier, sourceLocation: sourceLocation)
    #expect(block.statementCount == before.statementCount, sourceLocation: sourceLocation)
    #expect(block.byteCount == before.byteCount, sourceLocation: sourceLocation)
    #expect(registry == known, sourceLocation: sourceLocation)
    // An adopted roster is not in the state before the block is closed, so the blocks are closed and compared.
    block.endStatements()
    before.endStatements()
    let header = try block.header(state: .zero, using: &hasher).signed(
      by: chain.consortium.validators[0].blockKey)
    let last = checker.check(header.span, keys: chain.state.roster.keys)
    let after = block.close(last, header.span, state: nil, using: &hasher).state.dump
    let without = before.close(last, header.span, state: nil, using: &hasher).state.dump
    #expect(after == without, sourceLocation: sourceLocation)
    return error.code
  }
}

@Suite("The refusals of the core")
struct RefusalTests {
  let chain: Chain

  init() throws { chain = try Chain(Consortium(members: 4, administrators: 2, threshold: 2)) }

  @Test("a good statement of each algorithm is accepted")
  func accepted() throws {
    #expect(try verdict(chain, chain.statement(by: 1).entry) == nil)
    #expect(try verdict(chain, chain.statement(by: 2).entry) == nil)
    #expect(try verdict(chain, chain.statement(by: 2, []).entry) == nil)
  }

  @Test("what does not decode is malformed")
  func malformed() throws {
    let good = try chain.statement().entry
    #expect(try verdict(chain, []) == .malformed)
    #expect(try verdict(chain, [0xff]) == .malformed)
    #expect(try verdict(chain, good + [0]) == .malformed)
    #expect(try verdict(chain, good.dropLast()) == .malformed)
    var untagged = good
    untagged[0] = 0xd3
    #expect(try verdict(chain, untagged) == .malformed)
  }

  @Test("a header among the statements is malformed, by its type or by having no claims")
  func headerAmongStatements() throws {
    var hasher = TreeHasher()
    let header = try chain.open().header(state: .zero, using: &hasher).signed(
      by: chain.consortium.validators[0].blockKey)
    #expect(try verdict(chain, header) == .malformed)
    let claimless = try StatementDraft(contentType: "text/plain", claims: nil, payload: [])
      .signed(by: chain.consortium.members[1].key)
    #expect(try verdict(chain, claimless.entry) == .malformed)
    let claiming = try chain.statement(
      by: 1, chain.open().header(state: .zero, using: &hasher).payload, type: Kind.block)
    #expect(try verdict(chain, claiming.entry) == .unknownKind)
  }

  @Test("an algorithm that does not fit the key is malformed, one that nobody knows too")
  func algorithm() throws {
    let key = chain.consortium.members[1].key
    let claims = Claims(
      issuer: "m01", audience: chain.ledgerID, issuedAt: chain.now, tokenID: freshTokenID())
    let draft = StatementDraft(contentType: "text/plain", claims: claims, payload: [1])
    let (fitting, other): (SignatureAlgorithm, SignatureAlgorithm) = (.ed25519, .esp256)
    #expect(key.publicKey.algorithm == .ed25519)
    let thumbprint = key.publicKey.thumbprint
    #expect(try verdict(chain, draft.signed(by: key, as: fitting, keyID: thumbprint).entry) == nil)
    #expect(try verdict(chain, draft.signed(by: key, as: other, keyID: thumbprint).entry) == .malformed)
    var unknown = try draft.signed(by: key).entry
    let place = try #require(unknown.firstIndex(of: 0x27))
    unknown[place] = 0x28 + 3
    #expect(try verdict(chain, unknown) == .malformed)
  }

  @Test("65,535 bytes fit, 65,536 are too large")
  func tooLarge() throws {
    let around = try chain.statement(by: 1, [UInt8](repeating: 7, count: 60_000)).entry.count - 60_000
    let largest = try chain.statement(by: 1, [UInt8](repeating: 7, count: 65_535 - around)).entry
    #expect(largest.count == 65_535)
    #expect(try verdict(chain, largest) == nil)
    #expect(try verdict(chain, largest + [0]) == .tooLarge)
  }

  @Test("an issuer outside the roster is an unknown member, whoever's key signs")
  func unknownMember() throws {
    #expect(try verdict(chain, chain.statement(by: 1, name: "stranger").entry) == .unknownMember)
    let stranger = try PrivateKey(generating: .es256)
    #expect(try verdict(chain, chain.statement(name: "stranger", key: stranger).entry) == .unknownMember)
    #expect(try verdict(chain, chain.statement(by: 1, name: "M01").entry) == .unknownMember)
    #expect(try verdict(chain, chain.statement(by: 1, name: "v0").entry) == .unknownMember)
  }

  @Test("a key that is not the issuer's is unknown: a stranger's, another member's, a validator's")
  func unknownKey() throws {
    let stranger = try PrivateKey(generating: .es256)
    #expect(try verdict(chain, chain.statement(by: 1, key: stranger).entry) == .unknownKey)
    let other = chain.consortium.members[2].key
    #expect(try verdict(chain, chain.statement(by: 1, key: other).entry) == .unknownKey)
    #expect(try verdict(chain, chain.statement(by: 2, name: "m01").entry) == .unknownKey)
    let blockKey = chain.consortium.validators[0].blockKey
    #expect(try verdict(chain, chain.statement(by: 1, key: blockKey).entry) == .unknownKey)
  }

  @Test("a kid of the issuer over another key's signature is a bad signature, as is each flipped bit of it")
  func badSignature() throws {
    let (first, second) = (chain.consortium.members[0].key, chain.consortium.members[2].key)
    let claims = Claims(
      issuer: "m00", audience: chain.ledgerID, issuedAt: chain.now, tokenID: freshTokenID())
    let forged = try StatementDraft(contentType: "text/plain", claims: claims, payload: [1])
      .signed(by: second, as: .es256, keyID: first.publicKey.thumbprint)
    #expect(try verdict(chain, forged.entry) == .badSignature)
    let good = try chain.statement(by: 1)
    for place in good.view.signature {
      var entry = good.entry
      entry[place] ^= 1
      #expect(try verdict(chain, entry) == .badSignature)
    }
    var payload = good.entry
    payload[good.view.payload.lowerBound] ^= 1
    #expect(try verdict(chain, payload) == .badSignature)
  }

  @Test("a signature is judged by the roster even where the checker had not heard of the key")
  func lateKey() throws {
    let good = try chain.statement(by: 1).entry
    #expect(try verdict(chain, good, keys: [:]) == nil)
    var bad = good
    bad[bad.count - 1] ^= 1
    #expect(try verdict(chain, bad, keys: [:]) == .badSignature)
  }

  @Test("another ledger's statement, and one for no ledger, are of the wrong ledger, signed well or not")
  func wrongLedger() throws {
    let other = try Chain(chain.consortium)
    #expect(try verdict(chain, other.statement().entry) == .wrongLedger)
    #expect(try verdict(chain, chain.statement(audience: .some(nil)).entry) == .wrongLedger)
    #expect(try verdict(chain, chain.founding.entry) == .wrongLedger)
    var bad = try other.statement().entry
    bad[bad.count - 1] ^= 1
    #expect(try verdict(chain, bad) == .wrongLedger)
  }

  @Test("the same statement twice is a duplicate: in one block, in a later one, and under another signature")
  func duplicate() throws {
    var chain = chain
    let statement = try chain.statement(by: 0, [5])
    #expect(try verdict(chain, statement.entry, after: [statement.entry]) == .duplicate)
    try chain.add([statement.entry])
    #expect(try verdict(chain, statement.entry) == .duplicate)
    try chain.add([])
    #expect(try verdict(chain, statement.entry) == .duplicate)
    // ES256 signatures are not unique: the same statement signed again is the same statement.
    let again = try StatementDraft(
      contentType: statement.contentType, claims: statement.claims, payload: statement.payload
    ).signed(by: chain.consortium.members[0].key)
    #expect(again.entry != statement.entry)
    #expect(try verdict(chain, again.entry) == .duplicate)
    let claims = try #require(statement.claims)
    let other = try chain.statement(by: 0, [5], at: claims.issuedAt, tokenID: freshTokenID())
    #expect(try verdict(chain, other.entry) == nil)
  }

  @Test("a refused statement is no duplicate of itself when it comes again")
  func refusedIsForgotten() throws {
    let early = try chain.statement(by: 1, at: chain.now + 100)
    #expect(try verdict(chain, early.entry) == .afterBlockTime)
    #expect(try verdict(chain, early.entry, time: chain.time + 100_000) == nil)
  }

  @Test("a resent statement is a duplicate even when it is stale or its key has ended")
  func duplicateFirst() throws {
    var chain = chain
    let statement = try chain.statement(by: 3)
    let unseen = try chain.statement(by: 3)
    try chain.add([statement.entry])
    let late = chain.time + 31 * 86_400_000
    #expect(try verdict(chain, statement.entry, time: late) == .duplicate)
    #expect(try verdict(chain, unseen.entry, time: late) == .stale)
    let proposal = try chain.proposal(.removeMember("m03"))
    try chain.add([proposal.entry, chain.countersign(proposal.id, by: 1).entry])
    #expect(try verdict(chain, statement.entry) == .duplicate)
    #expect(try verdict(chain, unseen.entry) == .keyNotInForce)
    #expect(try verdict(chain, unseen.entry, time: late) == .keyNotInForce)
  }

  @Test("a claimed time may lie as far after the block's as the allowed drift, to the ms")
  func afterBlockTime() throws {
    let statement = try chain.statement(by: 1, at: chain.now + 100).entry
    let issued = (chain.now + 100) * 1000
    #expect(try verdict(chain, statement, time: issued - 60_000) == nil)
    #expect(try verdict(chain, statement, time: issued - 60_001) == .afterBlockTime)
    let none = try Chain(Consortium(parameters: ["allowed-drift-ms": 0]))
    let exact = try none.statement(by: 1, at: none.now + 5).entry
    #expect(try verdict(none, exact, time: (none.now + 5) * 1000) == nil)
    #expect(try verdict(none, exact, time: (none.now + 5) * 1000 - 1) == .afterBlockTime)
    let latest = try chain.statement(by: 1, at: 1 << 40).entry
    #expect(try verdict(chain, latest) == .afterBlockTime)
  }

  @Test("a claimed time may lie as far before the block's as the statement window, to the ms")
  func stale() throws {
    let window: UInt64 = 60
    let chain = try Chain(Consortium(parameters: ["statement-window": window]))
    let issuedAt = chain.now + 1
    let statement = try chain.statement(by: 1, at: issuedAt).entry
    #expect(try verdict(chain, statement, time: (issuedAt + window) * 1000) == nil)
    #expect(try verdict(chain, statement, time: (issuedAt + window) * 1000 + 1) == .stale)
    #expect(try verdict(chain, chain.statement(by: 1, at: 0).entry) == .stale)
  }

  @Test(
    "no block of a later time than its exp records a statement, to the ms; one that is recorded is a duplicate all the same"
  )
  func expired() throws {
    var chain = chain
    let party = chain.consortium.members[1]
    func statement(_ expiresAt: UInt64) throws -> [UInt8] {
      let claims = Claims(
        issuer: party.id, audience: chain.ledgerID, expiresAt: expiresAt, issuedAt: chain.now,
        tokenID: freshTokenID())
      return try StatementDraft(contentType: "a/b", claims: claims, payload: []).signed(by: party.key).entry
    }
    let expiresAt = chain.now + 10
    let entry = try statement(expiresAt)
    #expect(try verdict(chain, entry, time: expiresAt * 1000) == nil)
    #expect(try verdict(chain, entry, time: expiresAt * 1000 + 1) == .stale)
    #expect(try verdict(chain, statement(0)) == .stale)
    #expect(try verdict(chain, statement(1 << 40)) == nil)
    try chain.add([entry])
    #expect(try verdict(chain, entry, time: expiresAt * 1000 + 1) == .duplicate)
    var how = Misbehaviour()
    how.admitsAll = true
    try chain.add([try statement(chain.now - 1)], how)
    #expect(chain.audit().places == ["refused(stale) 2/\(chain.blocks[2].first)"])
  }

  @Test("a block time beyond what a header may say refuses and does not trap")
  func farTime() throws {
    let statement = try chain.statement(by: 1).entry
    var checker = EntryChecker()
    var hasher = TreeHasher()
    var registry = MemoryRegistry()
    var block = chain.open(time: .max)
    #expect(throws: Refusal.self) {
      try block.admit(
        checker.check(statement.span, keys: chain.state.roster.keys), statement.span, earlier: &registry,
        using: &hasher)
    }
  }

  @Test(
    "a reserved type that no rule knows is an unknown kind, in any letter case",
    arguments: [
      "application/vnd.zheng.evidence.unheard+cbor", "application/vnd.zheng.x", "Application/Vnd.Zheng.x",
      "APPLICATION/VND.ZHENG.COUNTERSIGN+CBOR", "application/vnd.zheng.Countersign+cbor",
      "application/vnd.zheng.countersign+cbor;v=1", "application/vnd.zheng.consortium.found+cbor",
      "application/vnd.zheng.block+cbor", "application/VND.ZHENG.consortium.add-member+cbor",
    ])
  func unknownKind(type: String) throws {
    let statement = try chain.statement(by: 0, type: type)
    #expect(try verdict(chain, statement.entry) == .unknownKind)
  }

  @Test(
    "a type that only looks like a reserved one is plain",
    arguments: ["application/vnd.zheng", "application/vnd.zhengx.y", "text/vnd.zheng.x", "a/b"])
  func plainType(type: String) throws {
    #expect(try verdict(chain, chain.statement(by: 0, type: type).entry) == nil)
  }

  @Test("without a rule set that covers it a plain record is of an unknown kind")
  func noRules() throws {
    let bare = try Chain(chain.consortium, rules: [])
    #expect(try verdict(bare, bare.statement().entry) == .unknownKind)
  }

  @Test("a rule set's own refusal comes through, and leaves nothing behind")
  func ruleSet() throws {
    struct NoSecrets: RuleSet {
      func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool { !isReserved }
      func judge(
        _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
      ) throws(Refusal) -> [StateChange] {
        guard statement.issuer.id == "m01", statement.view.payload.count < 4 else {
          throw Refusal(.init(rawValue: "secret"), "at block time \(statement.blockTime)")
        }
        return []
      }
    }
    let strict = try Chain(chain.consortium, rules: [NoSecrets(), PlainRecords()])
    #expect(try verdict(strict, strict.statement(by: 1).entry) == nil)
    #expect(try verdict(strict, strict.statement(by: 2).entry) == .init(rawValue: "secret"))
    #expect(try verdict(strict, strict.statement(by: 1, [1, 2, 3, 4]).entry) == .init(rawValue: "secret"))
  }

  @Test("only the statement that founds the ledger is taken as entry 0")
  func otherFounding() throws {
    let other = try Founding.statement(
      chain.consortium.roster, administrator: "m00", key: chain.consortium.members[0].key,
      issuedAt: Chain.founded, tokenID: freshTokenID())
    let plain = try chain.statement(audience: .some(nil))
    for (entry, expected) in [
      (chain.founding.entry, nil), (other.entry, Refusal.Code.wrongLedger), (plain.entry, .wrongLedger),
    ] {
      var checker = EntryChecker()
      var hasher = TreeHasher()
      var registry = MemoryRegistry()
      var block = BlockInProgress(
        upon: chain.foundingState, time: Chain.founded * 1000, rules: [PlainRecords()])
      let checked = checker.check(entry.span, keys: chain.consortium.roster.keys)
      var code: Refusal.Code?
      do throws(Refusal) {
        try block.admit(checked, entry.span, earlier: &registry, using: &hasher)
      } catch { code = error.code }
      #expect(code == expected)
      #expect(registry == MemoryRegistry())
    }
  }

  @Test("a record names 64 digests at most; a statement about the roster may name more")
  func digests() throws {
    for (count, code) in [(64, Refusal.Code.unknownKind), (65, .tooLarge)] {
      let names = CBOR.array((0..<count).map { .bytes(SHA256.digest(of: [UInt8($0)]).bytes) }).encoded
      let type = "application/vnd.zheng.x+cbor"
      #expect(try verdict(chain, chain.statement(by: 1, names, type: type).entry) == code)
    }
    // Each ES256 key has two coordinates of 32 bytes.
    let many = try Chain(Consortium(members: 40, algorithms: [.es256]))
    #expect(many.audit().places == [])
  }
}
