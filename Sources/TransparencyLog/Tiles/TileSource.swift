public import LedgerCrypto

/// Stored tiles: the hashes of each tile level, by their position in the level.
public protocol TileSource {
  /// The hash at `position` of tile level `level`, which is hash `position % 256` of tile `position / 256`.
  ///
  /// - Throws: `missingHash` if it is not stored.
  func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest

  /// Appends the hashes at `positions` of tile level `level` to `hashes`.
  ///
  /// `TileHashReader` reads at most 128 at once, all in one tile: one read serves a whole fold. The default
  /// asks for one after the other.
  ///
  /// - Throws: `missingHash` if one of them is not stored; what `hashes` then holds is not defined.
  func appendTileHashes(level: Int, positions: Range<UInt64>, to hashes: inout [Digest]) throws(LogError)
}

extension TileSource {
  /// Appends the hashes one after the other.
  public func appendTileHashes(
    level: Int, positions: Range<UInt64>, to hashes: inout [Digest]
  ) throws(LogError) {
    for position in positions { hashes.append(try tileHash(level: level, position: position)) }
  }
}

/// Gives every hash of a tree from its tiles: those between two tile levels are folded out of the level below.
///
/// It does not authenticate: over tiles of a stranger, check the root that they give against a signed checkpoint.
public struct TileHashReader<Source: TileSource>: HashReader {
  /// The tiles.
  public var source: Source

  /// A reader over `source`.
  public init(_ source: Source) { self.source = source }

  /// The root of the perfect subtree at `level` and `index`.
  ///
  /// - Throws: `missingHash` if the tiles do not hold it, or there is no such subtree in 64 bits.
  /// - Complexity: one read, and at most 127 node hashes.
  public func hash(level: Int, index: UInt64) throws(LogError) -> Digest {
    guard (0...63).contains(level), index <= .max >> UInt64(level) else {
      throw LogError(.missingHash, "no hash \(index) at level \(level)")
    }
    let (tileLevel, height) = level.quotientAndRemainder(dividingBy: Tiles.height)
    guard height > 0 else { return try source.tileHash(level: tileLevel, position: index) }
    var hashes: [Digest] = []
    hashes.reserveCapacity(1 << height)
    let start = index << UInt64(height)
    // The last subtree of 2^64 leaves; sizes are below that.
    let (end, isTooLarge) = start.addingReportingOverflow(1 << UInt64(height))
    guard !isTooLarge else { throw LogError(.missingHash, "no hash \(index) at level \(level)") }
    try source.appendTileHashes(level: tileLevel, positions: start..<end, to: &hashes)
    guard hashes.count == 1 << height else {
      throw LogError(.missingHash, "the tiles gave \(hashes.count) of \(1 << height) hashes")
    }
    var hasher = TreeHasher()
    return Merkle.fold(&hashes, using: &hasher)
  }
}

extension TileHashReader: Sendable where Source: Sendable {}
