import LedgerCrypto

/// The hashes of many small subtrees, worked out together: each level of all of them fills the lanes at once.
public struct StateSubtrees: Sendable {
  /// The first leaf of the node that ends with this leaf, and the last of the one that begins with it; elsewhere
  /// without meaning.
  private var first: [Int32] = []
  private var last: [Int32] = []
  /// The hash of the node that begins with this leaf.
  private var hashes: [Digest] = []
  /// The leaves whose node merges at this depth are marked with it.
  private var merged: [Int16] = []
  /// The leaves at which an inner node begins, as of the depth below.
  private var inner: [Int32] = []
  private var above: [Int32] = []
  private var pairs: [Digest] = []
  /// The boundaries between neighbours, by the bits that these share: a chain for each depth.
  private var heads: [Int32] = []
  private var next: [Int32] = []

  /// A worker without memory; it keeps its buffers from one call to the next.
  public init() {}

  /// The subtree over `leaves`, sorted by path, which share their first `depth` bits.
  public static func node(
    over leaves: ArraySlice<StateLeaf>, depth: Int, using hasher: inout StateHasher
  ) -> StateNode {
    var subtrees = StateSubtrees()
    return subtrees.nodes(over: Array(leaves), bounds: [0, leaves.count], depth: depth, using: &hasher)[0]
  }

  /// The subtrees over groups of leaves.
  ///
  /// Traps if the leaves of a group are not in ascending order of their paths, each once, with the same first
  /// `depth` bits.
  ///
  /// - Parameters:
  ///   - leaves: those of all groups, one group after the other; fewer than 2^31.
  ///   - bounds: where each group begins, and behind them the number of leaves. A group may be empty.
  ///   - depth: how many bits the paths of a group share at least.
  /// - Complexity: 1.44 hashes a leaf where paths are random.
  public mutating func nodes(
    over leaves: [StateLeaf], bounds: [Int], depth: Int, using hasher: inout StateHasher
  ) -> [StateNode] {
    prepare(leaves, bounds, depth)
    var level = 255
    while level >= depth {
      if inner.isEmpty, heads[level] < 0 {
        level -= 1
        continue
      }
      hash(level, of: leaves, using: &hasher)
      level -= 1
    }
    var nodes: [StateNode] = []
    nodes.reserveCapacity(bounds.count - 1)
    for group in 0..<bounds.count - 1 {
      let (start, end) = (bounds[group], bounds[group + 1])
      nodes.append(start == end ? .empty : StateNode(hash: hashes[start], isLeaf: end - start == 1))
    }
    return nodes
  }

  private mutating func prepare(_ leaves: [StateLeaf], _ bounds: [Int], _ depth: Int) {
    precondition(leaves.count < 1 << 31 && bounds.last == leaves.count, "the bounds are those of the leaves")
    hashes.removeAll(keepingCapacity: true)
    first.removeAll(keepingCapacity: true)
    hashes.reserveCapacity(leaves.count)
    first.reserveCapacity(leaves.count)
    for (index, leaf) in leaves.enumerated() {
      hashes.append(leaf.hash)
      first.append(Int32(truncatingIfNeeded: index))
    }
    last = first
    if merged.count < leaves.count { merged += repeatElement(256, count: leaves.count - merged.count) }
    for index in 0..<leaves.count { merged[index] = 256 }
    if next.count < leaves.count { next += repeatElement(-1, count: leaves.count - next.count) }
    heads = [Int32](repeating: -1, count: 256)
    inner.removeAll(keepingCapacity: true)
    for group in 0..<bounds.count - 1 {
      for left in bounds[group]..<max(bounds[group], bounds[group + 1] - 1) {
        let (one, other) = (leaves[left].path, leaves[left + 1].path)
        let shared = one.sharedBits(with: other)
        precondition(
          one < other && shared >= depth, "the leaves of a group ascend and share their first bits")
        next[left] = heads[shared]
        heads[shared] = Int32(truncatingIfNeeded: left)
      }
    }
  }

  /// Makes the nodes at depth `level` of those one below.
  private mutating func hash(_ level: Int, of leaves: [StateLeaf], using hasher: inout StateHasher) {
    pairs.removeAll(keepingCapacity: true)
    above.removeAll(keepingCapacity: true)
    var boundary = heads[level]
    while boundary >= 0 {
      let (left, right) = (first[Int(boundary)], boundary + 1)
      pairs.append(hashes[Int(left)])
      pairs.append(hashes[Int(right)])
      above.append(left)
      merged[Int(left)] = Int16(level)
      merged[Int(right)] = Int16(level)
      let end = last[Int(right)]
      last[Int(left)] = end
      first[Int(end)] = left
      boundary = next[Int(boundary)]
    }
    // An inner node whose other side is empty: hashed like any other.
    for start in inner where merged[Int(start)] != Int16(level) {
      let isRight = leaves[Int(start)].path.bit(level)
      pairs.append(isRight ? .zero : hashes[Int(start)])
      pairs.append(isRight ? hashes[Int(start)] : .zero)
      above.append(start)
    }
    hasher.hashInner(&pairs, count: above.count)
    for (number, start) in above.enumerated() { hashes[Int(start)] = pairs[number] }
    swap(&inner, &above)
  }
}
