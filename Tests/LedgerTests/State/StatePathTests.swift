import Ledger
import LedgerCrypto
import TestKit
import Testing

/// Trees over paths that are given instead of hashed from keys: so two of them can share as many bits as they like. The
/// key of a path is its 32 bytes here, and its value the path's first two.
@Suite("State tree over given paths", .timeLimit(.minutes(30)))
struct StatePathTests {
  /// A tree over given paths, with the oracle's root.
  private struct Tree: ~Copyable {
    var hasher = StateHasher()
    let paths: [Digest]
    let leaves: [Digest: Digest]
    let memory: StateMemory
    let root: Digest

    init(_ paths: [Digest]) {
      self.paths = paths.sorted()
      var (leaves, memory): ([Digest: Digest], StateMemory) = ([:], StateMemory())
      for path in paths { leaves[path] = hash([2] + path.bytes + hash(Tree.value(path)).bytes) }
      memory = StateMemory()
      root = memory.apply(
        self.paths.map { StateLeafChange(path: $0, hash: leaves[$0]) }, using: &hasher)
      (self.leaves, self.memory) = (leaves, memory)
    }

    static func value(_ path: Digest) -> [UInt8] { Array(path.bytes.prefix(2)) }

    /// The proof that the product makes.
    mutating func proof(_ path: Digest) -> StateProof {
      StateProof(
        StateKey(bytes: path.bytes), leaves[path] == nil ? nil : Tree.value(path),
        way: memory.way(to: path, using: &hasher)
      ) { leaf in hash(Tree.value(leaf.path)) }
    }

    /// Whether these bytes are taken as the proof for `path`.
    mutating func takes(_ bytes: [UInt8], for path: Digest) -> Bool {
      guard let proof = try? StateProof(decoding: bytes.span), proof.key.bytes == path.bytes else {
        return false
      }
      return (try? proof.check(at: path, root: root, using: &hasher)) != nil
    }

    /// The subtree over `paths`, all of which share their first `depth` bits, as the definition says.
    func subtree(_ paths: ArraySlice<Digest>, _ depth: Int) -> Digest {
      guard let first = paths.first else { return .zero }
      if paths.count == 1 { return leaves[first]! }
      let (zeros, ones) = divided(paths, depth)
      return hash([3] + subtree(zeros, depth + 1).bytes + subtree(ones, depth + 1).bytes)
    }

    func divided(_ paths: ArraySlice<Digest>, _ depth: Int) -> (ArraySlice<Digest>, ArraySlice<Digest>) {
      let split = paths.firstIndex { bit($0, depth) } ?? paths.endIndex
      return (paths[..<split], paths[split...])
    }

    /// The siblings on the way to `path` with their depths, and the leaf at its end, as the definition says.
    func way(_ path: Digest) -> (siblings: [(depth: Int, hash: Digest)], end: Digest?) {
      var (rest, depth, siblings): (ArraySlice<Digest>, Int, [(Int, Digest)]) = (paths[...], 0, [])
      while rest.count > 1 {
        let (zeros, ones) = divided(rest, depth)
        siblings.append((depth, subtree(bit(path, depth) ? zeros : ones, depth + 1)))
        rest = bit(path, depth) ? ones : zeros
        depth += 1
      }
      return (siblings.filter { $0.1 != .zero }, rest.first)
    }
  }

  private static func hash(_ bytes: [UInt8]) -> Digest { SHA256.digest(of: bytes) }

  private static func bit(_ path: Digest, _ depth: Int) -> Bool {
    path.bytes[depth / 8] & 0x80 >> UInt8(depth % 8) != 0
  }

  /// `path` with its bit at `depth` the other way, and what follows as in `rest`.
  private static func branch(_ path: Digest, at depth: Int, _ rest: Digest) -> Digest {
    var bytes = path.bytes
    for place in depth..<256 {
      let mask = UInt8(0x80) >> UInt8(place % 8)
      let isSet = place == depth ? !bit(path, place) : bit(rest, place)
      bytes[place / 8] = isSet ? bytes[place / 8] | mask : bytes[place / 8] & ~mask
    }
    return Digest(bytes)!
  }

  /// A path, and for each of `depths` another one that shares so many first bits with it.
  private static func comb(_ depths: [Int], seed: UInt8) -> [Digest] {
    let base = hash([seed])
    return [base] + depths.map { branch(base, at: $0, hash([seed, UInt8($0)])) }
  }

  /// For each path, what is next to it: the last bit the other way, and branches off it at `depths`.
  private static func neighbours(of paths: [Digest], at depths: [Int]) -> [Digest] {
    var all: Set<Digest> = []
    for path in paths {
      for depth in depths + [255] { all.insert(branch(path, at: depth, hash([UInt8(depth)]))) }
    }
    return all.subtracting(paths).sorted()
  }

