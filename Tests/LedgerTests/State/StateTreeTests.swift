import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("State tree", .timeLimit(.minutes(30)))
struct StateTreeTests {
  private static func key(_ number: Int) -> StateKey { .subject("E-\(number)", of: "plain") }

  private static func value(_ number: Int) -> [UInt8] { StatementPlace(index: UInt64(number)).encoded }

  /// `count` keys whose paths share prefixes of every length up to what a search over some thousand keys finds: for
  /// each of the first ones, the nearest to it.
  private static func crowded(_ count: Int, among: Int, using hasher: inout StateHasher) -> [StateKey] {
    let all = (0..<among).map { (key(number: $0, &hasher), $0) }.sorted { $0.0 < $1.0 }
    var nearest: [Int: Int] = [:]
    for (one, other) in zip(all, all.dropFirst()) {
      // One pair for each number of bits that are shared.
      nearest[one.0.sharedBits(with: other.0)] = nearest[one.0.sharedBits(with: other.0)] ?? one.1
    }
    var chosen: [Int] = []
    for bits in nearest.keys.sorted(by: >) {
      guard let first = nearest[bits], let place = all.firstIndex(where: { $0.1 == first }) else { continue }
      for number in [all[place].1, all[place + 1].1] where !chosen.contains(number) { chosen.append(number) }
    }
    for number in 0..<among where chosen.count < count && !chosen.contains(number) { chosen.append(number) }
    return chosen.prefix(count).map { key($0) }
  }

  private static func key(number: Int, _ hasher: inout StateHasher) -> Digest { hasher.path(of: key(number)) }

  private static func state(_ keys: [StateKey], using hasher: inout StateHasher) throws -> TestState {
    var state = TestState()
    _ = try state.apply(keys.enumerated().map { ($1, value($0)) }, using: &hasher)
    return state
  }

  /// The keys that a tree of `keys` is asked for: each of its own, and the others of `all`.
  private static func checkTree(
    _ keys: [StateKey], asking all: [StateKey], bits: (Int) -> [Int], using hasher: inout StateHasher
  ) throws {
    let state = try state(keys, using: &hasher)
    let root = state.tree.root
    #expect(StateTree.root(of: state.values, using: &hasher) == root)
    for key in all {
      let proof = try state.proof(key, using: &hasher)
      let bytes = proof.bytes
      #expect(try proof.check(key, root: root, using: &hasher).value == state.values[key])
      #expect(try StateProof(decoding: bytes.span) == proof)
      for bit in bits(8 * bytes.count) {
        var bad = bytes
        bad[bit / 8] ^= 1 << UInt8(bit % 8)
        if TestState.refusal(bad, key, root, using: &hasher) == nil {
          Issue.record("\(keys.count) keys: bit \(bit) of a proof flipped, and it is taken")
        }
      }
    }
  }

  @Test(
    "trees of up to 8 keys: each key and each neighbour is proven, and no proof with a bit flipped is taken")
  func smallTrees() throws {
    var hasher = StateHasher()
    let keys = Self.crowded(10, among: 3000, using: &hasher)
    for count in 0...8 {
      try Self.checkTree(Array(keys.prefix(count)), asking: keys, bits: { Array(0..<$0) }, using: &hasher)
    }
  }

