import LedgerCrypto
import Testing
import TransparencyLog

@Suite("Tile paths")
struct TilePathTests {
  @Test(
    "the spelling is that of the specification",
    arguments: [
      (TilePath(kind: .hashes(level: 0), index: 1_234_067), "tile/0/x001/x234/067"),
      (TilePath(kind: .hashes(level: 0), index: 0), "tile/0/000"),
      (TilePath(kind: .hashes(level: 63), index: 999), "tile/63/999"),
      (TilePath(kind: .hashes(level: 1), index: 1000, width: 1), "tile/1/x001/000.p/1"),
      (TilePath(kind: .entries, index: 0, width: 17), "tile/entries/000.p/17"),
      (TilePath(kind: .entries, index: 273, width: 112), "tile/entries/273.p/112"),
      (TilePath(kind: .hashes(level: 10), index: 255, width: 255), "tile/10/255.p/255"),
      (
        TilePath(kind: .hashes(level: 0), index: .max, width: 255),
        "tile/0/x018/x446/x744/x073/x709/x551/615.p/255"
      ),
      (
        TilePath(kind: .entries, index: .max, width: 255),
        "tile/entries/x018/x446/x744/x073/x709/x551/615.p/255"
      ),
    ])
  func spelling(path: TilePath, text: String) throws {
    #expect(path.description == text)
    #expect(try TilePath(text) == path)
  }

  @Test(
    "any other text is refused",
    arguments: [
      "", "/", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile//000", "Tile/0/000",
      "tiles/0/000",
      "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000", "tile/0/x000/000", "tile/0/x000/067",
      "tile/0/001/000",
      "tile/0/x1/000", "tile/0/x001/x000", "tile/0/x001/00", "tile/0/X001/000", "tile/0/x001//000",
      "tile/0/xx01/000",
      "tile/0/+01", "tile/0/-01", "tile/0/ 01", "tile/0/0a1", "tile/0/１23", "tile/64/000", "tile/00/000",
      "tile/01/000",
      "tile/-1/000", "tile/+1/000", "tile/x/000", "tile/99999999999999999999/000", "tile/0/000.p",
      "tile/0/000.p/",
      "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/-1",
      "tile/0/000.p/+1",
      "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/000.p/1/000", "tile/0/.p/1", "tile/0/x001.p/1",
      "tile/0/000p/1",
      "tile/0/x001.p/000", "tile/0/000.p/99999999999999999999", "tile/entries", "tile/entries/",
      "tile/entries/0",
      "tile/Entries/000", "tile/data/000", "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/000\n",
      "tile/0/000 ",
      "tile/0/x001/x018/x446/x744/x073/x709/x551/615", "tile/0/x999/x999/x999/x999/x999/x999/999",
      "tile/0/000?x",
      "tile/0/x001/x234/067.P/8", "tile/0/../000", "tile/0/%30%30%30", "tile\\0\\000",
    ])
  func refused(text: String) {
    #expect(refusal { _ = try TilePath(text) } == .malformedPath)
  }

  @Test("every index of up to four digits and every width goes both ways")
  func roundTrips() throws {
    for index in Array(0...1100) + Array(stride(from: 999_900, through: 1_000_100, by: 1)) {
      let path = TilePath(kind: .hashes(level: 2), index: UInt64(index))
      if try TilePath(path.description) != path { Issue.record("\(path)") }
    }
    for width in 1...256 {
      let path = TilePath(kind: .entries, index: 5, width: width)
      #expect(try TilePath(path.description) == path)
    }
  }
}

