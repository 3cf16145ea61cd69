import Ledger
import LedgerCrypto
import Statements
import Synchronization
import TransparencyLog

/// The entries of a ledger as they are shown: each has the leaf hash that was signed, or it is not given at all.
final class CheckedEntries: Sendable {
  /// The tree whose root was signed.
  let tree: CheckedTree

  private let folder: LedgerFolder
  private let log: EntryLog
  private let offsets: OffsetsFile
  /// The entry behind the one that was read last, and its position: what is read in order is found without a walk.
  private let next = Mutex<(index: UInt64, position: UInt64)>((0, 0))

  init(_ folder: LedgerFolder, _ log: EntryLog, _ offsets: OffsetsFile, _ tree: CheckedTree) {
    (self.folder, self.log, self.offsets, self.tree) = (folder, log, offsets, tree)
  }

  /// Entry `index`, which must be below the size of the tree.
  ///
  /// - Throws: a `Fault` with its place where it is not the entry that was signed.
  func entry(_ index: UInt64) throws -> [UInt8] {
    let leaf = try tree.tile(level: 0, index: index / 256)[Int(index % 256)]
    do {
      let (entry, end) = try log.entry(at: position(of: index))
      var hasher = TreeHasher()
      guard hasher.leaf(entry.span) == leaf else { throw try damage(at: index) }
      next.withLock { $0 = (index + 1, end) }
      return entry
    } catch let fault as Fault where fault.entry == nil && fault.code == .missing {
      throw try damage(at: index)
    }
  }

  private func position(of index: UInt64) throws -> UInt64 {
    let bundle = index / 256
    let known = next.withLock { $0 }
    if known.index / 256 == bundle, known.index <= index, known.index > bundle * 256 {
      return try log.position(skipping: index - known.index, from: known.position)
    }
    return try log.position(skipping: index % 256, from: start(of: bundle))
  }

  private func start(of bundle: UInt64) throws -> UInt64 {
    guard bundle < offsets.count else { throw Failure.lagging(folder, tree.size - bundle * 256) }
    return try offsets.positions(bundle..<bundle + 1)[0]
  }

  /// What to say where entry `index` is not found as it was signed: whether that is to blame, or the file of positions.
  private func damage(at index: UInt64) throws -> Fault {
    let bundle = index / 256
    let stored = try start(of: bundle)
    var expected: UInt64? = bundle == 0 ? 0 : nil
    if bundle > 0 {
      do { expected = try log.position(skipping: 256, from: start(of: bundle - 1)) } catch is Fault {
        // Where the entries before it can't be followed, nothing speaks against the position.
      }
    }
    if let expected, expected != stored {
      return Fault(
        .derivedMismatch, entry: index,
        "\(folder.offsets): position \(bundle), bytes \(bundle * 8) to \(bundle * 8 + 7): \(stored) where it is \(expected); \(folder.remedies.rebuild) makes it anew"
      )
    }
    return Fault(.rootMismatch, entry: index, "the entry's bytes are not those that were committed")
  }

  // MARK: As C2SP has them

  /// How much of a bundle is read at once, in bytes: room for the largest entry.
  private static let pieceLimit = 1 << 17

  /// Whole entries of a bundle, from `position` on.
  private struct Piece: Sendable {
    let position: UInt64
    let byteCount: Int
    /// Their indices.
    let entries: Range<UInt64>
  }

  /// The bundle at `path`, which the tree has. All of it is compared here, and each piece again when it is read.
  ///
  /// - Throws: a `Fault` with its place where it is not what was signed.
  func bundle(_ path: TilePath) throws -> TileBytes {
    let first = path.index * UInt64(Tiles.width)
    let end = first + UInt64(path.width)
    var position = try start(of: path.index)
    var (pieces, bytes): ([Piece], [UInt8]) = ([], [])
    var from = first
    while from < end {
      bytes = try checked(from..<end, at: position, upTo: CheckedEntries.pieceLimit, &pieces)
      position += UInt64(bytes.count)
      from = pieces[pieces.count - 1].entries.upperBound
    }
    if path.width == Tiles.width, path.index + 1 < offsets.count, try start(of: path.index + 1) != position {
      throw try damage(at: end)
    }
    let (found, last) = (pieces, bytes)
    return TileBytes(byteCount: found.reduce(0) { $0 + $1.byteCount }, pieceCount: found.count) {
      [self] number in
      // Most bundles are one piece.
      if found.count == 1 { return last }
      let piece = found[number]
      var again: [Piece] = []
      let bytes = try checked(piece.entries, at: piece.position, upTo: piece.byteCount, &again)
      guard again.last?.entries == piece.entries else { throw try damage(at: piece.entries.lowerBound) }
      return bytes
    }
  }

  /// The bytes of the entries `range` that begin at `position`, as many as are whole within `limit` bytes, at least one; appends
  /// what they are to `pieces`.
  private func checked(
    _ range: Range<UInt64>, at position: UInt64, upTo limit: Int, _ pieces: inout [Piece]
  ) throws -> [UInt8] {
    let first = range.lowerBound
    let leaves = try tree.tile(level: 0, index: first / 256)[Int(first % 256)...]
    do {
      var bytes = try log.read(at: position, upTo: limit)
      let frames = EntryFrames.split(bytes.span, limit: range.count)
      var hasher = LaneHasher()
      var found: [Digest] = []
      hasher.hash(bytes.span, at: frames.ranges[...], prefix: 0, appendingTo: &found)
      if let place = zip(found, leaves).enumerated().first(where: { $1.0 != $1.1 })?.offset {
        throw try damage(at: first + UInt64(place))
      }
      guard !found.isEmpty, found.count <= leaves.count else { throw try damage(at: first) }
      bytes.removeSubrange(frames.end...)
      pieces.append(
        Piece(position: position, byteCount: bytes.count, entries: first..<first + UInt64(found.count)))
      return bytes
    } catch let fault as Fault where fault.entry == nil && fault.code == .missing {
      throw try damage(at: first)
    }
  }

  /// The tile of hashes at `path`, which the tree has.
  func hashes(_ path: TilePath) throws -> TileBytes {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(path.width * Digest.byteCount)
    for hash in try tree.tile(level: path.level, index: path.index).prefix(path.width) {
      hash.append(to: &bytes)
    }
    return TileBytes(byteCount: bytes.count, pieceCount: 1) { [bytes] _ in bytes }
  }
}

extension CheckedEntries {
  /// The header of the block that a row of the index is of; nil where its entry is none of this height.
  func header(of row: BlockRow) throws -> (header: BlockHeader, leaf: Digest)? {
    guard row.size > 0, row.size <= tree.size else { return nil }
    let entry = try entry(row.size - 1)
    do throws(StatementError) {
      let statement = try SignedStatement(decoding: entry)
      guard statement.contentType == Kind.block else { return nil }
      let header = try BlockHeader(payload: statement.payload)
      guard header.height == row.height, header.first == row.first, header.size + 1 == row.size else {
        return nil
      }
      var hasher = TreeHasher()
      return (header, hasher.leaf(entry.span))
    } catch { return nil }
  }
}
