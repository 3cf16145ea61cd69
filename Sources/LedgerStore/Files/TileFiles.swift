import Foundation
import LedgerCrypto
import TransparencyLog

/// The tree's hashes as they lie on disk: one file for each tile level, 32 bytes a hash, append-only. Derived.
///
/// A full C2SP tile is an 8,192-byte slice of it, a partial one the slice that is there. What can't be written, or is worked out by
/// a reader, is held in memory behind what the files have.
package struct TileFiles: TileSource, Sendable {
  private struct Level: Sendable {
    var file: File?
    /// The number of whole hashes in the file.
    var stored: UInt64 = 0
    /// The hashes behind them that the file lacks.
    var tail: [UInt8] = []

    var count: UInt64 { stored + UInt64(tail.count / 32) }
  }

  private let path: String
  private let directory: Directory?
  private let writing: Bool
  private var levels: [Level] = []
  /// Which levels end within a hash: damage, or a write that was cut short.
  private(set) var partial: [Int] = []
  /// Why files lack hashes, where they do.
  private(set) var failure: Failure?

  /// The number of hashes of each level.
  var counts: [UInt64] { levels.map(\.count) }

  /// The tiles in the ledger's directory; a file for a level that is not there is made when it is needed.
  package init(in ledger: Directory, writing: Bool) throws(Failure) {
    path = ledger.path(of: "tiles")
    self.writing = writing
    directory =
      try writing ? ledger.makeFolder("tiles") : ledger.exists("tiles") ? ledger.folder("tiles") : nil
    while let directory, directory.exists("\(levels.count)") {
      let file = try File("\(levels.count)", in: directory, writing ? .write : .read)
      let size = try file.size()
      if !size.isMultiple(of: 32) { partial.append(levels.count) }
      levels.append(Level(file: file, stored: size / 32))
    }
  }

  /// No tiles, to be worked out in memory.
  init() { (path, directory, writing) = ("tiles", nil, false) }

  /// The number of hashes of `level` that are there.
  func count(level: Int) -> UInt64 { level < levels.count ? levels[level].count : 0 }

  /// Whether every level has what a tree of `size` leaves has of it.
  func reach(_ size: UInt64) -> Bool {
    var level = 0
    while Tiles.hashCount(level: level, treeSize: size) > 0 {
      if count(level: level) < Tiles.hashCount(level: level, treeSize: size) { return false }
      level += 1
    }
    return true
  }

  /// The levels that hold more than a tree of `size` leaves has.
  func isAhead(of size: UInt64) -> Bool {
    levels.indices.contains { levels[$0].count > Tiles.hashCount(level: $0, treeSize: size) }
  }

  func tileHashes(level: Int, positions: Range<UInt64>) throws(LogError) -> [Digest] {
    var hashes: [Digest] = []
    hashes.reserveCapacity(positions.count)
    try appendTileHashes(level: level, positions: positions, to: &hashes)
    return hashes
  }

  package func tileHash(level: Int, position: UInt64) throws(LogError) -> Digest {
    let hashes = try tileHashes(level: level, positions: position..<position + 1)
    guard let hash = hashes.first else {
      throw LogError(.missingHash, "no hash \(position) at tile level \(level)")
    }
    return hash
  }

  package func appendTileHashes(level: Int, positions: Range<UInt64>, to hashes: inout [Digest])
    throws(LogError)
  {
    let bytes: [UInt8]
    do { bytes = try self.bytes(level: level, positions: positions) } catch {
      throw LogError(.missingHash, error.description)
    }
    for offset in stride(from: 0, to: bytes.count, by: 32) {
      if let hash = Digest(bytes.span, at: offset) { hashes.append(hash) }
    }
  }

  /// The stored bytes of the hashes at `positions` of `level`.
  func bytes(level: Int, positions: Range<UInt64>) throws(Failure) -> [UInt8] {
    guard level < levels.count, positions.upperBound <= levels[level].count else {
      throw Failure(
        "read", "\(path)/\(level)", reason: "it lacks hashes, which can be made anew from the entries")
    }
    let (stored, tail) = (levels[level].stored, levels[level].tail)
    let inFile = positions.clamped(to: 0..<stored)
    var bytes: [UInt8] = []
    if !inFile.isEmpty, let file = levels[level].file {
      bytes = try file.read(at: inFile.lowerBound * 32, exactly: inFile.count * 32)
    }
    if positions.upperBound > stored {
      let first = max(positions.lowerBound, stored) - stored
      bytes += tail[Int(first) * 32..<Int(positions.upperBound - stored) * 32]
    }
    return bytes
  }

  // MARK: Writing

  /// Cuts away what lies behind the last whole hash of each level.
  mutating func mendTails() throws(Failure) {
    for level in partial { try levels[level].file?.truncate(to: levels[level].stored * 32) }
    partial = []
  }

  /// Appends `hashes` to `level`; where its file can't take them they are held in memory, and written with the next.
  private mutating func append(_ hashes: [Digest], level: Int, unless obstacle: Failure?) {
    while levels.count <= level { levels.append(Level()) }
    levels[level].tail.reserveCapacity(levels[level].tail.count + hashes.count * 32)
    for hash in hashes { hash.append(to: &levels[level].tail) }
    guard writing, !levels[level].tail.isEmpty else { return }
    do throws(Failure) {
      if let obstacle { throw obstacle }
      try write(level)
    } catch { failure = error }
  }

  private mutating func write(_ level: Int) throws(Failure) {
    if levels[level].file == nil, let directory {
      levels[level].file = try File("\(level)", in: directory, .create)
    }
    guard let file = levels[level].file else { return }
    try file.write(levels[level].tail, at: levels[level].stored * 32)
    levels[level].stored += UInt64(levels[level].tail.count / 32)
    levels[level].tail = []
    if levels.allSatisfy(\.tail.isEmpty) { failure = nil }
  }

  /// Appends leaves, and above them the root of every tile that they complete.
  package mutating func append(leaves: [Digest], using hasher: inout TreeHasher) throws {
    try append(leaves: leaves, using: &hasher, unless: nil)
  }

  /// As `append(leaves:using:)`.
  ///
  /// - Parameter obstacle: what a test wants the files to fail with.
  mutating func append(leaves: [Digest], using hasher: inout TreeHasher, unless obstacle: Failure?) throws {
    append(leaves, level: 0, unless: obstacle)
    var level = 0
    while count(level: level + 1) < count(level: level) / 256 {
      var roots: [Digest] = []
      for tile in count(level: level + 1)..<count(level: level) / 256 {
        let hashes = try tileHashes(level: level, positions: tile * 256..<(tile + 1) * 256)
        roots.append(Merkle.root(of: hashes, using: &hasher))
      }
      append(roots, level: level + 1, unless: obstacle)
      level += 1
    }
  }
}
