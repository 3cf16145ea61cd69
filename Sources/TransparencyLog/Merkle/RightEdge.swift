public import LedgerCrypto

/// The last leaves of a tree, held in memory with every node above them: every hash that the proof of one of them
/// takes, so that none is read, and none made again. It takes two hashes a leaf, and a few more for each level of the tree.
public struct RightEdge: Sendable {
  /// The number of leaves of the whole tree.
  public let size: UInt64
  /// Adjacent nodes of one level, up to the last of the level.
  private struct Row {
    let first: UInt64
    let hashes: [Digest]
  }

  /// `rows[l]` holds the nodes over 2^l leaves each, of which the last may have fewer: those above the new leaves, and to their left
  /// the one peak that joins them.
  private let rows: [Row]

  /// The edge that `leaves`, which are leaf hashes, make at the right of the tree of `frontier`.
  public init(_ leaves: [Digest], after frontier: Frontier, using hasher: inout TreeHasher) {
    var rows: [Row] = []
    var peaks = frontier.peaks[...]
    var nodes = leaves
    var left = frontier.size
    while !nodes.isEmpty {
      // A bit that is set is a peak of this level; it is a left child, so its right sibling is among the new.
      let hasPeak = left & 1 == 1
      if hasPeak, let peak = peaks.popLast() { nodes.insert(peak, at: 0) }
      let row = Row(first: hasPeak ? left - 1 : left, hashes: nodes)
      rows.append(row)
      if row.first == 0, nodes.count == 1 { break }
      let pairs = nodes.count / 2
      hasher.hashPairs(&nodes, count: pairs)
      // A last node without a sibling goes up as it is (RFC 6962 §2.1, where a tree splits at the largest power of two).
      nodes.removeLast(row.hashes.count - pairs)
      if row.hashes.count > 2 * pairs { nodes += row.hashes.suffix(1) }
      left >>= 1
    }
    self.rows = rows
    size = frontier.size + UInt64(leaves.count)
  }

  /// The proof for leaf `index`, which must be one of the last, in the whole tree.
  ///
  /// - Throws: `malformedProof` unless `index < size`; `missingHash` if it is not one of the last.
  public func proof(of index: UInt64) throws(LogError) -> InclusionProof {
    guard index < size else {
      throw LogError(.malformedProof, "leaf \(index) is not in a tree of \(size) leaves")
    }
    var path: [Digest] = []
    path.reserveCapacity(rows.count)
    var (node, last) = (index, size - 1)
    for level in rows.indices where last > 0 {
      let sibling = node ^ 1
      if sibling <= last {
        guard sibling >= rows[level].first else {
          throw LogError(
            .missingHash, "no hash \(sibling) at level \(level) at the edge of \(size) leaves")
        }
        path.append(rows[level].hashes[Int(sibling - rows[level].first)])
      }
      node >>= 1
      last >>= 1
    }
    return InclusionProof(index: index, size: size, path: path)
  }
}
