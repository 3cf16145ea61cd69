import LedgerCrypto
import Testing
import TransparencyLog

@Suite("Merkle tree, against the definitions of RFC 6962 §2.1")
struct MerkleTests {
  static let largest = 200
  static let leaves = leafHashes(largest)

  @Test("hashes of leaves and nodes are separated by their first byte")
  func domains() {
    var hasher = TreeHasher()
    let leaf = hasher.leaf([1, 2, 3].span)
    #expect(leaf == digest([0, 1, 2, 3]))
    let node = hasher.node(leaf, Digest.zero)
    #expect(node == digest([1] + leaf.bytes + Digest.zero.bytes))
  }

  @Test("every tree of up to 200 leaves has the defined root, by each way to a root")
  func roots() throws {
    var hasher = TreeHasher()
    var definition = Definition(leaves: Self.leaves)
    var frontier = Frontier()
    for size in 0...Self.largest {
      let expected = definition.root(0..<size)
      let folded = Merkle.root(of: Array(Self.leaves.prefix(size)), using: &hasher)
      #expect(folded == expected)
      let appended = frontier.root(using: &hasher)
      #expect(appended == expected)
      #expect(frontier.size == UInt64(size))
      #expect(frontier.peaks.count == size.nonzeroBitCount)
      let tree = MemoryTree(leaves: Array(Self.leaves.prefix(size)), using: &hasher)
      #expect(tree.size == UInt64(size))
      let read = try Frontier(size: UInt64(size), from: tree)
      #expect(read == frontier)
      if size < Self.largest { frontier.append(Self.leaves[size], using: &hasher) }
    }
  }

  @Test("every inclusion proof of every tree of up to 200 leaves is the defined one and holds")
  func inclusion() throws {
    var hasher = TreeHasher()
    var definition = Definition(leaves: Self.leaves)
    let tree = MemoryTree(leaves: Self.leaves, using: &hasher)
    for size in 1...Self.largest {
      let root = definition.root(0..<size)
      for index in 0..<size {
        let proof = try InclusionProof(index: UInt64(index), size: UInt64(size), from: tree, using: &hasher)
        if proof.path != definition.path(index, 0..<size) {
          Issue.record("leaf \(index) of \(size): other path")
        }
        try proof.verify(leaf: Self.leaves[index], root: root, using: &hasher)
      }
    }
  }

  @Test(
    "the proofs that the last leaves' edge gives are those of the whole tree, for each split of trees of up to 100 leaves"
  )
  func rightEdge() throws {
    var hasher = TreeHasher()
    let tree = MemoryTree(leaves: Self.leaves, using: &hasher)
    for size in 1...100 {
      for before in 0..<size {
        let frontier = try Frontier(size: UInt64(before), from: tree)
        let edge = RightEdge(Array(Self.leaves[before..<size]), after: frontier, using: &hasher)
        #expect(edge.size == UInt64(size))
        for index in UInt64(before)..<UInt64(size) {
          let (ours, whole) = (
            try edge.proof(of: index),
            try InclusionProof(index: index, size: UInt64(size), from: tree, using: &hasher)
          )
          if ours != whole { Issue.record("leaf \(index) of \(size), after \(before): another proof") }
        }
        #expect(throws: LogError.self) { try edge.proof(of: UInt64(size)) }
        if before > 1 {
          #expect(throws: LogError.self) { try edge.proof(of: UInt64(before - 2)) }
        }
      }
    }
  }

  @Test("every consistency proof between trees of up to 200 leaves is the defined one and holds")
  func consistency() throws {
    var hasher = TreeHasher()
    var definition = Definition(leaves: Self.leaves)
    let tree = MemoryTree(leaves: Self.leaves, using: &hasher)
    for new in 1...Self.largest {
      for old in 1...new {
        let proof = try ConsistencyProof(
          oldSize: UInt64(old), newSize: UInt64(new), from: tree, using: &hasher)
        if proof.path != definition.proof(old, new) { Issue.record("\(old) to \(new): other path") }
        try proof.verify(
          oldRoot: definition.root(0..<old), newRoot: definition.root(0..<new), using: &hasher)
      }
    }
  }

