public import LedgerCrypto

extension Frontier {
  /// Adds `leaves` as `append(contentsOf:using:)` does, and to `stored[l]` the hashes that tile level l gains by them: at level 0
  /// the leaves, above it the root of each tile that they fill.
  ///
  /// `stored` grows by a level where the tree does, so what it gains from empty on is what to append to the tiles.
  public mutating func append(
    contentsOf leaves: ArraySlice<Digest>, addingTilesTo stored: inout [[Digest]],
    using hasher: inout TreeHasher
  ) {
    append(contentsOf: leaves, using: &hasher) { level, gained in
      guard level.isMultiple(of: Tiles.height) else { return }
      while stored.count <= level / Tiles.height { stored.append([]) }
      stored[level / Tiles.height].append(contentsOf: gained)
    }
  }
}
