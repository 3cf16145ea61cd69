import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("Roster changes")
struct RosterChangeTests {
  @Test("a change comes into force when as many administrators as the threshold approve", arguments: 1...4)
  func thresholds(threshold: Int) throws {
    var chain = try Chain(Consortium(members: 5, administrators: 4, threshold: threshold))
    let founded = chain.state.roster
    let proposal = try chain.proposal(.setParameter(name: "block-records", value: 7))
    try chain.add([proposal.entry])
    for issuer in 1..<threshold {
      #expect(chain.state.roster == founded)
      #expect(chain.state.proposals.pending[proposal.id]?.approvals.count == issuer)
      try chain.add([chain.countersign(proposal.id, by: issuer).entry])
    }
    #expect(chain.state.roster.terms.parameters[Parameters.blockRecords] == 7)
    #expect(chain.state.proposals.pending.isEmpty)
    #expect(chain.state.proposals.settled == [proposal.id])
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
  }

  @Test("a change holds from the next block: the block that adopts it is still under the old roster")
  func nextBlock() throws {
    var chain = try Chain(Consortium(members: 3))
    let founded = chain.state.roster.root
    let newcomer = try PrivateKey(generating: .es256)
    let proposal = try chain.proposal(
      .addMember(
        id: "new", name: LocalizedName(zh: nil, en: "New")!, roles: ["x-b", "x-a"], keys: [newcomer.publicKey]
      ))
    let early = try chain.statement(name: "new", key: newcomer)
    #expect(try verdict(chain, early.entry) == .unknownMember)
    #expect(try verdict(chain, early.entry, after: [proposal.entry]) == .unknownMember)
    let block = try chain.add([proposal.entry])
    #expect(block.header.roster == founded)
    #expect(try verdict(chain, early.entry) == nil)
    let next = try chain.add([early.entry])
    #expect(next.header.roster == chain.state.roster.root)
    #expect(next.header.roster != founded)
    let member = try #require(chain.state.roster.member("new"))
    #expect(member.keys.map(\.from) == [2])
    #expect(member.roles == ["x-a", "x-b"])
    #expect(chain.audit().places == [])
  }

  @Test(
    "a removed member's earlier records stay good, its later ones are refused, and its keys stay taken"
  )
  func removal() throws {
    var chain = try Chain(Consortium(members: 3))
    try chain.add([chain.statement(by: 2).entry])
    let proposal = try chain.proposal(.removeMember("m02"))
    let last = try chain.statement(by: 2)
    // In the block that adopts the removal the member still holds.
    try chain.add([proposal.entry, last.entry])
    #expect(try verdict(chain, chain.statement(by: 2).entry) == .keyNotInForce)
    let member = try #require(chain.state.roster.member("m02"))
    #expect(member.keys.map(\.until) == [3])
    #expect(member.isInForce(at: 2) && !member.isInForce(at: 3))
    try chain.add([chain.statement(by: 1).entry])
    #expect(chain.audit().places == [])

    let fresh = try PrivateKey(generating: .es256).publicKey
    let name = LocalizedName(zh: nil, en: "Again")!
    let refused: [(RosterChange.Action, Refusal.Code)] = [
      (
        .addMember(
          id: "m02", name: name, roles: [], keys: [chain.consortium.members[2].key.publicKey]), .malformed
      ),
      (.addMember(id: "m01", name: name, roles: [], keys: [fresh]), .malformed),
      (.setRoles(member: "m02", roles: []), .unknownMember),
      (.rename(member: "m02", name: name), .unknownMember),
      (
        .addMember(id: "other", name: name, roles: [], keys: [chain.consortium.members[2].key.publicKey]),
        .malformed
      ),
      (.rotateKey(member: "m02", key: fresh, retires: []), .unknownMember),
      (.removeMember("m02"), .unknownMember),
    ]
    for (action, code) in refused {
      #expect(try verdict(chain, chain.proposal(action).entry) == code)
    }
  }

