/// The geometry of C2SP tlog-tiles: tiles of height 8, so 256 hashes wide.
///
/// Tile level l holds the tree's hashes of level 8 l: level 0 the leaf hashes, and above it the root of each full
/// tile below.
public enum Tiles {
  /// The height of a tile.
  public static let height = 8
  /// The number of hashes in a full tile, and of entries in a full bundle.
  public static let width = 256
  /// The highest tile level that a path may name. Trees of 64-bit sizes use 0...7.
  public static let maximumLevel = 63

  /// The number of hashes that tile level `level` holds in a tree of `treeSize` leaves: floor(treeSize / 256^level).
  ///
  /// - Parameter level: any; 0 hashes for a level that does not exist.
  public static func hashCount(level: Int, treeSize: UInt64) -> UInt64 {
    (0..<UInt64.bitWidth / height).contains(level) ? treeSize >> UInt64(height * level) : 0
  }

  /// Every hash tile of a tree of `treeSize` leaves, level by level from the leaves: the full ones, then the
  /// partial one where there is one.
  public static func paths(treeSize: UInt64) -> TilePaths {
    TilePaths(treeSize: treeSize, levels: 0..<UInt64.bitWidth / height, isBundles: false)
  }

  /// Every entry bundle of a tree of `treeSize` leaves: the full ones, then the partial one where there is one.
  public static func bundlePaths(treeSize: UInt64) -> TilePaths {
    TilePaths(treeSize: treeSize, levels: 0..<1, isBundles: true)
  }

  /// Whether `path` is one of the resources of a tree of exactly `treeSize` leaves, with this very width.
  public static func contains(_ path: TilePath, treeSize: UInt64) -> Bool {
    let count = hashCount(level: path.level, treeSize: treeSize)
    let full = count / UInt64(width)
    return path.index < full
      ? path.width == width : path.index == full && UInt64(path.width) == count % UInt64(width)
  }

  /// Whether a tree of `treeSize` leaves has all hashes or entries of `path`: a full tile that it has, or any width
  /// up to what the tile holds. Those are what a log can serve at that size.
  public static func covers(_ path: TilePath, treeSize: UInt64) -> Bool {
    let count = hashCount(level: path.level, treeSize: treeSize)
    let (index, full) = (path.index, count / UInt64(width))
    return index < full || index == full && UInt64(path.width) <= count % UInt64(width)
  }
}

/// The paths of a tree's tiles or bundles, in order, made one at a time: a large tree has billions.
public struct TilePaths: Sequence, IteratorProtocol, Sendable {
  private let treeSize: UInt64
  private let isBundles: Bool
  private var levels: Range<Int>
  private var index: UInt64 = 0

  init(treeSize: UInt64, levels: Range<Int>, isBundles: Bool) {
    self.treeSize = treeSize
    self.levels = levels
    self.isBundles = isBundles
  }

  /// The next path, or nil after the last.
  public mutating func next() -> TilePath? {
    while let level = levels.first {
      let count = Tiles.hashCount(level: level, treeSize: treeSize)
      let full = count / UInt64(Tiles.width)
      let width = index < full ? Tiles.width : index == full ? Int(count % UInt64(Tiles.width)) : 0
      guard width > 0 else {
        levels = level + 1..<levels.upperBound
        index = 0
        continue
      }
      defer { index += 1 }
      return TilePath(kind: isBundles ? .entries : .hashes(level: level), index: index, width: width)
    }
    return nil
  }
}