@Suite("Tile geometry")
struct TileGeometryTests {
  @Test("a tree of 70,000 has the tiles that the specification counts")
  func example() {
    let paths = Array(Tiles.paths(treeSize: 70_000))
    func count(_ level: Int, _ isFull: Bool) -> Int {
      paths.count { $0.kind == .hashes(level: level) && ($0.width == 256) == isFull }
    }
    #expect(count(0, true) == 273)
    #expect(count(1, true) == 1)
    #expect(
      paths.filter { $0.width < 256 }.map(\.description) == [
        "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
      ])
    #expect(paths.count == 277)
    #expect(Array(Tiles.bundlePaths(treeSize: 70_000)).count == 274)
    #expect(Array(Tiles.bundlePaths(treeSize: 70_000)).last?.description == "tile/entries/273.p/112")
  }

  @Test(
    "a boundary has its tiles",
    arguments: [
      (0, []), (1, ["tile/0/000.p/1"]), (255, ["tile/0/000.p/255"]), (256, ["tile/0/000", "tile/1/000.p/1"]),
      (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
      (512, ["tile/0/000", "tile/0/001", "tile/1/000.p/2"]),
    ] as [(UInt64, [String])])
  func boundaries(size: UInt64, expected: [String]) {
    #expect(Tiles.paths(treeSize: size).map(\.description) == expected)
  }

  @Test(
    "around 65,536 a level begins",
    arguments: [
      (65_535, 256, ["tile/0/255.p/255", "tile/1/000.p/255"]), (65_536, 258, ["tile/2/000.p/1"]),
      (65_537, 259, ["tile/0/256.p/1", "tile/2/000.p/1"]),
    ] as [(UInt64, Int, [String])])
  func levelTwo(size: UInt64, count: Int, partial: [String]) {
    let paths = Array(Tiles.paths(treeSize: size))
    // 65,535: 255 full tiles and a partial one below a partial one.
    #expect(paths.count == (size == 65_535 ? 257 : count))
    #expect(paths.filter { $0.width < 256 }.map(\.description) == partial)
  }

  @Test("hash counts are floor(size / 256^level), and none for levels that sizes do not reach")
  func hashCounts() {
    for size in [0, 1, 255, 256, 65_535, 65_536, 1 << 56, .max] as [UInt64] {
      var expected = size
      for level in 0..<8 {
        #expect(Tiles.hashCount(level: level, treeSize: size) == expected)
        expected /= 256
      }
      for level in [-1, 8, 63, 64, .max, .min] { #expect(Tiles.hashCount(level: level, treeSize: size) == 0) }
    }
  }

  @Test("a tile is in a tree if and only if it is among its paths, and covered if its hashes are there")
  func membership() {
    for size in Array(0...600) + [65_535, 65_536, 65_537, 66_000] as [UInt64] {
      let hashes = Set(Tiles.paths(treeSize: size)), bundles = Set(Tiles.bundlePaths(treeSize: size))
      for level in 0...3 {
        for index in [0, 1, 2, 255, 256, .max] as [UInt64] {
          for width in [1, 2, 88, 208, 254, 255, 256] {
            let path = TilePath(kind: .hashes(level: level), index: index, width: width)
            if Tiles.contains(path, treeSize: size) != hashes.contains(path) {
              Issue.record("\(path) in \(size)")
            }
            let count = Tiles.hashCount(level: level, treeSize: size)
            let isThere = index < 1 << 40 && index * 256 + UInt64(width) <= count
            if Tiles.covers(path, treeSize: size) != isThere { Issue.record("\(path) covered by \(size)") }
            let bundle = TilePath(kind: .entries, index: index, width: width)
            if Tiles.contains(bundle, treeSize: size) != bundles.contains(bundle) {
              Issue.record("\(bundle) in \(size)")
            }
          }
        }
      }
      for path in hashes.union(bundles) {
        if !Tiles.contains(path, treeSize: size) || !Tiles.covers(path, treeSize: size) {
          Issue.record("\(path) in \(size)")
        }
      }
    }
    #expect(!Tiles.covers(TilePath(kind: .hashes(level: 63), index: 0, width: 1), treeSize: .max))
  }

  @Test("the paths of the largest tree begin at once")
  func lazily() {
    var paths = Tiles.paths(treeSize: .max)
    #expect(paths.next()?.description == "tile/0/000")
    #expect(
      Array(Tiles.paths(treeSize: 1 << 20).suffix(2)).map(\.description) == ["tile/1/015", "tile/2/000.p/16"])
  }
}

/// Tiles in memory, which count how often they are read.
final class StoredTiles: TileSource {
  let levels: [[Digest]]
  private(set) var reads = 0

  init(_ levels: [[Digest]]) { self.levels = levels }

  func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest {
    reads += 1
    guard level < levels.count, position < UInt64(levels[level].count) else {
      throw LogError(.missingHash, "no hash \(position) at tile level \(level)")
    }
    return levels[level][Int(position)]
  }

  func appendTileHashes(
    level: Int, positions: Range<UInt64>, to hashes: inout [Digest]
  ) throws(LogError) {
    reads += 1
    guard level < levels.count, positions.upperBound <= UInt64(levels[level].count) else {
      throw LogError(.missingHash, "no hashes \(positions) at tile level \(level)")
    }
    hashes += levels[level][Int(positions.lowerBound)..<Int(positions.upperBound)]
  }
}

/// Tiles that can only be read one hash at a time.
struct SingleReads: TileSource {
  let tiles: StoredTiles

  func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest {
    try tiles.tileHash(level: level, position: position)
  }
}

/// Tiles whose runs come out too short.
struct ShortReads: TileSource {
  func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest { .zero }
  func appendTileHashes(
    level: Int, positions: Range<UInt64>, to hashes: inout [Digest]
  ) throws(LogError) {
    hashes.append(.zero)
  }
}

@Suite("Reading a tree from its tiles")
struct TileHashReaderTests {
  static let largest = 65_537
  static let leaves = leafHashes(largest)
  static let tree: MemoryTree = {
    var hasher = TreeHasher()
    return MemoryTree(leaves: leaves, using: &hasher)
  }()

  /// The tiles of the first `size` leaves, by the definition: each level has the roots of the perfect subtrees.
  static func tiles(_ size: Int) throws -> StoredTiles {
    StoredTiles(
      try (0..<3).map { level in
        try (0..<Int(Tiles.hashCount(level: level, treeSize: UInt64(size)))).map { index in
          try tree.hash(level: 8 * level, index: UInt64(index))
        }
      })
  }

