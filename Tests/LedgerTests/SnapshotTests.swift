import Ledger
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@Suite("A snapshot of the state")
struct SnapshotTests {
  /// States with everything in them: before founding, plain, with proposals open and settled.
  static func states() throws -> [LedgerState] {
    var chain = try Chain(Consortium(members: 4, validators: 2, administrators: 3, threshold: 2))
    var states = [chain.foundingState, chain.state]
    let first = try chain.proposal(.setParameter(name: "block-delay-ms", value: 7))
    let newcomer = try PrivateKey(generating: .es256).publicKey
    let other = try chain.proposal(
      .addMember(id: "new", name: LocalizedName(zh: "新", en: nil)!, roles: ["x-a"], keys: [newcomer]), by: 1)
    try chain.add([first.entry, other.entry])
    states.append(chain.state)
    try chain.add([chain.countersign(first.id, by: 2).entry])
    states.append(chain.state)
    let fresh = try PrivateKey(generating: .es256).publicKey
    try chain.add([
      chain.countersign(other.id, by: 2).entry, chain.proposal(.removeMember("m03")).entry,
      chain.proposal(.rotateKey(member: "m03", key: fresh, retires: []), by: 2).entry,
    ])
    states.append(chain.state)
    return states
  }

  @Test("is read back as the same state")
  func roundTrip() throws {
    for state in try SnapshotTests.states() {
      let again = try LedgerState(snapshot: state.snapshot, frontier: state.frontier)
      #expect(again.snapshot == state.snapshot)
      #expect(again.ledgerID == state.ledgerID)
      #expect(again.height == state.height)
      #expect(again.parent == state.parent)
      #expect(again.parentTime == state.parentTime)
      #expect(again.roster.items == state.roster.items)
      #expect(again.proposals == state.proposals)
      #expect(again.frontier == state.frontier)
    }
  }

  @Test("a ledger goes on from a snapshot as from the state itself")
  func goesOn() throws {
    let states = try SnapshotTests.states()
    #expect(states.map(\.height) == [0, 1, 2, 3, 4])
    #expect(states.map(\.proposals.pending.count) == [0, 0, 2, 1, 2])
    #expect(states.map(\.proposals.settled.count) == [0, 0, 0, 1, 2])
  }

  @Test("with a field spoilt it is malformed, and never traps the next block")
  func spoilt() throws {
    let state = try SnapshotTests.states()[4]
    guard case .map(let map) = try CBOR(decoding: state.snapshot) else { return }
    func code(_ key: String, _ value: CBOR?, frontier: Frontier? = nil) throws -> Refusal.Code? {
      let others = map.pairs.filter { $0.key != .text(key) }.map { ($0.key, $0.value) }
      let bytes = CBOR.map(CBORMap(others + (value.map { [(.text(key), $0)] } ?? []))).encoded
      return try refusal { try LedgerState(snapshot: bytes, frontier: frontier ?? state.frontier) }
    }
    guard case .array(let settled) = map["settled"], case .map(let pending) = map["pending"],
      case .array(let roster) = map["roster"]
    else { return }
    #expect(try code("height", map["height"]) == nil)
    #expect(try code("height", .unsigned(.max)) == .malformed)
    #expect(try code("height", 0) == .malformed)
    #expect(try code("height", map["height"], frontier: Frontier()) == .malformed)
    #expect(try code("time", .null) == .malformed)
    #expect(try code("time", .unsigned(BlockHeader.maximumTime + 1)) == .malformed)
    #expect(try code("settled", .array(settled.reversed())) == .malformed)
    #expect(try code("settled", .array(settled + [settled[1]])) == .malformed)
    #expect(try code("settled", [.bytes([1])]) == .malformed)
    #expect(try code("roster", .array(roster.reversed())) == .malformed)
    #expect(try code("roster", []) == .malformed)
    #expect(try code("version", 1) == .malformed)
    #expect(try code("more", 2) == .malformed)
    for pair in map.pairs {
      guard case .text(let key) = pair.key else { continue }
      #expect(try code(key, nil) == .malformed)
      #expect(try code(key, .bool(true)) == .malformed)
    }
    guard let (id, value) = pending.pairs.first, case .array(let parts) = value else { return }
    #expect(try code("pending", [id: value]) == nil)
    let approvals: [CBOR] = [[], ["m03"], ["m00", "m00"], ["nobody"], [1], ["m00", 1]]
    for approvals in approvals {
      #expect(try code("pending", [id: [parts[0], parts[1], approvals, parts[3]]]) == .malformed)
    }
    #expect(try code("pending", ["x": value]) == .malformed)
    #expect(try code("pending", [id: [.text(Kind.countersign), parts[1], parts[2], parts[3]]]) == .malformed)
    #expect(try code("pending", [id: [parts[0], parts[1], parts[2]]]) == .malformed)
    for time: CBOR in [.text("1"), .unsigned(BlockHeader.maximumTime + 1)] {
      #expect(try code("pending", [id: [parts[0], parts[1], parts[2], time]]) == .malformed)
    }
  }
}
