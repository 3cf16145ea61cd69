public import LedgerCrypto

/// A state tree with all its leaves in memory, 72 bytes a key and some 24 about them: for audits, which make the tree
/// anew, and for tests. It knows no values, but keeps a number with each leaf, by which its owner may find them.
///
/// There are as many buckets as leave each 4 leaves at most on average; when there are more leaves, each bucket
/// becomes two.
///
/// So that several can work at once, one may hold a *part* of the tree: the leaves whose paths begin with the same few
/// bits. The parts' nodes, after each block, are the buckets of a `StateTop`, which gives the root.
public struct StateMemory: Sendable {
  /// The number of leaves.
  public private(set) var count = 0
  /// The hashes above the buckets.
  public private(set) var top = StateTop(depth: 0)
  /// How many first bits all paths here share.
  private let shared: Int
  private var buckets: [[Kept]] = [[]]
  private var subtrees = StateSubtrees()

  private struct Kept: Sendable {
    let leaf: StateLeaf
    let number: UInt32
  }

  private static let leavesPerBucket = 4
  /// How many buckets are hashed together, so that the buffers stay small.
  private static let together = 1 << 12

  /// The empty tree, or a part of one.
  ///
  /// - Parameter shared: how many first bits all paths will share, at most 16.
  public init(sharing shared: Int = 0) {
    precondition((0...16).contains(shared), "so many parts are not made")
    self.shared = shared
  }

  /// The root of the tree.
  public var root: Digest { top.root }

  /// The node of the part.
  public var node: StateNode { top.node(depth: 0, bits: 0) }

  private func bucket(of path: Digest) -> Int {
    path.bucket(depth: shared + top.depth) & (top.bucketCount - 1)
  }

  /// The number kept with the leaf of each of `paths`, which ascend; nil if there is no such leaf.
  public func numbers(of paths: [Digest]) -> [UInt32?] {
    paths.map { path in buckets[bucket(of: path)].first { $0.leaf.path == path }?.number }
  }

  /// Applies a batch and gives the new root; of a part, the hash of its node.
  ///
  /// Removing a key that is not there changes nothing. Traps if the changes are not in ascending order, each path
  /// once.
  ///
  /// - Parameter numbers: what to keep with the leaf of each change; nothing keeps 0.
  public mutating func apply(
    _ changes: [StateLeafChange], numbers: [UInt32] = [], using hasher: inout StateHasher
  ) -> Digest {
    precondition(numbers.isEmpty || numbers.count == changes.count, "a number for each change")
    var touched: [Int] = []
    var (leaves, bounds): ([StateLeaf], [Int]) = ([], [0])
    leaves.reserveCapacity(StateMemory.leavesPerBucket * changes.count)
    var start = 0
    while start < changes.count {
      let bucket = bucket(of: changes[start].path)
      var end = start + 1
      while end < changes.count, self.bucket(of: changes[end].path) == bucket { end += 1 }
      let merged = StateMemory.merge(buckets[bucket], changes, start..<end, numbers)
      count += merged.count - buckets[bucket].count
      for kept in merged { leaves.append(kept.leaf) }
      buckets[bucket] = merged
      touched.append(bucket)
      bounds.append(leaves.count)
      start = end
    }
    let nodes = subtrees.nodes(over: leaves, bounds: bounds, depth: shared + top.depth, using: &hasher)
    top.update(touched, nodes, using: &hasher)
    while count > StateMemory.leavesPerBucket * top.bucketCount, shared + top.depth < StateTop.maximumDepth {
      split(using: &hasher)
    }
    return root
  }

  /// What becomes of `old` by some of `changes`, both in ascending order of their paths.
  private static func merge(
    _ old: [Kept], _ changes: [StateLeafChange], _ range: Range<Int>, _ numbers: [UInt32]
  ) -> [Kept] {
    var merged: [Kept] = []
    merged.reserveCapacity(old.count + range.count)
    var place = 0
    for number in range {
      let change = changes[number]
      while place < old.count, old[place].leaf.path < change.path {
        merged.append(old[place])
        place += 1
      }
      if place < old.count, old[place].leaf.path == change.path { place += 1 }
      if let hash = change.hash {
        merged.append(
          Kept(leaf: StateLeaf(path: change.path, hash: hash), number: numbers.isEmpty ? 0 : numbers[number]))
      }
    }
    merged.append(contentsOf: old[place...])
    return merged
  }

  private mutating func split(using hasher: inout StateHasher) {
    let depth = top.depth
    var halves: [[Kept]] = []
    halves.reserveCapacity(2 * buckets.count)
    for bucket in buckets {
      let middle = bucket.firstIndex { $0.leaf.path.bit(shared + depth) } ?? bucket.endIndex
      halves.append(Array(bucket[..<middle]))
      halves.append(Array(bucket[middle...]))
    }
    buckets = halves
    top = StateTop(depth: depth + 1)
    var nodes: [StateNode] = []
    for start in stride(from: 0, to: buckets.count, by: StateMemory.together) {
      let run = buckets[start..<min(start + StateMemory.together, buckets.count)]
      var (leaves, bounds): ([StateLeaf], [Int]) = ([], [0])
      for bucket in run {
        leaves += bucket.map(\.leaf)
        bounds.append(leaves.count)
      }
      nodes += subtrees.nodes(over: leaves, bounds: bounds, depth: shared + depth + 1, using: &hasher)
    }
    top.update(Array(buckets.indices), nodes, using: &hasher)
  }

  /// The way to the place of `path`. Traps for a part of a tree.
  public func way(to path: Digest, using hasher: inout StateHasher) -> StateProofPath {
    precondition(shared == 0, "a part of a tree does not know the way")
    let bucket = top.bucket(onWayTo: path).map { buckets[$0].map(\.leaf) }
    return top.way(to: path, among: bucket ?? [], using: &hasher)
  }
}
