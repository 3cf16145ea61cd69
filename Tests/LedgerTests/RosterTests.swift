import Ledger
import LedgerCrypto
import Statements
import Testing
import TestKit
import TransparencyLog

/// The code with which `make` refuses, or nil where it does not.
func refusal<T>(_ make: () throws -> T) throws -> Refusal.Code? {
  do {
    _ = try make()
    return nil
  } catch let refusal as Refusal {
    return refusal.code
  }
}

@Suite("A roster")
struct RosterTests {
  let consortium: Consortium

  init() throws { consortium = try Consortium(members: 6, validators: 3, administrators: 3, threshold: 2) }

  @Test("the root does not depend on the order in which members, roles and administrators are given")
  func deterministic() throws {
    var parts = try consortium.parts
    parts.administrators = ["m00", "m01", "m02"]
    parts.members = try parts.members.map {
      try Member(id: $0.id, name: $0.name, roles: ["b", "a", "x-writer"], keys: $0.keys)
    }
    let root = try parts.roster().root
    for _ in 0..<20 {
      var shuffled = parts
      shuffled.members = try shuffled.members.shuffled().map {
        try Member(id: $0.id, name: $0.name, roles: $0.roles.shuffled(), keys: $0.keys)
      }
      shuffled.administrators.shuffle()
      let roster = try shuffled.roster()
      #expect(roster.root == root)
      #expect(try roster == parts.roster())
      #expect(roster.members.map(\.id) == roster.members.map(\.id).sorted())
    }
    parts.members.swapAt(0, 1)
    parts.validators.swapAt(0, 1)
    #expect(try parts.roster().root != root, "the order of validators is that of cosignatures")
  }

  @Test("the root is the RFC 6962 root over the items, and each item can be proven alone")
  func itemsTree() throws {
    var hasher = TreeHasher()
    let roster = consortium.roster
    let leaves = roster.items.map { leafHash($0) }
    #expect(roster.items.count == 7)
    #expect(roster.root == Merkle.root(of: leaves, using: &hasher))
    let tree = MemoryTree(leaves: leaves, using: &hasher)
    for member in roster.members {
      let index = try #require(roster.itemIndex(of: member.id))
      #expect(try Member(CBOR(decoding: roster.items[index])) == member)
      let proof = try InclusionProof(index: UInt64(index), size: 7, from: tree, using: &hasher)
      try proof.verify(leaf: leaves[index], root: roster.root, using: &hasher)
    }
    #expect(roster.itemIndex(of: "nobody") == nil)
  }

  @Test("items are read back as the same roster")
  func roundTrip() throws {
    let items = try consortium.roster.items.map { try CBOR(decoding: $0) }
    let again = try Roster(items: items, inForceFrom: 0)
    #expect(again == consortium.roster)
    #expect(again.items == consortium.roster.items)
    #expect(again.keys == consortium.roster.keys)
    #expect(again.terms == consortium.roster.terms)
    #expect(again.members == consortium.roster.members)
  }

  @Test("items out of order, twice, missing or of another kind are refused")
  func badItems() throws {
    let items = try consortium.roster.items.map { try CBOR(decoding: $0) }
    let variants: [[CBOR]] = [
      [], Array(items.prefix(1)), Array(items.dropFirst()), [items[0], items[2], items[1]],
      [items[0], items[1], items[1]], items + [items[0]], [items[0], .null],
    ]
    for variant in variants {
      #expect(try refusal { try Roster(items: variant, inForceFrom: 0) } == .malformed)
    }
  }

