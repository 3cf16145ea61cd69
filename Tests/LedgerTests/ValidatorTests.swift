import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("Validators in a roster")
struct ValidatorTests {
  let consortium: Consortium

  init() throws { consortium = try Consortium(members: 2, validators: 3) }

  @Test("a quorum is at least ⌊(n+f)/2⌋+1, or a majority where validators only crash", arguments: 1...32)
  func quorums(count: Int) throws {
    for (isCrashOnly, faults) in [(false, (count - 1) / 3), (true, 0)] {
      let least = Terms.leastQuorum(of: count, isCrashFaultsOnly: isCrashOnly)
      // Two quorums share more than f validators, and none smaller do.
      #expect(2 * least - count > faults && 2 * (least - 1) - count <= faults)
      #expect(least <= count - faults, "honest validators alone are enough")
      // As the committee that votes reckons it.
      #expect(least == (count + faults) / 2 + 1)
    }
    #expect(count != 4 || Terms.leastQuorum(of: 4) == 3)
    #expect(count != 16 || Terms.leastQuorum(of: 16) == 11)
  }

  @Test(
    "several validators each have a vote key and blocks of at most 16 MiB; one alone has none, and its items are as ever"
  )
  func votes() throws {
    let one = try Consortium(members: 2).roster.terms
    guard case .map(let map) = one.cbor, case .array(let validators)? = map["validators"],
      case .map(let validator) = validators[0]
    else { return }
    #expect(
      Set(map.pairs.map(\.key)) == [
        "format", "origin", "name", "log", "quorum", "validators", "administrators", "parameters",
      ])
    #expect(Set(validator.pairs.map(\.key)) == ["name", "block", "cosigner"])
    #expect(!one.hasVotes && consortium.roster.terms.hasVotes)
    let parts = try consortium.parts
    func code(_ spoil: (inout RosterParts) throws -> Void) throws -> Refusal.Code? {
      var parts = parts
      try spoil(&parts)
      return try refusal { try parts.roster() }
    }
    #expect(try code { $0.validators[1] = consortium.validators[1].alone } == .malformed)
    #expect(try code { ($0.validators, $0.quorum) = ([consortium.validators[0].validator], 1) } == .malformed)
    #expect(try code { ($0.validators, $0.quorum) = ([consortium.validators[0].alone], 1) } == nil)
    #expect(
      try code {
        ($0.validators, $0.quorum, $0.isCrashFaultsOnly) = ([consortium.validators[0].alone], 1, true)
      } == .malformed)
    #expect(try code { $0.parameters["block-bytes"] = 16 << 20 } == nil)
    #expect(try code { $0.parameters["block-bytes"] = (16 << 20) + 1 } == .malformed)
    let four = try Consortium(members: 2, validators: 4, quorum: 3)
    var crashing = try four.parts
    (crashing.quorum, crashing.isCrashFaultsOnly) = (3, true)
    let terms = try crashing.roster().terms
    #expect(try Terms(terms.cbor) == terms && terms.isCrashFaultsOnly)
    let policy = try Policy(parsing: Array(crashing.roster().policyText(ledger: .zero).utf8).span)
    #expect(policy.isCrashFaultsOnly)
    let bytes = policy.bytes
    #expect(try Policy(parsing: bytes.span) == policy)
    #expect(try !Policy(parsing: Array(four.roster.policyText(ledger: .zero).utf8).span).isCrashFaultsOnly)
    (crashing.quorum, crashing.isCrashFaultsOnly) = (2, true)
    #expect(try refusal { try crashing.roster() } == .unsafeQuorum, "half is no majority")
    for (key, value) in [("crash-faults-only", .bool(false)), ("since", 0), ("former", [])]
      as [(String, CBOR)]
    {
      guard case .map(let map) = terms.cbor else { return }
      let others = map.pairs.filter { $0.key != .text(key) }.map { ($0.key, $0.value) }
      #expect(try refusal { try Terms(.map(CBORMap(others + [(.text(key), value)]))) } == .malformed)
    }
  }
}