  @Test(
    "an inclusion proof with any one hash changed, left out, added or swapped is refused, in every tree up to 40"
  )
  func corruptInclusion() throws {
    var hasher = TreeHasher()
    var definition = Definition(leaves: Self.leaves)
    for size in 1...40 {
      let root = definition.root(0..<size)
      for index in 0..<size {
        let leaf = Self.leaves[index]
        let good = InclusionProof(
          index: UInt64(index), size: UInt64(size), path: definition.path(index, 0..<size))
        func code(_ proof: InclusionProof, _ leaf: Digest, _ root: Digest) -> LogError.Code? {
          var hasher = TreeHasher()
          return refusal { try proof.verify(leaf: leaf, root: root, using: &hasher) }
        }
        #expect(code(good, Digest.zero, root) == .inclusion)
        #expect(code(good, leaf, Digest.zero) == .inclusion)
        for position in good.path.indices {
          var bad = good
          bad.path[position] = hasher.node(bad.path[position], .zero)
          #expect(code(bad, leaf, root) == .inclusion)
          bad = good
          bad.path.remove(at: position)
          #expect(code(bad, leaf, root) == .malformedProof)
        }
        for position in 0...good.path.count {
          var bad = good
          bad.path.insert(root, at: position)
          #expect(code(bad, leaf, root) == .malformedProof)
        }
        // Every other index of the same tree is refused: a proof says where, not only that.
        for other in 0..<size where other != index {
          var bad = good
          bad.index = UInt64(other)
          #expect(code(bad, leaf, root) != nil)
        }
        if good.path.count > 1 {
          var bad = good
          bad.path.swapAt(0, 1)
          #expect(code(bad, leaf, root) == .inclusion)
        }
      }
    }
  }