  @Test(
    "at a tile boundary, appending gives the tiles, and reading gives the tree",
    arguments: [1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
  func boundaries(size: Int) throws {
    var hasher = TreeHasher()
    let tiles = try Self.tiles(size)
    var frontier = Frontier()
    var stored: [[Digest]] = []
    var (added, step) = (0, 1)
    while added < size {
      // Runs of 1, 4, 13, 40 ... leaves, so that tiles are filled within runs and by their last leaves.
      let end = min(size, added + step)
      frontier.append(contentsOf: Self.leaves[added..<end], addingTilesTo: &stored, using: &hasher)
      (added, step) = (end, step < 10_000 ? 3 * step + 1 : 1)
    }
    #expect(stored == Array(tiles.levels.prefix { !$0.isEmpty }))
    #expect(frontier.size == UInt64(size))

    let reader = TileHashReader(tiles)
    let read = try Frontier(size: UInt64(size), from: reader)
    #expect(read == frontier)
    let root = frontier.root(using: &hasher)
    let folded = Merkle.root(of: Array(Self.leaves.prefix(size)), using: &hasher)
    #expect(root == folded)

    for index in Set([0, 1, 254, 255, 256, size / 2, size - 2, size - 1].filter { (0..<size).contains($0) }) {
      let proof = try InclusionProof(
        index: UInt64(index), size: UInt64(size), from: reader, using: &hasher)
      try proof.verify(leaf: Self.leaves[index], root: root, using: &hasher)
    }
    for old in Set([1, 2, 255, 256, 257, size / 2, size - 1, size].filter { (1...size).contains($0) }) {
      let oldRoot = try Merkle.root(size: UInt64(old), from: reader, using: &hasher)
      let proof = try ConsistencyProof(
        oldSize: UInt64(old), newSize: UInt64(size), from: reader, using: &hasher)
      try proof.verify(oldRoot: oldRoot, newRoot: root, using: &hasher)
    }
  }

  @Test("every subtree of a tree of 1,000 is read as it is, from runs and one by one")
  func everySubtree() throws {
    let tiles = try Self.tiles(1000)
    let reader = TileHashReader(tiles)
    let slow = TileHashReader(SingleReads(tiles: tiles))
    for level in 0...10 {
      for index in 0..<UInt64(1000 >> level) {
        let expected = try Self.tree.hash(level: level, index: index)
        if try reader.hash(level: level, index: index) != expected { Issue.record("\(level) \(index)") }
        if level % 8 < 3, try slow.hash(level: level, index: index) != expected {
          Issue.record("\(level) \(index)")
        }
      }
      let code = refusal { _ = try reader.hash(level: level, index: UInt64(1000 >> level)) }
      #expect(code == .missingHash)
    }
  }

  @Test("a fold costs one read")
  func oneRead() throws {
    let tiles = try Self.tiles(256)
    for level in 0...8 {
      let before = tiles.reads
      _ = try TileHashReader(tiles).hash(level: level, index: 0)
      #expect(tiles.reads == before + 1)
    }
  }

  @Test("what no tree has is missing, not a trap")
  func outOfRange() throws {
    let reader = TileHashReader(try Self.tiles(256))
    for (level, index) in [(-1, 0), (64, 0), (.max, 0), (63, 1), (63, 2), (1, .max), (8, .max), (0, .max)]
      as [(Int, UInt64)]
    {
      let code = refusal { _ = try reader.hash(level: level, index: index) }
      #expect(code == .missingHash, "\(level) \(index)")
    }
    let code = refusal { _ = try TileHashReader(ShortReads()).hash(level: 3, index: 0) }
    #expect(code == .missingHash)
  }
}

@Suite("Entry bundles")
struct EntryBundleTests {
  @Test("entries go in and come out")
  func roundTrip() throws {
    let entries: [[UInt8]] = [
      [], [1], Array(repeating: 7, count: 255), Array(repeating: 9, count: 65_535), [0, 0],
    ]
    var bundle: [UInt8] = []
    for entry in entries { EntryBundle.append(entry.span, to: &bundle) }
    #expect(bundle.prefix(5) == [0, 0, 0, 1, 1])
    let ranges = try EntryBundle.entries(of: bundle.span, count: entries.count)
    #expect(ranges.map { Array(bundle[$0]) } == entries)
    let none = try EntryBundle.entries(of: [UInt8]().span, count: 0)
    #expect(none.isEmpty)
  }

  @Test("a bundle of more, fewer or cut entries is refused")
  func refused() {
    let bundle: [UInt8] = [0, 2, 1, 2, 0, 1, 3]
    for count in [-1, 0, 1, 3, 4, .max, .min] {
      #expect(refusal { _ = try EntryBundle.entries(of: bundle.span, count: count) } == .malformedBundle)
    }
    for length in 0..<bundle.count {
      let cut = Array(bundle.prefix(length))
      #expect(refusal { _ = try EntryBundle.entries(of: cut.span, count: 2) } == .malformedBundle)
    }
  }
}
