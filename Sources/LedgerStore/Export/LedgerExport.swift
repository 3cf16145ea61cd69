import Foundation
import TransparencyLog

/// A ledger as a tree of files that any web server can serve: C2SP tlog-tiles, with `checkpoint`, `tile/…` and
/// `tile/entries/…`: full tiles, and the partial ones of this and of earlier checkpoints whose full tile is not there yet.
public enum LedgerExport {
  /// What was written.
  public struct Summary: Hashable, Sendable {
    /// The number of entries of the tree.
    public let entries: UInt64
    /// The number of files, the checkpoint among them.
    public var files: UInt64 = 0
    /// The number of bytes in them.
    public var byteCount: UInt64 = 0
  }

  /// Writes the tree that `reader` sees to the directory `path`, which is made where it is not there.
  ///
  /// The checkpoint is written last: a tree without one is not finished. Nothing is synced, since an export can be made
  /// again. What it says is as good as the directory that it comes from; `verify` checks that.
  ///
  /// - Parameter progress: called with the number of entries that are written, and of all.
  /// - Throws: `Failure`, with `EEXIST` where `path` is not an empty directory.
  public static func run(
    _ reader: LedgerReader, to path: String, progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws -> Summary {
    if FileSystem.exists(path) {
      guard FileSystem.isFolder(path), try FileSystem.names(in: path).isEmpty else {
        throw Failure("export", path, errorNumber: EEXIST)
      }
    }
    var tree = ExportTree(path, entries: reader.size)
    for paths in [Tiles.bundlePaths(treeSize: reader.size), Tiles.paths(treeSize: reader.size)] {
      for tile in paths {
        guard let bytes = try reader.tile(tile) else {
          throw Failure("read", reader.folder.path, reason: "\(tile) is not there; `zheng rebuild` mends it")
        }
        try tree.write(bytes, to: tile.description)
        if case .entries = tile.kind {
          progress(min(reader.size, (tile.index + 1) * UInt64(Tiles.width)), reader.size)
        }
      }
    }
    for tile in try earlierPartials(reader) {
      guard let bytes = try reader.tile(tile) else { continue }
      try tree.write(bytes, to: tile.description)
    }
    try tree.write(reader.checkpoint.bytes, to: "checkpoint")
    return tree.summary
  }

  /// The partial tiles of earlier checkpoints that a log must serve (C2SP tlog-tiles, "Partial Tiles"): those whose full tile is
  /// not there yet.
  ///
  /// Of the levels above the leaves all widths are given that there can have been: a few files more, and no checkpoint needs to be
  /// read but the newest few.
  private static func earlierPartials(_ reader: LedgerReader) throws -> [TilePath] {
    let width = UInt64(Tiles.width)
    var paths: [TilePath] = []
    let start = reader.size / width * width
    for size in try reader.checkpointSizes(after: start) where size < reader.size {
      for kind in [TilePath.Kind.entries, .hashes(level: 0)] {
        paths.append(TilePath(kind: kind, index: start / width, width: Int(size - start)))
      }
    }
    for level in 1..<UInt64.bitWidth / Tiles.height {
      let count = Tiles.hashCount(level: level, treeSize: reader.size)
      for partial in 1..<max(1, count % width) {
        paths.append(TilePath(kind: .hashes(level: level), index: count / width, width: Int(partial)))
      }
    }
    return paths
  }
}

/// The files of an export, whose folders are made as they are needed.
private struct ExportTree {
  private let root: String
  private var folders: Set<String> = []
  var summary: LedgerExport.Summary

  init(_ root: String, entries: UInt64) {
    self.root = root
    summary = LedgerExport.Summary(entries: entries)
  }

  mutating func write(_ bytes: [UInt8], to name: String) throws(Failure) {
    let path = "\(root)/\(name)"
    try makeFolder(FileSystem.parent(of: path))
    try File(path, .create).write(bytes, at: 0)
    summary.files += 1
    summary.byteCount += UInt64(bytes.count)
  }

  private mutating func makeFolder(_ path: String) throws(Failure) {
    guard !folders.contains(path) else { return }
    if path != root { try makeFolder(FileSystem.parent(of: path)) }
    try FileSystem.makeFolder(path)
    folders.insert(path)
  }
}

extension FileSystem {
  /// Whether a folder lies at `path`.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