  @Test("a consistency proof with any one hash changed, left out or added is refused, in every tree up to 40")
  func corruptConsistency() throws {
    var hasher = TreeHasher()
    var definition = Definition(leaves: Self.leaves)
    func code(_ proof: ConsistencyProof, _ old: Digest, _ new: Digest) -> LogError.Code? {
      var hasher = TreeHasher()
      return refusal { try proof.verify(oldRoot: old, newRoot: new, using: &hasher) }
    }
    for new in 1...40 {
      let newRoot = definition.root(0..<new)
      for old in 1...new {
        let oldRoot = definition.root(0..<old)
        let good = ConsistencyProof(
          oldSize: UInt64(old), newSize: UInt64(new), path: definition.proof(old, new))
        #expect(code(good, Digest.zero, newRoot) == .consistency)
        #expect(code(good, oldRoot, Digest.zero) == .consistency)
        if old < new { #expect(code(good, newRoot, oldRoot) == .consistency) }
        for position in good.path.indices {
          var bad = good
          bad.path[position] = hasher.node(bad.path[position], .zero)
          #expect(code(bad, oldRoot, newRoot) == .consistency)
          bad = good
          bad.path.remove(at: position)
          #expect(code(bad, oldRoot, newRoot) == .malformedProof)
        }
        for position in 0...good.path.count {
          var bad = good
          bad.path.insert(oldRoot, at: position)
          #expect(code(bad, oldRoot, newRoot) == .malformedProof)
        }
      }
    }
  }

  @Test("a proof of another tree is refused")
  func otherTree() throws {
    var hasher = TreeHasher()
    let tree = MemoryTree(leaves: Self.leaves, using: &hasher)
    let root = try Merkle.root(size: 100, from: tree, using: &hasher)
    let other = try Merkle.root(size: 101, from: tree, using: &hasher)
    let proof = try InclusionProof(index: 7, size: 100, from: tree, using: &hasher)
    try proof.verify(leaf: Self.leaves[7], root: root, using: &hasher)
    let code = refusal { try proof.verify(leaf: Self.leaves[7], root: other, using: &hasher) }
    #expect(code == .inclusion)
  }

  @Test(
    "no proof is made or accepted where there is none to give",
    arguments: [(0, 0), (1, 1), (5, 5), (6, 5), (.max, 5), (.max, .max), (0, 0)] as [(UInt64, UInt64)])
  func noInclusion(index: UInt64, size: UInt64) {
    var hasher = TreeHasher()
    let made = refusal {
      _ = try InclusionProof(index: index, size: size, from: UniformTree(), using: &hasher)
    }
    #expect(made == .malformedProof)
    let accepted = refusal {
      _ = try InclusionProof(index: index, size: size, path: []).root(leaf: .zero, using: &hasher)
    }
    #expect(accepted == .malformedProof)
  }

  @Test(
    "no consistency proof begins with the empty tree or leads backwards",
    arguments: [(0, 0), (0, 1), (0, .max), (2, 1), (.max, 1), (.max, 0)] as [(UInt64, UInt64)])
  func noConsistency(old: UInt64, new: UInt64) {
    var hasher = TreeHasher()
    let made = refusal {
      _ = try ConsistencyProof(oldSize: old, newSize: new, from: UniformTree(), using: &hasher)
    }
    #expect(made == .malformedProof)
    let accepted = refusal {
      try ConsistencyProof(oldSize: old, newSize: new, path: [])
        .verify(oldRoot: Merkle.emptyRoot, newRoot: Merkle.emptyRoot, using: &hasher)
    }
    #expect(accepted == .malformedProof)
  }

  @Test("the reader's missing hash is passed on")
  func missingHash() {
    var hasher = TreeHasher()
    let tree = MemoryTree(leaves: Array(Self.leaves.prefix(5)), using: &hasher)
    let codes = [
      refusal { _ = try InclusionProof(index: 0, size: 6, from: tree, using: &hasher) },
      refusal { _ = try ConsistencyProof(oldSize: 3, newSize: 6, from: tree, using: &hasher) },
      refusal { _ = try Frontier(size: 6, from: tree) },
      refusal { _ = try tree.hash(level: -1, index: 0) },
      refusal { _ = try tree.hash(level: 3, index: 0) },
      refusal { _ = try tree.hash(level: 0, index: .max) },
    ]
    #expect(codes == Array(repeating: .missingHash, count: codes.count))
  }

  static let edges: [UInt64] = [
    1, 2, 3, 1 << 32, (1 << 32) + 1, (1 << 62) - 1, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, .max - 1,
    .max,
  ]

  @Test("proofs reach to trees of 2^64 - 1 leaves", arguments: edges)
  func hugeTrees(size: UInt64) throws {
    var hasher = TreeHasher()
    let tree = UniformTree()
    let root = try Merkle.root(size: size, from: tree, using: &hasher)
    for index in Set([0, 1, size / 3, size / 2, size - 1].filter { $0 < size }) {
      let proof = try InclusionProof(index: index, size: size, from: tree, using: &hasher)
      #expect(proof.path.count <= 64)
      try proof.verify(leaf: tree.levels[0], root: root, using: &hasher)
      let short = InclusionProof(index: index, size: size, path: Array(proof.path.dropLast()))
      if !proof.path.isEmpty {
        let code = refusal { try short.verify(leaf: tree.levels[0], root: root, using: &hasher) }
        #expect(code == .malformedProof)
      }
    }
    for old in Self.edges where old <= size {
      let oldRoot = try Merkle.root(size: old, from: tree, using: &hasher)
      let proof = try ConsistencyProof(oldSize: old, newSize: size, from: tree, using: &hasher)
      try proof.verify(oldRoot: oldRoot, newRoot: root, using: &hasher)
    }
  }
}

@Suite("Frontier")
struct FrontierTests {
  @Test("peaks of the wrong number make no frontier")
  func wrongPeaks() {
    #expect(Frontier(size: 3, peaks: [.zero]) == nil)
    #expect(Frontier(size: 3, peaks: [.zero, .zero, .zero]) == nil)
    #expect(Frontier(size: 0, peaks: [.zero]) == nil)
    #expect(Frontier(size: 0, peaks: []) == Frontier())
    #expect(Frontier(size: 3, peaks: [.zero, .zero])?.peaks.count == 2)
  }

