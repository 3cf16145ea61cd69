public import LedgerCrypto

extension Frontier {
  /// Adds one leaf, and to `stored[l]` the hash that tile level l gains by it: at level 0 the leaf, above it the
  /// root of each tile that the leaf fills.
  ///
  /// `stored` grows by a level where the tree does, so what it gains from empty on is what to append to the tiles.
  public mutating func append(
    _ leaf: Digest, addingTilesTo stored: inout [[Digest]], using hasher: inout TreeHasher
  ) {
    func store(_ node: Digest, _ level: Int) {
      let tileLevel = level / Tiles.height
      while stored.count <= tileLevel { stored.append([]) }
      stored[tileLevel].append(node)
    }
    store(leaf, 0)
    let filledLevels = (~size).trailingZeroBitCount
    if filledLevels >= Tiles.height {
      // Rare: the same merges as in `append`, on a copy of the peaks, to see the roots on the way.
      var (node, rest) = (leaf, peaks)
      for level in 1...filledLevels {
        node = hasher.node(rest.removeLast(), node)
        if level.isMultiple(of: Tiles.height) { store(node, level) }
      }
    }
    append(leaf, using: &hasher)
  }
}
