import Foundation
import LedgerCrypto
import TransparencyLog

/// The tree's hashes as they lie on disk: one file for each tile level, 32 bytes a hash, append-only. Derived.
///
/// A full C2SP tile is an 8,192-byte slice of it, a partial one the slice that is there.
package struct TileFiles: TileSource, Sendable {
  private let folder: LedgerFolder
  private let writing: Bool
  private var files: [File]
  /// The number of whole hashes of each level.
  private(set) var counts: [UInt64]
  /// Which levels end within a hash: damage, or a write that was cut short.
  private(set) var partial: [Int]

  /// The tiles that lie in `folder`; a file for a level that is not there is made when it is needed.
  package init(_ folder: LedgerFolder, writing: Bool) throws(Failure) {
    self.folder = folder
    self.writing = writing
    (files, counts, partial) = ([], [], [])
    while FileSystem.exists(folder.tileFile(level: files.count)) {
      let file = try File(folder.tileFile(level: files.count), writing ? .write : .read)
      let size = try file.size()
      if !size.isMultiple(of: 32) { partial.append(files.count) }
      files.append(file)
      counts.append(size / 32)
    }
  }

  /// The number of hashes of `level` that are there.
  func count(level: Int) -> UInt64 { level < counts.count ? counts[level] : 0 }

  /// The levels that hold more than a tree of `size` leaves has.
  func isAhead(of size: UInt64) -> Bool {
    counts.indices.contains { counts[$0] > Tiles.hashCount(level: $0, treeSize: size) }
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
    guard level < files.count else {
      throw Failure("open", folder.tileFile(level: level), reason: "not there; `zheng rebuild` makes it")
    }
    return try files[level].read(at: positions.lowerBound * 32, exactly: positions.count * 32)
  }

  // MARK: Writing

  /// Cuts away what lies behind the last whole hash of each level, and what lies behind a tree of `size` leaves.
  mutating func mendTails() throws(Failure) {
    for level in partial { try files[level].truncate(to: counts[level] * 32) }
    partial = []
  }

  /// Appends `hashes` to the file of `level`.
  mutating func append(_ hashes: [Digest], level: Int) throws(Failure) {
    guard !hashes.isEmpty else { return }
    while files.count <= level {
      files.append(try File(folder.tileFile(level: files.count), .create))
      counts.append(0)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * 32)
    for hash in hashes { hash.append(to: &bytes) }
    try files[level].write(bytes, at: counts[level] * 32)
    counts[level] += UInt64(hashes.count)
  }

  /// Appends leaves, and above them the root of every tile that they complete.
  package mutating func append(leaves: [Digest], using hasher: inout TreeHasher) throws {
    try append(leaves, level: 0)
    var level = 0
    while count(level: level + 1) < count(level: level) / 256 {
      var roots: [Digest] = []
      for tile in count(level: level + 1)..<count(level: level) / 256 {
        let hashes = try tileHashes(level: level, positions: tile * 256..<(tile + 1) * 256)
        roots.append(Merkle.root(of: hashes, using: &hasher))
      }
      try append(roots, level: level + 1)
      level += 1
    }
  }
}