  @Test("a frontier taken up again from its peaks goes on as if it had not been put down")
  func resumed() throws {
    var hasher = TreeHasher()
    let leaves = leafHashes(70)
    for cut in 0...70 {
      var frontier = Frontier()
      for leaf in leaves.prefix(cut) { frontier.append(leaf, using: &hasher) }
      var resumed = try #require(Frontier(size: frontier.size, peaks: frontier.peaks))
      for leaf in leaves.dropFirst(cut) { resumed.append(leaf, using: &hasher) }
      let root = resumed.root(using: &hasher)
      let expected = Merkle.root(of: leaves, using: &hasher)
      #expect(root == expected)
    }
  }

  @Test(
    "any number of leaves added at once, to a tree of any size, makes the tree that one after the other makes"
  )
  func many() throws {
    var hasher = TreeHasher()
    let leaves = leafHashes(150)
    var frontiers = [Frontier()]
    for leaf in leaves {
      var next = frontiers[frontiers.count - 1]
      next.append(leaf, using: &hasher)
      frontiers.append(next)
    }
    for start in 0...leaves.count {
      for end in start...leaves.count {
        var frontier = frontiers[start]
        frontier.append(contentsOf: leaves[start..<end], using: &hasher)
        if frontier != frontiers[end] { Issue.record("\(start) and then up to \(end)") }
      }
    }
  }

  @Test(
    "many leaves and nodes at once have the hashes that single ones have, by every kernel and by libcrypto alone"
  )
  func kernels() {
    var single = TreeHasher()
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let ranges = (0..<100).map { $0..<$0 + 40 * $0 }
    var leaves: [Digest] = []
    for range in ranges { leaves.append(single.leaf(bytes.span.extracting(range))) }
    var nodes: [Digest] = []
    for pair in 0..<50 { nodes.append(single.node(leaves[2 * pair], leaves[2 * pair + 1])) }
    var expected = Frontier()
    for leaf in leaves { expected.append(leaf, using: &single) }
    for kernel in [nil] + LaneKernel.all.filter({ $0.state == .used || $0.state == .spare }) {
      var many = TreeHasher(LaneHasher(forcing: kernel))
      var made: [Digest] = []
      many.appendLeaves(bytes.span, at: ranges[...], to: &made)
      #expect(made == leaves)
      var frontier = Frontier()
      frontier.append(contentsOf: leaves[..<61], using: &many)
      frontier.append(contentsOf: leaves[61...], using: &many)
      #expect(frontier == expected)
      many.hashPairs(&made, count: 50)
      #expect(made == nodes + leaves[50...])
    }
  }

  @Test("subtrees can be added whole, in any mixture that fits")
  func subtrees() throws {
    var hasher = TreeHasher()
    let leaves = leafHashes(64)
    let tree = MemoryTree(leaves: leaves, using: &hasher)
    for start in 0..<64 {
      for level in 0...5 where start.isMultiple(of: 1 << level) && start + 1 << level <= 64 {
        var frontier = try Frontier(size: UInt64(start), from: tree)
        let subtree = try tree.hash(level: level, index: UInt64(start >> level))
        frontier.append(subtree: subtree, level: level, using: &hasher)
        let expected = try Frontier(size: UInt64(start + 1 << level), from: tree)
        #expect(frontier == expected)
      }
    }
  }
}
