import Ledger
import LedgerCrypto
import Statements
import Testing
import TestKit
import TransparencyLog

/// Writes statements of every sort, good and bad, as a seed decides.
struct StatementGenerator {
  var generator: SeededGenerator
  var seen: [SignedStatement] = []
  /// Keys that members were given later, by member.
  var laterKeys: [(name: String, key: PrivateKey)] = []

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

  mutating func next(_ chain: Chain) throws -> [UInt8] {
    let members = chain.consortium.members.count
    let issuer = pick(members)
    switch pick(18) {
    case 0: return generator.bytes(pick(300))
    case 1:
      guard let old = seen.randomElement(using: &generator) else { return [] }
      return old.entry
    case 2:
      guard let old = seen.randomElement(using: &generator) else { return [] }
      return Fuzzing.mutated(old.entry, with: seen[0].entry, using: &generator)
    case 3:
      let latest = pick(2) == 0 ? chain.now : 1 << 40
      return try chain.statement(by: issuer, at: .random(in: 0...latest, using: &generator)).entry
    case 4: return try chain.statement(by: issuer, key: chain.consortium.members[pick(members)].key).entry
    case 5: return try chain.statement(by: issuer, audience: .some(pick(2) == 0 ? nil : .zero)).entry
    case 6: return try chain.statement(by: issuer, type: "application/vnd.ZHENG.a\(pick(3))").entry
    case 7, 8, 9: return try remember(proposal(chain, by: pick(4)))
    case 10, 11, 12:
      let pending = chain.state.proposals.pending.keys.sorted()
      let id = pending.isEmpty || pick(5) == 0 ? seen.last?.id ?? .zero : pending[pick(pending.count)]
      return try remember(chain.countersign(id, by: pick(4)))
    case 13:
      guard let (name, key) = laterKeys.randomElement(using: &generator) else { return [0xd2] }
      return try remember(chain.statement(name: name, key: key))
    case 14:
      var entry = try chain.statement(by: issuer).entry
      entry[entry.count - 1 - pick(64)] ^= 1
      return entry
    case 15:
      // Whoever has approved approves again.
      guard let (id, pending) = chain.state.proposals.pending.min(by: { $0.key < $1.key }),
        let place = chain.consortium.members.firstIndex(where: { $0.id == pending.approvals[0] })
      else { return [] }
      return try remember(chain.countersign(id, by: place))
    default: return try remember(chain.statement(by: issuer, generator.bytes(pick(60))))
    }
  }

  private mutating func remember(_ statement: SignedStatement) -> [UInt8] {
    seen.append(statement)
    return statement.entry
  }

  private mutating func proposal(_ chain: Chain, by issuer: Int) throws -> SignedStatement {
    let member = "m0\(pick(chain.consortium.members.count))"
    let old = chain.state.roster.member(member)?.keys.randomElement(using: &generator)?.id ?? .zero
    let action: RosterChange.Action
    switch pick(7) {
    case 5:
      action = .setRoles(
        member: member, roles: pick(4) == 0 ? ["court"] : ["x-a", "x-b"].prefix(pick(3)).map { $0 })
    case 6: action = .rename(member: member, name: LocalizedName(zh: nil, en: "Name \(pick(9))")!)
    case 0:
      let name = "new\(pick(4))"
      let key = try PrivateKey(generating: .ed25519)
      laterKeys.append((name, key))
      action = .addMember(
        id: name, name: LocalizedName(zh: nil, en: name)!, roles: [], keys: [key.publicKey])
    case 1: action = .removeMember(pick(3) == 0 ? "new\(pick(4))" : member)
    case 2:
      let key = try PrivateKey(generating: .es256)
      laterKeys.append((member, key))
      action = .rotateKey(member: member, key: key.publicKey, retires: pick(2) == 0 ? [] : [old])
    case 3:
      action = .setParameter(name: "allowed-drift-ms", value: UInt64(pick(5_000_000)))
    default:
      action = .setParameter(
        name: Parameters.own[pick(Parameters.own.count)].name,
        value: pick(2) == 0 ? .random(in: .min ... .max, using: &generator) : UInt64(pick(9000)) + 16)
    }
    return try chain.proposal(action, by: issuer, of: pick(8) == 0 ? .zero : nil)
  }
}

@Suite("Generated chains")
struct GeneratedChainTests {
  @Test("whatever is written, refusals leave nothing behind and the audit of the chain is without fault")
  func generated() throws {
    let rounds = max(30, Fuzzing.inputs / 4000)
    print("generated chains: \(rounds) rounds, ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    var codes: [Refusal.Code: Int] = [:]
    for round in 0..<rounds {
      try generate(round: UInt64(round), into: &codes)
    }
    let reached: Set<Refusal.Code> = [
      .malformed, .unknownKey, .keyNotInForce, .badSignature, .wrongLedger, .duplicate, .stale,
      .afterBlockTime,
      .unknownKind, .notAdministrator, .unknownProposal, .proposalVoid, .alreadyApproved, .unknownMember,
    ]
    // A generator that never gets there would show nothing.
    #expect(reached.subtracting(codes.keys) == [])
  }

  private func generate(round: UInt64, into codes: inout [Refusal.Code: Int]) throws {
    var writer = StatementGenerator(generator: SeededGenerator(seed: Fuzzing.seed &+ round))
    let administrators = 1 + writer.pick(3)
    var chain = try Chain(
      Consortium(
        members: 5, validators: 1 + writer.pick(3), administrators: administrators,
        threshold: 1 + writer.pick(administrators)))
    var checker = EntryChecker()
    var hasher = TreeHasher()
    for _ in 0..<12 {
      var block = chain.open()
      var registry = chain.registry
      var accepted: [[UInt8]] = []
      for _ in 0..<writer.pick(12) {
        let entry = try writer.next(chain)
        guard block.hasRoom(for: entry.count) else { break }
        let checked = checker.check(entry.span, keys: chain.state.roster.keys)
        let (before, known) = (block, registry)
        do throws(Refusal) {
          try block.admit(checked, entry.span, earlier: &registry, using: &hasher)
          accepted.append(entry)
          #expect(registry != known)
        } catch {
          codes[error.code, default: 0] += 1
          #expect(block.state.dump == before.state.dump)
          #expect(block.state.frontier == before.state.frontier)
          #expect(block.nextIndex == before.nextIndex)
          #expect(registry == known)
        }
      }
      // What was admitted beside refusals is admitted without them too.
      try chain.add(accepted)
      #expect(chain.registry == registry)
    }
    let report = chain.audit()
    #expect(report.places == [])
    #expect(report.state?.dump == chain.state.dump)
    #expect(report.state?.frontier == chain.state.frontier)
    #expect(chain.audit(depth: .hashes).places == [])
    for (roster, block) in zip(chain.rosters, chain.blocks) { #expect(roster.root == block.header.roster) }
    let again = try StateAfterBlockTests.state(of: chain)
    #expect(again.proposals.pending == chain.state.proposals.pending)
    #expect(again.roster.items == chain.state.roster.items)
  }
}
