public import LedgerCrypto

/// A tree held whole in memory, for trees that are small: rosters, batches, tests. It takes two hashes a leaf.
public struct MemoryTree: HashReader, Sendable, Hashable {
  /// `levels[l]` holds the roots of the perfect subtrees of 2^l leaves.
  private let levels: [[Digest]]

  /// The tree over `leaves`, which are leaf hashes.
  public init(leaves: [Digest], using hasher: inout TreeHasher) {
    var levels = [leaves]
    var level = leaves
    while level.count > 1 {
      let count = level.count / 2
      hasher.hashPairs(&level, count: count)
      level.removeLast(level.count - count)
      levels.append(level)
    }
    self.levels = levels
  }

  /// The number of leaves.
  public var size: UInt64 { UInt64(levels[0].count) }

  /// The hash at `level` and `index`; throws `missingHash` where the tree does not reach.
  public func hash(level: Int, index: UInt64) throws(LogError) -> Digest {
    guard levels.indices.contains(level), index < UInt64(levels[level].count) else {
      throw LogError(.missingHash, "no hash \(index) at level \(level) in a tree of \(size) leaves")
    }
    return levels[level][Int(index)]
  }
}
