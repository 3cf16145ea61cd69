public import LedgerCrypto

/// The leaves that came last in a tree, held in memory with all that lies above them: every hash that the proof of one of them
/// takes, so that none is read. It takes two hashes a leaf, and one more for each peak before them.
public struct RightEdge: HashReader, Sendable {
  /// The number of leaves of the whole tree.
  public let size: UInt64
  /// Perfect subtrees of one level that lie side by side, up to the last of their level.
  private struct Row {
    let first: UInt64
    let hashes: [Digest]
  }

  /// `rows[l]` holds the roots of 2^l leaves: of the new leaves, and to their left the one peak that joins them.
  private let rows: [Row]

  /// The edge that `leaves`, which are leaf hashes, make at the right of the tree of `frontier`.
  public init(_ leaves: [Digest], after frontier: Frontier, using hasher: inout TreeHasher) {
    var rows: [Row] = []
    var peaks = frontier.peaks[...]
    var nodes = leaves
    var left = frontier.size
    while !nodes.isEmpty || left > 0 {
      // A bit that is set is a peak of this level; it is a left child, so its right sibling is among the new.
      let hasPeak = left & 1 == 1
      if hasPeak, let peak = peaks.popLast() { nodes.insert(peak, at: 0) }
      rows.append(Row(first: hasPeak ? left - 1 : left, hashes: nodes))
      let pairs = nodes.count / 2
      hasher.hashPairs(&nodes, count: pairs)
      nodes.removeLast(nodes.count - pairs)
      left >>= 1
    }
    self.rows = rows
    size = frontier.size + UInt64(leaves.count)
  }

  /// The hash at `level` and `index`; throws `missingHash` for what lies further to the left, or where the tree does not reach.
  public func hash(level: Int, index: UInt64) throws(LogError) -> Digest {
    guard rows.indices.contains(level), index >= rows[level].first,
      index - rows[level].first < UInt64(rows[level].hashes.count)
    else { throw LogError(.missingHash, "no hash \(index) at level \(level) at the edge of \(size) leaves") }
    return rows[level].hashes[Int(index - rows[level].first)]
  }

  /// The proof for leaf `index`, which must be one of the last, in the whole tree.
  ///
  /// - Throws: `malformedProof` unless `index < size`; `missingHash` where it is not one of the last.
  public func proof(of index: UInt64, using hasher: inout TreeHasher) throws(LogError) -> InclusionProof {
    try InclusionProof(index: index, size: size, from: self, using: &hasher)
  }
}