  @Test("its keys are the members' and the block keys, and not the log's or the cosigners'")
  func directory() throws {
    let expected =
      consortium.members.map(\.key.publicKey) + consortium.validators.map(\.blockKey.publicKey)
    #expect(Set(consortium.roster.keys.values) == Set(expected))
    for key in expected { #expect(consortium.roster.keys[key.thumbprint] == key) }
    for validator in consortium.validators {
      #expect(consortium.roster.proposer(validator.blockKey.publicKey.thumbprint) == validator.validator)
    }
    #expect(consortium.roster.proposer(consortium.members[0].key.publicKey.thumbprint) == nil)
  }

  @Test(
    "a key has one use: two members, twice in one, the log key, a block key, a cosigner's key, two validators"
  )
  func keyUniqueness() throws {
    let parts = try consortium.parts
    func spoilt(_ spoil: (inout RosterParts) throws -> Void) throws -> Refusal.Code? {
      var parts = parts
      try spoil(&parts)
      return try refusal { try parts.roster() }
    }
    func member(_ number: Int, _ keys: [PublicKey]) throws -> Member {
      let old = parts.members[number]
      return try Member(
        id: old.id, name: old.name, roles: old.roles, keys: keys.map { MemberKey($0, from: 0) })
    }
    #expect(try spoilt { _ in } == nil)
    let (first, second) = (consortium.members[0].key.publicKey, consortium.members[1].key.publicKey)
    #expect(try spoilt { $0.members[0] = try member(0, [first, second]) } == .malformed)
    #expect(try spoilt { $0.members[0] = try member(0, [first, first]) } == .malformed)
    let validators = parts.validators
    let log = parts.logKey.publicKey
    #expect(try spoilt { $0.validators.append(try TestValidator("other").validator) } == nil)
    for key in [log] + validators.flatMap({ [$0.blockKey, $0.cosignerKey.publicKey] }) {
      #expect(try spoilt { $0.members[2] = try member(2, [key]) } == .malformed)
      let cosigner = try NoteVerifierKey(name: "x", type: .cosignature, publicKey: key)
      let fresh = try TestValidator("other").validator
      let variants = [
        (key, fresh.voteKey, fresh.cosignerKey), (fresh.blockKey, fresh.voteKey, cosigner),
        (fresh.blockKey, key, fresh.cosignerKey), (key, fresh.voteKey, cosigner),
        (fresh.blockKey, fresh.blockKey, fresh.cosignerKey),
      ]
      for bad in variants.map({ Validator(name: "other", blockKey: $0, voteKey: $1, cosignerKey: $2) }) {
        #expect(try spoilt { $0.validators.append(bad) } == .malformed)
      }
    }
    for validator in validators {
      for key in [validator.blockKey, try #require(validator.voteKey), validator.cosignerKey.publicKey] {
        let log = try NoteVerifierKey(name: Consortium.origin, type: .ed25519, publicKey: key)
        #expect(try spoilt { $0.logKey = log } == .malformed)
      }
    }
  }

  @Test("terms out of bounds are refused, each with its code")
  func badTerms() throws {
    let parts = try consortium.parts
    func code(_ spoil: (inout RosterParts) throws -> Void) throws -> Refusal.Code? {
      var parts = parts
      try spoil(&parts)
      return try refusal { try parts.roster() }
    }
    #expect(try code { $0.origin = "" } == .malformed)
    #expect(try code { $0.origin = "other.example" } == .malformed)
    #expect(try code { $0.origin = String(repeating: "a", count: 201) } == .malformed)
    #expect(try code { $0.validators = [] } == .malformed)
    #expect(try code { $0.validators += $0.validators } == .malformed)
    for quorum in [Int.min, -1, 0, 4, Int.max] { #expect(try code { $0.quorum = quorum } == .threshold) }
    #expect(try code { $0.quorum = 1 } == .unsafeQuorum)
    for quorum in 2...3 { #expect(try code { $0.quorum = quorum } == nil) }
    for threshold in [Int.min, 0, 2, Int.max] {
      #expect(try code { $0.threshold = threshold } == .threshold)
    }
    #expect(try code { $0.administrators = [] } == .malformed)
    #expect(try code { $0.administrators = ["m00", "m00"] } == .malformed)
    #expect(try code { $0.administrators = ["nobody"] } == .malformed)
    #expect(try code { $0.members = [] } == .malformed)
    #expect(try code { $0.members += [$0.members[0]] } == .malformed)
    for name in ["none", "V0", "", "-v", "a b", String(repeating: "v", count: 65)] {
      #expect(
        try code {
          $0.validators[0] = Validator(
            name: name, blockKey: $0.validators[0].blockKey, voteKey: $0.validators[0].voteKey,
            cosignerKey: $0.validators[0].cosignerKey)
        } == .malformed)
    }
    #expect(
      try code {
        let old = $0.validators[0]
        $0.validators[0] = Validator(
          name: "v0", blockKey: old.blockKey, voteKey: old.voteKey, cosignerKey: $0.logKey)
      } == .malformed)
    #expect(
      try code {
        let (old, key) = ($0.validators[0], try PrivateKey(generating: .es256).publicKey)
        $0.validators[0] = Validator(
          name: "v0", blockKey: key, voteKey: old.voteKey, cosignerKey: old.cosignerKey)
      } == .malformed)
    #expect(try code { $0.logKey = $0.validators[0].cosignerKey } == .malformed)
    #expect(try code { $0.logKey = try NoteSigner.log("other.example").verifierKey } == .malformed)
    let many = try (0..<33).map { try TestValidator("v\($0)").validator }
    #expect(try code { ($0.validators, $0.quorum) = (many, 22) } == .malformed)
    #expect(try code { ($0.validators, $0.quorum) = (Array(many.dropLast()), 22) } == nil)
    #expect(try code { ($0.validators, $0.quorum) = (Array(many.dropLast()), 21) } == .unsafeQuorum)
  }

