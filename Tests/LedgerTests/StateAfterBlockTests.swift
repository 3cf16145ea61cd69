import Ledger
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@Suite("The state after a block, from its header and its tree")
struct StateAfterBlockTests {
  /// Chains with everything in them: plain, with proposals open and settled.
  static func chains() throws -> [Chain] {
    var chain = try Chain(Consortium(members: 4, validators: 2, administrators: 3, threshold: 2))
    var chains = [chain]
    let first = try chain.proposal(.setParameter(name: "block-delay-ms", value: 7))
    let newcomer = try PrivateKey(generating: .es256).publicKey
    let other = try chain.proposal(
      .addMember(id: "new", name: LocalizedName(zh: "新", en: nil)!, roles: ["x-a"], keys: [newcomer]), by: 1)
    try chain.add([first.entry, other.entry])
    chains.append(chain)
    try chain.add([chain.countersign(first.id, by: 2).entry])
    chains.append(chain)
    let fresh = try PrivateKey(generating: .es256).publicKey
    try chain.add([
      chain.countersign(other.id, by: 2).entry, chain.proposal(.removeMember("m03")).entry,
      chain.proposal(.rotateKey(member: "m03", key: fresh, retires: []), by: 2).entry,
    ])
    chains.append(chain)
    return chains
  }

  /// The state of `chain`, put together from what its tree proves.
  static func state(of chain: Chain) throws -> LedgerState {
    let last = try #require(chain.blocks.last)
    var hasher = StateHasher()
    let value = try #require(chain.tree.value(of: .roster, using: &hasher))
    let inForce = try RosterInForce(decoding: value)
    #expect(inForce.root == chain.state.roster.root)
    var open: [Digest: OpenProposal] = [:]
    for id in inForce.open {
      let proposal = try #require(chain.tree.value(of: .proposal(id), using: &hasher))
      open[id] = try OpenProposal(decoding: proposal)
    }
    return try LedgerState(
      after: last.header, leaf: leafHash(last.headerEntry), of: chain.ledgerID, roster: chain.state.roster,
      open: open, frontier: chain.state.frontier)
  }

  @Test("is the one that the block left, but for what refusals say of settled proposals")
  func roundTrip() throws {
    let chains = try StateAfterBlockTests.chains()
    #expect(chains.map(\.state.height) == [1, 2, 3, 4])
    #expect(chains.map(\.state.proposals.pending.count) == [0, 2, 1, 2])
    #expect(chains.map(\.state.proposals.settled.count) == [0, 0, 1, 2])
    for chain in chains {
      let again = try StateAfterBlockTests.state(of: chain)
      #expect(again.ledgerID == chain.state.ledgerID)
      #expect(again.height == chain.state.height)
      #expect(again.parent == chain.state.parent)
      #expect(again.parentTime == chain.state.parentTime)
      #expect(again.roster.items == chain.state.roster.items)
      #expect(again.proposals.pending == chain.state.proposals.pending)
      #expect(again.frontier == chain.state.frontier)
    }
  }

  @Test("the tree has no proposal but the open ones")
  func onlyOpen() throws {
    for chain in try StateAfterBlockTests.chains() {
      var hasher = StateHasher()
      let entries = chain.blocks.flatMap { $0.entries.dropLast() }
      let made = try entries.map { try SignedStatement(decoding: $0).id }
      let there = made.filter { chain.tree.value(of: .proposal($0), using: &hasher) != nil }
      #expect(Set(there) == Set(chain.state.proposals.pending.keys))
    }
  }

  @Test("a proposal that nobody approves, or somebody who is no administrator, is malformed")
  func approvals() throws {
    let chain = try StateAfterBlockTests.chains()[1]
    let last = try #require(chain.blocks.last)
    let (id, pending) = try #require(chain.state.proposals.pending.first)
    for approvals in [[], ["m03"], ["nobody"]] {
      let proposal = OpenProposal(pending.change, proposed: pending.proposed, approvals: approvals)
      #expect(
        try refusal {
          try LedgerState(
            after: last.header, leaf: leafHash(last.headerEntry), of: chain.ledgerID,
            roster: chain.state.roster, open: [id: proposal], frontier: chain.state.frontier)
        } == .malformed)
    }
  }
}
