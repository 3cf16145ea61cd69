import Ledger
import LedgerCrypto
import Statements
import Testing

@Suite("Roles, names and members that come back")
struct MemberChangeTests {
  /// Knows two roles, and judges nothing.
  private struct Offices: RuleSet {
    func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool { false }
    func judge(
      _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
    ) throws(Refusal) -> [StateChange] { [] }
    var roles: [Role] {
      [Role("custodian", zh: "保管人", meaning: "keeps"), Role("court", zh: "法院", meaning: "judges")]
    }
  }

  private func founded() throws -> Chain {
    try Chain(Consortium(members: 3), rules: [Offices(), PlainRecords()])
  }

  @Test("a member's roles and name are replaced from the next block on, and nothing else of it")
  func rolesAndNames() throws {
    var chain = try founded()
    let before = try #require(chain.state.roster.member("m02"))
    let name = LocalizedName(zh: "新名", en: "New name")!
    try chain.add([chain.proposal(.setRoles(member: "m02", roles: ["x-own", "court"])).entry])
    try chain.add([chain.proposal(.rename(member: "m02", name: name)).entry])
    let after = try #require(chain.state.roster.member("m02"))
    #expect(after.roles == ["court", "x-own"])
    #expect(after.name == name)
    #expect(after.keys == before.keys)
    #expect(chain.rosters[2].member("m02")?.name == before.name)
    try chain.add([chain.proposal(.setRoles(member: "m02", roles: [])).entry])
    #expect(chain.state.roster.member("m02")?.roles == [])
    #expect(try verdict(chain, chain.statement(by: 2).entry) == nil)
    #expect(
      try verdict(chain, chain.proposal(.setRoles(member: "nobody", roles: [])).entry) == .unknownMember)
    #expect(chain.audit().places == [])
  }

  @Test("a removed member comes back under its id with new keys, and its old keys stay ended")
  func comesBack() throws {
    var chain = try founded()
    let early = try chain.statement(by: 2)
    try chain.add([early.entry])
    try chain.add([chain.proposal(.removeMember("m02")).entry])
    let key = try PrivateKey(generating: .ed25519)
    let name = LocalizedName(zh: nil, en: "Again")!
    let back = RosterChange.Action.addMember(
      id: "m02", name: name, roles: ["custodian"], keys: [key.publicKey])
    try chain.add([chain.proposal(back).entry])
    let member = try #require(chain.state.roster.member("m02"))
    #expect(member.keys.map(\.from) == [0, 4])
    #expect(member.keys.map(\.until) == [3, nil])
    #expect(member.roles == ["custodian"] && member.name == name)
    #expect(try verdict(chain, chain.statement(by: 2).entry) == .keyNotInForce)
    try chain.add([chain.statement(by: 2, key: key).entry])
    #expect(try verdict(chain, chain.proposal(back).entry) == .malformed, "it is here now")
    #expect(chain.audit().places == [])
  }

  @Test(
    "only roles that a rule set knows, or that begin with x-, are given: in every proposal and at founding")
  func unknownRoles() throws {
    let chain = try founded()
    let key = try PrivateKey(generating: .es256).publicKey
    let name = LocalizedName(zh: nil, en: "A")!
    for roles in [["custodain"], ["boss"], ["x-"], ["court", "judge"], ["X".lowercased()]] {
      for action: RosterChange.Action in [
        .setRoles(member: "m02", roles: roles), .addMember(id: "new", name: name, roles: roles, keys: [key]),
      ] {
        #expect(try verdict(chain, chain.proposal(action).entry) == .unknownRole, "\(roles)")
      }
    }
    for roles in [[], ["custodian"], ["court", "custodian", "x-boss"]] {
      #expect(try verdict(chain, chain.proposal(.setRoles(member: "m02", roles: roles)).entry) == nil)
    }
    #expect(try refusal { try Chain(Consortium(members: 2, roles: ["custodain"])) } == .unknownRole)
  }

  @Test("a mistyped role is told with the one that may have been meant")
  func didYouMean() {
    let rules: [any RuleSet] = [Offices()]
    func reason(_ role: String) -> String {
      do throws(Refusal) { try rules.requireKnown(roles: [role], of: "m") } catch { return error.reason }
      return ""
    }
    #expect(reason("custodain").contains("did you mean \"custodian\"?"))
    #expect(reason("cuort").contains("did you mean \"court\"?"))
    #expect(!reason("supervisor").contains("did you mean"))
    #expect(reason("supervisor").contains("custodian, court"))
    #expect(reason("court") == "")
    #expect("x".nearest(in: ["y", "abc"]) == "y")
    #expect("".nearest(in: ["a"]) == "a")
    #expect("ab".nearest(in: []) == nil)
  }
}