  @Test("a rotated key holds from the next block, and the retired one until then")
  func rotation() throws {
    var chain = try Chain(Consortium(members: 3))
    let (old, new) = (chain.consortium.members[1].key, try PrivateKey(generating: .ed25519))
    let before = try chain.statement(by: 1)
    try chain.add([before.entry])
    let proposal = try chain.proposal(
      .rotateKey(member: "m01", key: new.publicKey, retires: [old.publicKey.thumbprint]))
    try chain.add([proposal.entry, chain.statement(by: 1).entry])
    #expect(try verdict(chain, chain.statement(by: 1).entry) == .keyNotInForce)
    #expect(try verdict(chain, chain.statement(by: 1, key: new).entry) == nil)
    #expect(chain.state.roster.member("m01")?.keys.map(\.from) == [0, 3])
    #expect(chain.state.roster.member("m01")?.keys.map(\.until) == [3, nil])
    try chain.add([chain.statement(by: 1, key: new).entry])
    #expect(chain.audit().places == [])
    var removed = chain
    try removed.add([removed.proposal(.removeMember("m01")).entry])
    #expect(
      removed.state.roster.member("m01")?.keys.map(\.until) == [3, 5], "an ended key stays as it ended")

    let fresh = try PrivateKey(generating: .es256).publicKey
    let refused: [(RosterChange.Action, Refusal.Code)] = [
      (.rotateKey(member: "m01", key: old.publicKey, retires: []), .malformed),
      (.rotateKey(member: "m01", key: chain.consortium.members[2].key.publicKey, retires: []), .malformed),
      (
        .rotateKey(member: "m01", key: chain.consortium.validators[0].blockKey.publicKey, retires: []),
        .malformed
      ),
      (.rotateKey(member: "m01", key: fresh, retires: [old.publicKey.thumbprint]), .unknownKey),
      (.rotateKey(member: "m01", key: fresh, retires: [.zero]), .unknownKey),
      (.rotateKey(member: "m01", key: fresh, retires: [fresh.thumbprint]), .unknownKey),
      (
        .rotateKey(
          member: "m01", key: fresh, retires: [new.publicKey.thumbprint, new.publicKey.thumbprint]),
        .malformed
      ),
      (.rotateKey(member: "nobody", key: fresh, retires: []), .unknownMember),
    ]
    for (action, code) in refused {
      #expect(try verdict(chain, chain.proposal(action).entry) == code)
    }
  }

  @Test("a key that is only added leaves the old ones in force")
  func addition() throws {
    var chain = try Chain(Consortium(members: 3))
    let new = try PrivateKey(generating: .es256)
    try chain.add([chain.proposal(.rotateKey(member: "m01", key: new.publicKey, retires: [])).entry])
    #expect(try verdict(chain, chain.statement(by: 1).entry) == nil)
    #expect(try verdict(chain, chain.statement(by: 1, key: new).entry) == nil)
  }

  @Test("an administrator may rotate its own key, and then approves with the new one")
  func administratorRotates() throws {
    var chain = try Chain(Consortium(members: 2))
    let (old, new) = (chain.consortium.members[0].key, try PrivateKey(generating: .ed25519))
    try chain.add([
      chain.proposal(
        .rotateKey(member: "m00", key: new.publicKey, retires: [old.publicKey.thumbprint])
      ).entry
    ])
    let change = RosterChange(of: chain.state.roster.root, .removeMember("m01"))
    #expect(
      try verdict(chain, chain.statement(by: 0, change.payload, type: change.contentType).entry)
        == .keyNotInForce)
    try chain.add([chain.statement(by: 0, change.payload, type: change.contentType, key: new).entry])
    #expect(chain.state.roster.member("m01")?.isInForce(at: chain.state.height) == false)
    #expect(chain.audit().places == [])
  }

  @Test("a parameter that is fixed, unknown or out of bounds is refused; the others are set")
  func parameters() throws {
    var chain = try Chain(Consortium(members: 2))
    func code(_ name: String, _ value: UInt64) throws -> Refusal.Code? {
      try verdict(chain, chain.proposal(.setParameter(name: name, value: value)).entry)
    }
    #expect(try code("statement-window", 86_400) == .malformed)
    #expect(try code("block-record", 1) == .malformed)
    for definition in Parameters.own where !definition.isFixed {
      #expect(try code(definition.name, definition.bounds.lowerBound) == nil)
      #expect(try code(definition.name, definition.bounds.upperBound) == nil)
      #expect(try code(definition.name, definition.bounds.upperBound + 1) == .malformed)
      #expect(try code(definition.name, .max) == .malformed)
    }
    try chain.add([chain.proposal(.setParameter(name: "allowed-drift-ms", value: 0)).entry])
    #expect(try verdict(chain, chain.statement(by: 1, at: chain.now + 1).entry) == .afterBlockTime)
  }

  @Test("what a stranger wrote is quoted without what a terminal would act on")
  func quoting() throws {
    let chain = try Chain(Consortium(members: 2))
    let wild = "\u{1b}[31m\u{202e}" + String(repeating: "x", count: 50)
    let name = LocalizedName(zh: nil, en: "A")!
    let key = try PrivateKey(generating: .es256).publicKey
    let actions: [RosterChange.Action] = [
      .setParameter(name: wild, value: 1), .removeMember(wild),
      .rotateKey(member: wild, key: key, retires: []),
      .addMember(id: wild, name: name, roles: [], keys: [key]), .setRoles(member: wild, roles: []),
      .rename(member: wild, name: name),
    ]
    for action in actions {
      var checker = EntryChecker()
      var hasher = TreeHasher()
      var registry = MemoryRegistry()
      var block = chain.open()
      let entry = try chain.proposal(action).entry
      let checked = checker.check(entry.span, keys: chain.state.roster.keys)
      do throws(Refusal) {
        try block.admit(checked, entry.span, earlier: &registry, using: &hasher)
        Issue.record("accepted")
      } catch {
        #expect(error.reason.contains("\\u{1b}[31m\\u{202e}xxx"))
        #expect(error.reason.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e })
      }
    }
  }

  @Test("a proposal may wait over many blocks and still be approved")
  func waits() throws {
    var chain = try Chain(Consortium(members: 3, administrators: 2, threshold: 2))
    let proposal = try chain.proposal(.removeMember("m02"))
    try chain.add([proposal.entry])
    for _ in 0..<5 { try chain.add([chain.statement(by: 2).entry]) }
    try chain.add([chain.countersign(proposal.id, by: 1).entry])
    #expect(chain.state.roster.member("m02")?.keys.map(\.until) == [chain.state.height])
    #expect(chain.audit().places == [])
  }

  @Test("a change has one payload, which is read back as the same change")
  func roundTrip() throws {
    let keys = try (0..<3).map { _ in try PrivateKey(generating: .es256).publicKey }
    let name = LocalizedName(zh: "é", en: "e\u{301}")!
    let actions: [RosterChange.Action] = [
      .addMember(id: "a", name: name, roles: ["a", "b"], keys: keys), .removeMember("b"),
      .rotateKey(member: "c", key: keys[0], retires: []),
      .rotateKey(member: "c", key: keys[0], retires: keys.map(\.thumbprint)),
      .setRoles(member: "d", roles: []), .setRoles(member: "d", roles: ["court", "x-own"]),
      .rename(member: "e", name: name),
      .setParameter(name: "x", value: .max),
    ]
    for action in actions {
      let change = RosterChange(of: keys[0].thumbprint, action)
      let again = try #require(try RosterChange(contentType: change.contentType, payload: change.payload))
      #expect(again == change)
      #expect(again.payload == change.payload)
      for type in [Kind.countersign, Kind.found, "text/plain", ""] {
        #expect(try RosterChange(contentType: type, payload: change.payload) == nil)
      }
    }
    let unsorted = RosterChange(
      of: .zero, .addMember(id: "a", name: name, roles: ["a", "b"], keys: keys))
    var payload = unsorted.payload
    let place = try #require(
      payload.indices.first { payload[$0...].starts(with: [0x61, 0x61, 0x61, 0x62]) })
    payload.swapAt(place + 1, place + 3)
    #expect(
      try refusal { try RosterChange(contentType: Kind.addMember, payload: payload) } == .malformed)
  }
}