  /// Sees that the tree over `paths` has the root and the proofs of the definition, for its own paths and for
  /// `absent`, and that it takes none of them with one of `bits` flipped.
  private static func check(
    _ paths: [Digest], absent: [Digest], bits: (Int) -> [Int], _ note: String
  ) {
    var tree = Tree(paths)
    let root = tree.subtree(tree.paths[...], 0)
    if tree.root != root { Issue.record("\(note): another root") }
    for path in paths + absent {
      let proof = tree.proof(path)
      let (siblings, end) = tree.way(path)
      #expect(proof.way.siblings == siblings.map(\.hash), "\(note)")
      let named = (0..<8 * proof.way.bitmap.count).filter {
        proof.way.bitmap[$0 / 8] & 0x80 >> UInt8($0 % 8) != 0
      }
      #expect(named == siblings.map(\.depth), "\(note)")
      let other = tree.leaves[path] == nil ? end : nil
      #expect(proof.other?.path == other, "\(note)")
      let bytes = proof.bytes
      if !tree.takes(bytes, for: path) { Issue.record("\(note): a proof is refused") }
      for bit in bits(8 * bytes.count) {
        var bad = bytes
        bad[bit / 8] ^= 1 << UInt8(bit % 8)
        if tree.takes(bad, for: path) {
          Issue.record("\(note): bit \(bit) of a proof flipped, and it is taken")
        }
      }
    }
  }

  /// A bit of each byte, another one in each.
  private static func oneOfEachByte(_ count: Int) -> [Int] { (0..<count / 8).map { 8 * $0 + $0 % 8 } }

  /// Where words, bytes and the path itself begin and end.
  private static let edges = [0, 1, 7, 8, 63, 64, 127, 128, 191, 192, 254, 255]

  @Test(
    "two keys whose paths share any number of bits: both are proven, and what is beside them is not there")
  func pairs() {
    for shared in Soak.isOn ? Array(0..<256) : Self.edges {
      let paths = Self.comb([shared], seed: 1)
      let beside = [shared - 1, shared, shared + 1].filter { (0..<256).contains($0) }
      Self.check(
        paths, absent: Self.neighbours(of: paths, at: beside),
        bits: { [(shared * 67) % $0, (shared * 131 + 7) % $0] }, "2 keys that share \(shared) bits")
    }
  }

  @Test(
    "trees of up to 64 keys that share prefixes of every length, each key and each neighbour",
    arguments: sizes)
  func combs(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    // As many trees as it takes to share every length once.
    for start in stride(from: 0, to: 256, by: Soak.isOn ? count : 256) {
      var depths = (0..<256).map { ($0 + start) % 256 }
      if !Soak.isOn { depths.shuffle(using: &generator) }
      let paths = Self.comb(Array(depths.prefix(count - 1)), seed: UInt8(count))
      Self.check(
        paths, absent: Self.neighbours(of: Array(paths.prefix(2)), at: Self.edges),
        bits: { [Int.random(in: 0..<$0, using: &generator)] }, "\(count) keys from \(start)")
    }
  }

  private static let sizes = Soak.isOn ? Array(1...64) : [1, 2, 3, 9, 24, 64]

  @Test("small trees that share few, some and nearly all bits: no proof with a bit flipped is taken")
  func flippedBits() {
    let paths = Self.comb(Self.edges, seed: 3)
    for count in Soak.isOn ? Array(0...8) : [1, 3, 8] {
      // The longest prefixes first, or the shortest.
      for chosen in [Array(paths.prefix(count)), Array(paths.suffix(count))] {
        Self.check(
          chosen, absent: Array(Self.neighbours(of: Array(paths.prefix(1)), at: [0, 64, 200]).prefix(4)),
          bits: { Soak.isOn ? Array(0..<$0) : Self.oneOfEachByte($0) }, "\(count) keys")
      }
    }
  }

  @Test(
    "every tree over some of 8 keys that share 0 to 255 bits",
    .enabled(if: Soak.isOn, "long: make soak runs it"))
  func everySubset() {
    let paths = Self.comb([0, 1, 8, 63, 64, 128, 255], seed: 4)
    for chosen in 0..<256 {
      let some = (0..<8).filter { chosen >> $0 & 1 == 1 }.map { paths[$0] }
      Self.check(
        some, absent: paths.filter { !some.contains($0) } + Self.neighbours(of: [paths[0]], at: [0, 200]),
        bits: Self.oneOfEachByte, "subset \(chosen)")
    }
  }
}
