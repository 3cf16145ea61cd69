import Ledger
import LedgerCrypto
import Synchronization
import TransparencyLog

/// The stored tiles of a tree whose root was signed. No hash of a tile is used before the tile leads to that root.
///
/// A full tile is right when its root is in the tile above it. The partial tiles at the right edge, one a level, are right when
/// together they hash to the signed root. What was compared is kept in memory and not read again.
final class CheckedTree: Sendable, TileSource {
  private let folder: LedgerFolder
  private let tiles: TileFiles
  let size: UInt64
  private let root: Digest
  private let known = Mutex<[Place: [Digest]]>([:])

  private struct Place: Hashable {
    let level: Int
    let index: UInt64
  }

  /// How many tiles are kept, of 8 KiB each.
  private static let mostKnown = 64

  /// The tree of `size` leaves with this root, whose signatures were verified.
  init(_ folder: LedgerFolder, _ tiles: TileFiles, size: UInt64, root: Digest) {
    (self.folder, self.tiles, self.size, self.root) = (folder, tiles, size, root)
  }

  /// The hashes of tile `index` of `level`, as many as the tree has; the tree must have some.
  ///
  /// - Throws: a `Fault` with the file and the bytes where they are not those that were signed; `Failure` where the tiles lag.
  func tile(level: Int, index: UInt64) throws -> [Digest] {
    let place = Place(level: level, index: index)
    if let hashes = known.withLock({ $0[place] }) { return hashes }
    guard Tiles.hashCount(level: level, treeSize: size) / 256 > index else {
      return try checkEdge()[level]
    }
    let hashes = try stored(place, count: 256)
    var hasher = TreeHasher()
    guard
      try tile(level: level + 1, index: index / 256)[Int(index % 256)]
        == Merkle.root(of: hashes, using: &hasher)
    else { throw damage(level, from: index * 256, count: 256) }
    keep([place: hashes])
    return hashes
  }

  /// The partial tile of each level; empty where a level has none.
  private func checkEdge() throws -> [[Digest]] {
    var edge: [[Digest]] = []
    var places: [Place: [Digest]] = [:]
    while true {
      let count = Tiles.hashCount(level: edge.count, treeSize: size)
      guard count > 0 else { break }
      let place = Place(level: edge.count, index: count / 256)
      edge.append(try stored(place, count: count % 256))
      places[place] = edge.last
    }
    var hasher = TreeHasher()
    let source = Edge(hashes: edge, size: size)
    guard try Merkle.root(size: size, from: TileHashReader(source), using: &hasher) == root else {
      throw damage(0, from: size / 256 * 256, count: size % 256)
    }
    keep(places)
    return edge
  }

  /// The right edge alone, from which a tree's root follows.
  private struct Edge: TileSource {
    let hashes: [[Digest]]
    let size: UInt64

    func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest {
      let first = Tiles.hashCount(level: level, treeSize: size) / 256 * 256
      guard level < hashes.count, position >= first, position - first < UInt64(hashes[level].count) else {
        throw LogError(.missingHash, "hash \(position) of tile level \(level) is not at the right edge")
      }
      return hashes[level][Int(position - first)]
    }
  }

  private func stored(_ place: Place, count: UInt64) throws -> [Digest] {
    guard count > 0 else { return [] }
    let first = place.index * 256
    guard tiles.count(level: place.level) >= first + count else {
      throw Failure.lagging(folder, size - min(size, tiles.count(level: 0)))
    }
    return try tiles.tileHashes(level: place.level, positions: first..<first + count)
  }

  private func keep(_ tiles: [Place: [Digest]]) {
    known.withLock { known in
      if known.count + tiles.count > CheckedTree.mostKnown { known = [:] }
      known.merge(tiles) { $1 }
    }
  }

  private func damage(_ level: Int, from first: UInt64, count: UInt64) -> Fault {
    Fault(
      .derivedMismatch,
      "\(folder.tileFile(level: level)), or a tile above it: the hashes in bytes \(first * 32) to \((first + count) * 32) do not lead to the signed root; \(folder.remedies.rebuild) makes the tiles anew from whole entries"
    )
  }

  // MARK: For paths

  func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest {
    var hashes: [Digest] = []
    try appendTileHashes(level: level, positions: position..<position + 1, to: &hashes)
    return hashes[0]
  }

  func appendTileHashes(level: Int, positions: Range<UInt64>, to hashes: inout [Digest]) throws(LogError) {
    var next = positions.lowerBound
    while next < positions.upperBound {
      let first = next / 256 * 256
      let tile: [Digest]
      do { tile = try self.tile(level: level, index: next / 256) } catch {
        throw LogError(.missingHash, "\(error)")
      }
      let end = min(positions.upperBound, first + UInt64(tile.count))
      guard end > next else { throw LogError(.missingHash, "no hash \(next) at tile level \(level)") }
      hashes += tile[Int(next - first)..<Int(end - first)]
      next = end
    }
  }
}

extension Failure {
  /// What is derived lags by `count` entries.
  static func lagging(_ folder: LedgerFolder, _ count: UInt64) -> Failure {
    Failure(
      "read", folder.path,
      reason: "what is derived lags by \(count) entries; try again, or run \(folder.remedies.rebuild)")
  }
}
