import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("Founding")
struct FoundingTests {
  let consortium: Consortium

  init() throws { consortium = try Consortium(members: 3, validators: 2) }

  /// The code with which a founding statement of these is refused.
  func code(
    _ payload: CBOR, by issuer: String = "m00", key: PrivateKey? = nil, audience: Digest? = nil,
    type: String = Kind.found
  ) throws -> Refusal.Code? {
    let claims = Claims(
      issuer: issuer, audience: audience, issuedAt: Chain.founded, tokenID: freshTokenID())
    let statement = try StatementDraft(contentType: type, claims: claims, payload: payload.encoded)
      .signed(by: key ?? consortium.members[0].key)
    return try refusal { try Founding.state(of: statement) }
  }

  func payload(terms: CBOR? = nil, members: [CBOR]? = nil) -> CBOR {
    let roster = consortium.roster
    return [
      "terms": terms ?? roster.terms.cbor, "members": .array(members ?? roster.members.map(\.cbor)),
    ]
  }

  @Test("the state before block 0 is of the ledger that is the statement's leaf hash")
  func founded() throws {
    let statement = try Founding.statement(
      consortium.roster, administrator: "m00", key: consortium.members[0].key, issuedAt: 5,
      tokenID: freshTokenID())
    let state = try Founding.state(of: statement)
    #expect(state.ledgerID == leafHash(statement.entry))
    #expect(state.roster == consortium.roster)
    #expect(state.roster.items == consortium.roster.items)
    #expect(state.height == 0)
    #expect(state.parent == .zero)
    #expect(state.parentTime == nil)
    #expect(state.frontier == Frontier())
    #expect(statement.claims?.audience == nil)
  }

  @Test("an administrator signs, with a key of its own")
  func signer() throws {
    #expect(try code(payload()) == nil)
    #expect(try code(payload(), by: "m01", key: consortium.members[1].key) == .notAdministrator)
    #expect(try code(payload(), by: "stranger") == .notAdministrator)
    #expect(try code(payload(), key: consortium.members[1].key) == .unknownKey)
    #expect(try code(payload(), key: consortium.validators[0].blockKey) == .unknownKey)
    #expect(try code(payload(), key: PrivateKey(generating: .es256)) == .unknownKey)
    #expect(throws: Refusal.self) {
      try Founding.statement(
        consortium.roster, administrator: "m01", key: consortium.members[1].key, issuedAt: 5,
        tokenID: freshTokenID())
    }
  }

  @Test("another type, an audience, or no claims is no founding")
  func otherStatements() throws {
    #expect(try code(payload(), audience: .zero) == .malformed)
    #expect(try code(payload(), type: "text/plain") == .malformed)
    #expect(try code(payload(), type: "application/vnd.zheng.Consortium.found+cbor") == .malformed)
    let claimless = try StatementDraft(contentType: Kind.found, claims: nil, payload: payload().encoded)
      .signed(by: consortium.members[0].key)
    #expect(try refusal { try Founding.state(of: claimless) } == .malformed)
  }

  @Test("a payload of another shape is malformed")
  func shape() throws {
    let members = consortium.roster.members.map(\.cbor)
    #expect(try code(.null) == .malformed)
    #expect(try code(["terms": consortium.roster.terms.cbor]) == .malformed)
    #expect(try code(["terms": consortium.roster.terms.cbor, "members": [], "more": 1]) == .malformed)
    #expect(try code(payload(terms: .null)) == .malformed)
    #expect(try code(payload(terms: members[0])) == .malformed)
    #expect(try code(payload(members: [])) == .malformed)
    #expect(try code(payload(members: [.null])) == .malformed)
    #expect(try code(payload(members: members.reversed())) == .malformed)
    #expect(try code(payload(members: [members[0], members[0]])) == .malformed)
    #expect(try code(payload(members: [members[1], members[2]])) == .malformed, "without the administrator")
    let trailing = try StatementDraft(
      contentType: Kind.found,
      claims: Claims(issuer: "m00", audience: nil, issuedAt: 5, tokenID: freshTokenID()),
      payload: payload().encoded + [0]
    ).signed(by: consortium.members[0].key)
    #expect(try refusal { try Founding.state(of: trailing) } == .malformed)
  }

  @Test("every key simply holds from height 0")
  func keyHeights() throws {
    for (from, until) in [(UInt64(1), nil), (0, 5), (0, UInt64.max)] as [(UInt64, UInt64?)] {
      let old = consortium.roster.members[2]
      let member = try Member(
        id: old.id, name: old.name, roles: old.roles,
        keys: [MemberKey(old.keys[0].key, from: from, until: until)])
      let members = consortium.roster.members.prefix(2).map(\.cbor) + [member.cbor]
      #expect(try code(payload(members: members)) == .malformed)
    }
  }

  @Test("a quorum or threshold that can't be met is refused")
  func thresholds() throws {
    guard case .map(let map) = consortium.roster.terms.cbor else { return }
    for (key, value) in [
      ("quorum", CBOR.unsigned(3)), ("quorum", 0),
      ("administrators", ["members": ["m00"], "threshold": 2]),
      ("administrators", ["members": ["m00"], "threshold": .unsigned(.max)]),
    ] as [(String, CBOR)] {
      let pairs = map.pairs.map { ($0.key, $0.key == .text(key) ? value : $0.value) }
      #expect(try code(payload(terms: .map(CBORMap(pairs)))) == .threshold)
    }
  }

  @Test("a roster that does not fit into one entry can't found a ledger")
  func tooLarge() throws {
    let many = try Consortium(members: 99, algorithms: [.es256])
    var parts = try many.parts
    parts.members = try parts.members.map {
      try Member(
        id: $0.id, name: LocalizedName(zh: String(repeating: "字", count: 66), en: nil)!,
        roles: (10..<26).map { "\($0)" + String(repeating: "r", count: 60) }, keys: $0.keys)
    }
    let roster = try parts.roster()
    do {
      _ = try Founding.statement(
        roster, administrator: "m00", key: many.members[0].key, issuedAt: 5, tokenID: freshTokenID())
      Issue.record("accepted")
    } catch let error as StatementError {
      #expect(error.code == .tooLarge)
    }
  }

  @Test("a founding statement that was signed badly is refused with its block")
  func badSignature() throws {
    let good = try Founding.statement(
      consortium.roster, administrator: "m00", key: consortium.members[0].key, issuedAt: Chain.founded,
      tokenID: freshTokenID())
    var entry = good.entry
    entry[entry.count - 1] ^= 1
    let state = try Founding.state(of: SignedStatement(decoding: entry))
    var checker = EntryChecker()
    var hasher = TreeHasher()
    var registry = MemoryRegistry()
    var block = BlockInProgress(upon: state, time: Chain.founded * 1000, rules: [])
    let checked = checker.check(entry.span, keys: state.roster.keys)
    #expect(throws: Refusal.self) {
      try block.admit(checked, entry.span, earlier: &registry, using: &hasher)
    }
  }
}
