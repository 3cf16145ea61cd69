import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("The refusals of roster changes")
struct ConsortiumRefusalTests {
  var chain: Chain

  init() throws { chain = try Chain(Consortium(members: 4, administrators: 3, threshold: 3)) }

  let change = RosterChange.Action.setParameter(name: "block-records", value: 10)

  @Test("only an administrator proposes and approves")
  mutating func notAdministrator() throws {
    #expect(try verdict(chain, chain.proposal(change, by: 3).entry) == .notAdministrator)
    let proposal = try chain.proposal(change)
    #expect(
      try verdict(chain, chain.countersign(proposal.id, by: 3).entry, after: [proposal.entry])
        == .notAdministrator)
    try chain.add([proposal.entry])
    #expect(try verdict(chain, chain.countersign(proposal.id, by: 3).entry) == .notAdministrator)
  }

  @Test("a countersignature of what was never proposed is refused: nothing, a record, a refused proposal")
  mutating func unknownProposal() throws {
    let record = try chain.statement()
    try chain.add([record.entry])
    for id in [Digest.zero, record.id, try chain.proposal(change, by: 3).id] {
      #expect(try verdict(chain, chain.countersign(id, by: 1).entry) == .unknownProposal)
    }
  }

  @Test("an administrator approves once, and the proposer has by proposing")
  mutating func alreadyApproved() throws {
    let proposal = try chain.proposal(change)
    #expect(
      try verdict(chain, chain.countersign(proposal.id, by: 0).entry, after: [proposal.entry])
        == .alreadyApproved)
    try chain.add([proposal.entry, chain.countersign(proposal.id, by: 1).entry])
    for issuer in [0, 1] {
      #expect(try verdict(chain, chain.countersign(proposal.id, by: issuer).entry) == .alreadyApproved)
    }
    #expect(try verdict(chain, chain.countersign(proposal.id, by: 2).entry) == nil)
  }

  @Test("a proposal that names a roster not in force is void")
  mutating func olderRoster() throws {
    let founded = chain.state.roster.root
    #expect(try verdict(chain, chain.proposal(change, of: .zero).entry) == .proposalVoid)
    let proposal = try chain.proposal(change)
    try chain.add([
      proposal.entry, chain.countersign(proposal.id, by: 1).entry,
      chain.countersign(proposal.id, by: 2).entry,
    ])
    #expect(chain.state.roster.root != founded)
    let other = RosterChange.Action.setParameter(name: "block-records", value: 11)
    #expect(try verdict(chain, chain.proposal(other, of: founded).entry) == .proposalVoid)
    #expect(try verdict(chain, chain.proposal(other).entry) == nil)
  }

  @Test("a change that leaves fewer administrators than must approve is refused")
  mutating func threshold() throws {
    #expect(try verdict(chain, chain.proposal(.removeMember("m02")).entry) == .threshold)
    #expect(try verdict(chain, chain.proposal(.removeMember("m03")).entry) == nil)
    let alone = try Chain(Consortium(members: 2))
    #expect(try verdict(alone, alone.proposal(.removeMember("m00")).entry) == .threshold)
  }

  @Test(
    "a payload that its kind does not allow is malformed",
    arguments: [
      Kind.addMember, Kind.removeMember, Kind.rotateKey, Kind.setRoles, Kind.rename, Kind.setParameter,
      Kind.countersign,
    ])
  mutating func malformed(type: String) throws {
    for payload: [UInt8] in [[], [0xa0], [0xf6], [0xa1, 0x61, 0x78, 0x01], [0xff, 0xff]] {
      #expect(try verdict(chain, chain.statement(by: 0, payload, type: type).entry) == .malformed)
    }
    let payload =
      type == Kind.countersign
      ? Proposals.countersignPayload(.zero)
      : RosterChange(of: chain.state.roster.root, .removeMember("m03")).payload
    let more: [UInt8] = [payload[0] + 1] + payload.dropFirst() + [0x69] + "zzzzzzzzz".utf8 + [0x00]
    #expect(try verdict(chain, chain.statement(by: 0, more, type: type).entry) == .malformed)
  }
}