  @Test("names are compared by their bytes, and those that no policy could hold are refused")
  func exactNames() throws {
    var parts = try consortium.parts
    let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
    #expect(composed == decomposed)
    (parts.logKey, parts.origin) = (try NoteSigner.log(decomposed).verifierKey, decomposed)
    #expect(try refusal { try parts.roster() } == nil)
    parts.origin = composed
    #expect(try refusal { try parts.roster() } == .malformed)
    parts.origin = "a\u{7f}b"
    parts.logKey = try NoteSigner.log("a\u{7f}b").verifierKey
    #expect(try refusal { try parts.roster() } == .malformed)
  }

  @Test("two validators whose signature lines could not be told apart are refused")
  func keyLabels() throws {
    // Two points whose key IDs under this name collide, found by trying 2^17 of them.
    let points = [
      "012e4d2526f687502ac277880d862235a2af105ae2566e2a055b001f1f531b5a",
      "c8635a1b976113f56c44979e9407fa3cafe253d735278f7210f236293f808a0f",
    ]
    let cosigners = try points.map {
      try NoteVerifierKey(
        name: "v.example", type: .cosignature, publicKey: PublicKey(.ed25519, rawBytes: hex($0)))
    }
    #expect(cosigners.map(\.keyID) == [0xed69_e114, 0xed69_e114])
    var parts = try consortium.parts
    for number in [0, 1] {
      parts.validators[number] = Validator(
        name: "v\(number)", blockKey: parts.validators[number].blockKey,
        voteKey: parts.validators[number].voteKey, cosignerKey: cosigners[number])
      #expect(try refusal { try parts.roster() } == (number == 0 ? nil : .malformed))
    }
  }

