import Ledger
import LedgerCrypto
import Statements
import Testing

@Suite("Open proposals")
struct OpenProposalTests {
  var chain: Chain

  init() throws { chain = try Chain(Consortium(members: 5, administrators: 3, threshold: 2)) }

  private let name = LocalizedName(zh: "改名", en: nil)!

  private mutating func propose(_ actions: RosterChange.Action...) throws -> [Digest] {
    let proposals = try actions.map { try chain.proposal($0) }
    try chain.add(proposals.map(\.entry))
    return proposals.map(\.id)
  }

  @Test("adopting one leaves the others alone, and they are adopted later as if nothing had been")
  mutating func othersStayOpen() throws {
    let fresh = try PrivateKey(generating: .es256).publicKey
    let ids = try propose(
      .setParameter(name: "block-records", value: 10), .setParameter(name: "block-delay-ms", value: 7),
      .removeMember("m03"), .rename(member: "m04", name: name),
      .rotateKey(member: "m01", key: fresh, retires: []))
    for (number, id) in ids.enumerated() {
      #expect(chain.state.proposals.pending.count == ids.count - number)
      // Whose key changes stays an administrator.
      try chain.add([chain.countersign(id, by: 1).entry])
    }
    #expect(chain.state.proposals.pending.isEmpty)
    #expect(Set(chain.state.proposals.settled) == Set(ids))
    let roster = chain.state.roster
    #expect(roster.terms.parameters[Parameters.blockRecords] == 10)
    #expect(roster.terms.parameters[Parameters.blockDelay] == 7)
    #expect(roster.member("m03")?.isInForce(at: chain.state.height) == false)
    #expect(roster.member("m04")?.name == name)
    #expect(roster.member("m01")?.keys.count == 2)
    #expect(chain.audit().places == [])
    #expect(chain.audit().state?.dump == chain.state.dump)
  }

  @Test("256 proposals are open at most")
  mutating func most() throws {
    let action = RosterChange.Action.setParameter(name: "block-records", value: 10)
    try chain.add((0..<256).map { _ in try chain.proposal(action).entry })
    #expect(try verdict(chain, chain.proposal(action).entry) == .tooLarge)
  }

  @Test(
    "adopting one makes those void that touch the same member, key or parameter, in the same block and later")
  mutating func sameThing() throws {
    let (one, two) = (try PrivateKey(generating: .es256), try PrivateKey(generating: .es256))
    let name = name
    let pairs: [(RosterChange.Action, RosterChange.Action)] = [
      (.setParameter(name: "block-records", value: 10), .setParameter(name: "block-records", value: 11)),
      (.removeMember("m03"), .setRoles(member: "m03", roles: ["x-a"])),
      (.rename(member: "m03", name: name), .rotateKey(member: "m03", key: one.publicKey, retires: [])),
      (
        .addMember(id: "new", name: name, roles: [], keys: [one.publicKey]),
        .addMember(id: "new", name: name, roles: [], keys: [two.publicKey])
      ),
      (
        .rotateKey(member: "m03", key: one.publicKey, retires: []),
        .rotateKey(member: "m04", key: one.publicKey, retires: [])
      ),
    ]
    let founded = chain
    for (first, second) in pairs {
      chain = founded
      let ids = try propose(first, second)
      let adoption = try chain.countersign(ids[0], by: 1).entry
      let late = try chain.countersign(ids[1], by: 1).entry
      let again = try chain.proposal(second, by: 2).entry
      let elsewhere = try chain.proposal(.setParameter(name: "block-delay-ms", value: 7), by: 2).entry
      #expect(try verdict(chain, late, after: [adoption]) == .proposalVoid)
      #expect(try verdict(chain, again, after: [adoption]) == .proposalVoid)
      #expect(try verdict(chain, elsewhere, after: [adoption]) == nil)
      try chain.add([adoption])
      #expect(chain.state.proposals.pending.isEmpty)
      #expect(try verdict(chain, late) == .proposalVoid)
      #expect(chain.audit().places == [])
    }
  }

  @Test("what one block adopts is applied in order, each by the roster as changed so far")
  mutating func oneBlock() throws {
    let ids = try propose(
      .removeMember("m01"), .removeMember("m02"), .setParameter(name: "block-records", value: 10))
    // With one of three gone two are left, of whom two must approve: the second removal can't be made.
    try chain.add([
      chain.countersign(ids[0], by: 2).entry, chain.countersign(ids[2], by: 2).entry,
    ])
    #expect(chain.state.roster.terms.parameters[Parameters.blockRecords] == 10)
    #expect(chain.state.roster.member("m01")?.isInForce(at: chain.state.height) == false)
    #expect(try verdict(chain, chain.countersign(ids[1], by: 2).entry) == .threshold)
    #expect(chain.audit().places == [])
  }

  @Test("an approval counts while its giver is an administrator, and does not come back with it")
  mutating func approvals() throws {
    let change = try chain.proposal(.setParameter(name: "block-records", value: 10), by: 1)
    let removal = try chain.proposal(.removeMember("m01"))
    try chain.add([change.entry, removal.entry])
    // In the block that removes it, it approves nothing any more.
    let late = try chain.proposal(.setParameter(name: "block-delay-ms", value: 7))
    try chain.add([late.entry])
    let approval = try chain.countersign(removal.id, by: 2).entry
    #expect(
      try verdict(chain, chain.countersign(late.id, by: 1).entry, after: [approval]) == .notAdministrator)
    try chain.add([approval])
    // Nobody that is left had approved it.
    #expect(try verdict(chain, chain.countersign(change.id, by: 0).entry) == .proposalVoid)
    #expect(chain.state.proposals.pending.keys.sorted() == [late.id])
    #expect(chain.audit().places == [])
  }

  @Test("a proposal is void after the statement window, and makes room for others")
  mutating func window() throws {
    chain = try Chain(
      Consortium(members: 3, administrators: 2, threshold: 2, parameters: ["statement-window": 3600]))
    let ids = try propose(.removeMember("m02"))
    let proposed = chain.time - 1000
    chain.time = proposed + 3_600_000
    #expect(try verdict(chain, chain.countersign(ids[0], by: 1).entry) == nil)
    chain.time += 1000
    #expect(try verdict(chain, chain.countersign(ids[0], by: 1).entry) == .proposalVoid)
    let other = try propose(.setParameter(name: "block-records", value: 10))
    #expect(chain.state.proposals.pending.keys.sorted() == other)
    #expect(Set(chain.state.proposals.settled) == Set(ids))
    #expect(chain.audit().places == [])
  }
}