  @Test(
    "every tree over subsets of 8 keys, and trees of up to 64 with paths that share prefixes of every length",
    .enabled(if: Soak.isOn, "long: make soak runs it"))
  func manyTrees() throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 16)
    let few = Self.crowded(10, among: 100_000, using: &hasher)
    for chosen in 0..<256 {
      let keys = (0..<8).filter { chosen >> $0 & 1 == 1 }.map { few[$0] }
      try Self.checkTree(keys, asking: few, bits: { Array(0..<$0) }, using: &hasher)
    }
    let many = Self.crowded(72, among: 1_000_000, using: &hasher)
    for count in 9...64 {
      try Self.checkTree(
        Array(many.prefix(count)), asking: many, bits: { [Int.random(in: 0..<$0, using: &generator)] },
        using: &hasher)
    }
  }

  @Test("a batch gives the root that its changes give one by one, and that the set has by the definition")
  func batches() throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 5)
    var (batched, single) = (TestState(), TestState())
    for round in 0..<(Soak.isOn ? 400 : 40) {
      var changes: [StateKey: [UInt8]?] = [:]
      for _ in 0..<Int.random(in: 0...60, using: &generator) {
        let number = Int.random(in: 0..<600, using: &generator)
        let removes = Int.random(in: 0..<3, using: &generator) == 0
        changes.updateValue(removes ? nil : Self.value(round), forKey: Self.key(number))
      }
      let list = changes.map { (key: $0.key, value: $0.value) }
      let root = try batched.apply(list, using: &hasher)
      for change in list { _ = try single.apply([change], using: &hasher) }
      #expect(root == single.tree.root)
      #expect(StateTree.root(of: batched.values, using: &hasher) == root)
      #expect(batched.tree.count == batched.values.count)
    }
    // Down to nothing again, so that single leaves rise over every depth.
    for key in batched.values.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      let root = try batched.apply([(key, nil)], using: &hasher)
      if batched.values.count < 20 { #expect(StateTree.root(of: batched.values, using: &hasher) == root) }
      if let other = batched.values.keys.first {
        #expect(try batched.proof(other, using: &hasher).check(root: root, using: &hasher).value != nil)
      }
      #expect(try batched.proof(key, using: &hasher).check(root: root, using: &hasher).value == nil)
    }
    #expect(batched.tree.root == StateTree.emptyRoot)
  }

  @Test("the parts of a tree, each kept alone, give its root after every batch", arguments: [0, 1, 3])
  func parts(depth: Int) throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 12)
    var whole = StateMemory()
    var parts = [StateMemory](repeating: StateMemory(sharing: depth), count: 1 << depth)
    var top = StateTop(depth: depth)
    for round in 0..<30 {
      let numbers = Set((0..<40).map { _ in Int.random(in: 0..<300, using: &generator) })
      let batch = StateBatch(
        numbers.map { (Self.key($0), $0 % 3 == round % 3 ? nil : Self.value(round)) }, using: &hasher)
      for (part, changes) in batch.parts(depth: depth).enumerated() {
        _ = parts[part].apply(changes, using: &hasher)
      }
      top.update(Array(parts.indices), parts.map(\.node), using: &hasher)
      let root = whole.apply(batch.changes, using: &hasher)
      #expect(top.root == root)
    }
  }

  @Test("paths that share 255 bits have their place at depth 256, and the bitmap 32 bytes")
  func deepest() throws {
    var hasher = StateHasher()
    var (one, other) = ([UInt8](repeating: 0xa5, count: 32), [UInt8](repeating: 0xa5, count: 32))
    (one[31], other[31]) = (0xa4, 0xa5)
    let leaves = try [one, other].map {
      StateLeaf(path: try #require(Digest($0)), hash: SHA256.digest(of: $0))
    }
    var tree = StateMemory()
    let root = tree.apply(leaves.map { StateLeafChange(path: $0.path, hash: $0.hash) }, using: &hasher)
    for (leaf, sibling) in [(leaves[0], leaves[1]), (leaves[1], leaves[0])] {
      let way = tree.way(to: leaf.path, using: &hasher)
      #expect(way.depth == 256 && way.siblings == [sibling.hash] && way.end == leaf)
      #expect(way.bitmap == [UInt8](repeating: 0, count: 31) + [1])
      #expect(way.root(from: leaf.hash, at: leaf.path, using: &hasher) == root)
    }
  }

  @Test(
    "absence is refused where it is made with a foreign leaf, a shorter or longer way, or an empty sibling")
  func forgedAbsence() throws {
    var hasher = StateHasher()
    let keys = Self.crowded(24, among: 2000, using: &hasher)
    let state = try Self.state(keys, using: &hasher)
    let root = state.tree.root
    for (number, key) in keys.enumerated() {
      let good = try state.proof(key, using: &hasher)
      let neighbour = keys[(number + 1) % keys.count]
      let others = [neighbour, key].map { other in
        let value = state.values[other] ?? []
        return StateProof.Other(path: hasher.path(of: other), valueHash: hasher.valueHash(value.span))
      }
      for count in 0...good.way.siblings.count {
        for other in [nil] + others.map(Optional.some) {
          var parts = StateProofParts(good)
          (parts.value, parts.other) = (nil, other)
          parts.cut(to: count)
          #expect(TestState.refusal(parts.bytes, key, root, using: &hasher) != nil)
          for more in [Digest.zero, SHA256.digest(of: [1])] {
            var longer = parts
            longer.add(more)
            #expect(TestState.refusal(longer.bytes, key, root, using: &hasher) != nil)
          }
        }
      }
      #expect(TestState.refusal(good.bytes, neighbour, root, using: &hasher) == .otherKey)
      #expect(TestState.refusal(good.bytes, key, SHA256.digest(of: [2]), using: &hasher) == .mismatch)
    }
  }

  @Test("no bytes trap the reader of proofs: fuzz")
  func fuzz() throws {
    var hasher = StateHasher()
    let keys = Self.crowded(16, among: 500, using: &hasher)
    let state = try Self.state(Array(keys.prefix(12)), using: &hasher)
    let root = state.tree.root
    let samples = try keys.map { try state.proof($0, using: &hasher).bytes }
    Fuzzing.run("StateProof", samples: samples) { bytes in
      guard let proof = try? StateProof(decoding: bytes.span) else { return }
      #expect(proof.bytes == bytes)
      guard let proven = try? proof.check(root: root, using: &hasher) else { return }
      #expect(proven.value == state.values[proven.key])
    }
  }
}

/// The parts of a proof, to be put together wrongly.
private struct StateProofParts {
  let key: [UInt8]
  var value: [UInt8]?
  var bits: [Bool]
  var siblings: [Digest]
  var other: StateProof.Other?

  init(_ proof: StateProof) {
    (key, value, siblings, other) = (proof.key.bytes, proof.value, proof.way.siblings, proof.other)
    bits = (0..<proof.way.depth).map { proof.way.bitmap[$0 / 8] & 0x80 >> UInt8($0 % 8) != 0 }
  }

  /// Keeps the first siblings.
  mutating func cut(to count: Int) {
    while siblings.count > count {
      if bits.removeLast() { siblings.removeLast() }
    }
    while bits.last == false { bits.removeLast() }
  }

  mutating func add(_ sibling: Digest) {
    bits.append(true)
    siblings.append(sibling)
  }

  var bytes: [UInt8] {
    var bitmap = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (place, bit) in bits.enumerated() where bit { bitmap[place / 8] |= 0x80 >> UInt8(place % 8) }
    return CBOR.array([
      .bytes(key), value.map(CBOR.bytes) ?? .null, .bytes(bitmap), .array(siblings.map { .bytes($0.bytes) }),
      other.map { .array([.bytes($0.path.bytes), .bytes($0.valueHash.bytes)]) } ?? .null,
    ]).encoded
  }
}