  @Test("a threshold that the administrators in force can't meet is refused")
  func thresholdInForce() throws {
    var parts = try consortium.parts
    parts.administrators = ["m00", "m01", "m02"]
    let ended = MemberKey(consortium.members[2].key.publicKey, from: 0, until: 1)
    parts.members[2] = try Member(id: "m02", name: parts.members[2].name, roles: [], keys: [ended])
    for threshold in 1...3 {
      parts.threshold = threshold
      let terms = try Terms(
        origin: parts.origin, name: parts.name, logKey: parts.logKey, validators: parts.validators, quorum: 2,
        administrators: parts.administrators, threshold: threshold, parameters: Parameters())
      #expect(try refusal { try Roster(terms: terms, members: parts.members, inForceFrom: 0) } == nil)
      #expect(
        try refusal { try Roster(terms: terms, members: parts.members, inForceFrom: 1) }
          == (threshold == 3 ? .threshold : nil))
    }
  }

  @Test("ids, names, roles and keys of members have bounds")
  func badMembers() throws {
    let name = LocalizedName(zh: nil, en: "A")!
    let keys = [MemberKey(consortium.members[0].key.publicKey, from: 0)]
    func code(_ id: String = "a", roles: [String] = [], keys: [MemberKey]) throws -> Refusal.Code? {
      try refusal { try Member(id: id, name: name, roles: roles, keys: keys) }
    }
    for id in ["a", "0", "a-", String(repeating: "z", count: 64)] {
      #expect(try code(id, keys: keys) == nil)
    }
    for id in ["", "A", "-a", "a_b", "é", "a\u{0}", "a b", String(repeating: "z", count: 65)] {
      #expect(try code(id, keys: keys) == .malformed)
      #expect(try code(roles: [id], keys: keys) == .malformed)
    }
    #expect(try code(roles: ["a", "a"], keys: keys) == .malformed)
    #expect(try code(roles: (0..<16).map { "r\($0)" }, keys: keys) == nil)
    #expect(try code(roles: (0..<17).map { "r\($0)" }, keys: keys) == .malformed)
    #expect(try code(keys: []) == .malformed)
    #expect(try code(keys: Array(repeating: keys[0], count: 65)) == .malformed)
    for until in [UInt64(0), 4, 5] {
      let key = MemberKey(consortium.members[0].key.publicKey, from: 5, until: until)
      #expect(try code(keys: [key]) == .malformed)
    }
    for text in ["", "a\nb", "a\u{7f}", "a\u{85}", String(repeating: "字", count: 67)] {
      #expect(LocalizedName(zh: text, en: nil) == nil)
      #expect(LocalizedName(zh: "字", en: text) == nil)
    }
    #expect(LocalizedName(zh: nil, en: nil) == nil)
    #expect(LocalizedName(zh: "字", en: "A")?.both == "字 A")
  }

  @Test("parameters have bounds, names and standard values")
  func parameters() throws {
    #expect(Set(Parameters.own.map(\.name)).count == Parameters.own.count)
    for definition in Parameters.own {
      #expect(try Parameters()[definition] == definition.standard)
      #expect(definition.bounds.contains(definition.standard))
      let (least, most) = (definition.bounds.lowerBound, definition.bounds.upperBound)
      for value in [least, most] {
        let set = try Parameters([definition.name: value])
        #expect(set[definition] == value)
        for other in Parameters.own where other.name != definition.name {
          #expect(set[other] == other.standard)
        }
      }
      for value in [most + 1, .max] + (least > 0 ? [least - 1] : []) {
        #expect(try refusal { try Parameters([definition.name: value]) } == .malformed)
      }
    }
    #expect(try refusal { try Parameters(["block-record": 1]) } == .malformed)
  }

  @Test("the policy text is a C2SP policy with the quorum of the roster", arguments: [2, 3])
  func policy(quorum: Int) throws {
    var parts = try consortium.parts
    parts.quorum = quorum
    let text = try parts.roster().policyText(ledger: .zero)
    let policy = try Policy(parsing: Array(text.utf8).span)
    #expect(policy.logs.map(\.key) == [parts.logKey])
    #expect(policy.witnesses.map(\.key) == parts.validators.map(\.cosignerKey))
    #expect(policy.groups.map(\.threshold) == [quorum])
    #expect(policy.quorum == policy.groups[0].name)
  }

  @Test("terms of another format than 2 are refused by name, and those without one as of format 1")
  func format() throws {
    guard case .map(let map) = consortium.roster.terms.cbor else { return }
    func reason(_ format: UInt64?) -> String? {
      let others = map.pairs.filter { $0.key != "format" }.map { ($0.key, $0.value) }
      let terms = CBOR.map(CBORMap(others + (format.map { [("format", .unsigned($0))] } ?? [])))
      do throws(Refusal) { _ = try Terms(terms) } catch { return error.reason }
      return nil
    }
    #expect(map["format"] == .unsigned(2) && reason(2) == nil)
    #expect(reason(nil) == "the ledger is of format 1, made before the first release")
    for format in [0, 1, 3, UInt64.max] {
      #expect(reason(format) == "the ledger is of format \(format), which this software does not know")
    }
  }

  @Test("a terms item with a number missing, unknown or out of bounds is refused")
  func badTermsItems() throws {
    guard case .map(let map) = consortium.roster.terms.cbor else { return }
    func terms(_ key: String, _ value: CBOR?) -> CBOR {
      let others = map.pairs.filter { $0.key != .text(key) }.map { ($0.key, $0.value) }
      return .map(CBORMap(others + (value.map { [(.text(key), $0)] } ?? [])))
    }
    #expect(try Terms(consortium.roster.terms.cbor) == consortium.roster.terms)
    for key in map.pairs.map(\.key) {
      guard case .text(let name) = key else { continue }
      #expect(try refusal { try Terms(terms(name, nil)) } == .malformed)
      #expect(try refusal { try Terms(terms(name, .null)) } == .malformed)
    }
    #expect(try refusal { try Terms(terms("more", 1)) } == .malformed)
    for quorum in [0, 4, UInt64(Int.max), UInt64(Int.max) + 1, .max] {
      #expect(try refusal { try Terms(terms("quorum", .unsigned(quorum))) } == .threshold)
    }
    let ruling: (CBOR) -> CBOR = { terms("administrators", ["members": $0, "threshold": 2]) }
    #expect(try refusal { try Terms(ruling(["m00", "m01", "m02"])) } == nil)
    for administrators: CBOR in [["m01", "m00"], ["m00", "m00"], [], [1], ["m00", 1]] {
      #expect(try refusal { try Terms(ruling(administrators)) } == .malformed)
    }
    let all = Dictionary(uniqueKeysWithValues: Parameters.own.map { ($0.name, $0.standard) })
    func parameters(_ values: [String: UInt64]) -> CBOR {
      terms("parameters", .map(CBORMap(values.map { (.text($0.key), .unsigned($0.value)) })))
    }
    #expect(try refusal { try Terms(parameters(all)) } == nil)
    #expect(try refusal { try Terms(parameters(all.filter { $0.key != "block-bytes" })) } == .malformed)
    // What rules define is kept, in the same bytes, whoever reads it; what it may be is for the rules to say.
    let old = parameters(all)
    let terms = try Terms(old)
    let limit = Parameters.Definition("x-limit", standard: 1, bounds: 0...5, absent: 0, meaning: "a limit")
    #expect(terms.cbor == old)
    #expect(terms.parameters[limit] == 0)
    let changed = try terms.with(terms.parameters.setting("x-limit", to: 9))
    #expect(changed.parameters[limit] == 9)
    #expect(changed.cbor == parameters(all.merging(["x-limit": 9]) { first, _ in first }))
    #expect(try Terms(changed.cbor) == changed)
    #expect(try refusal { try [any RuleSet]().requireKnown(terms.parameters) } == nil)
    #expect(try refusal { try [any RuleSet]().requireKnown(changed.parameters) } == .malformed)
    #expect(try Parameters(["x-limit": 3], with: [limit])[limit] == 3)
    #expect(try Parameters(with: [limit])[limit] == 1)
    #expect(try refusal { try Parameters(["x-limit": 6], with: [limit]) } == .malformed)
    #expect(
      try refusal { try Terms(parameters(all.merging(["block-bytes": .max]) { _, new in new })) }
        == .malformed)
  }
}
