import Foundation
import Ledger
import Statements
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
  /// An earlier export of the same ledger is brought up to date where it lies. The checkpoint is written last: a tree without one is not finished. Nothing is synced, since an export can be made
  /// again. What it says is as good as the directory that it comes from; `verify` checks that.
  ///
  /// - Parameters:
  ///   - withState: whether the file `state` is written too, the rule sets' values after the newest block; with it, and the core's
  ///     values that follow from the entries, the root of the state tree can be computed. An earlier export that has the file gets
  ///     it anew in any case.
  ///   - page: a page for people that lies beside the tree, as `pageName`, and is not counted.
  ///   - progress: called with the number of entries that are written, and of all.
  /// - Throws: `Failure`, with `EEXIST` where `path` is neither an empty directory nor an earlier export of this ledger.
  public static func run(
    _ reader: LedgerReader, to path: String, withState: Bool = false, page: [UInt8]? = nil,
    progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws -> Summary {
    if FileSystem.exists(path) {
      guard FileSystem.isFolder(path), try isEmptyOrExport(path, of: reader) else {
        throw Failure("export", path, errorNumber: EEXIST)
      }
    }
    var tree = ExportTree(path, entries: reader.size)
    for paths in [Tiles.bundlePaths(treeSize: reader.size), Tiles.paths(treeSize: reader.size)] {
      for tile in paths {
        guard let bytes = try reader.tile(tile) else {
          throw Failure(
            "read", reader.folder.path,
            reason: "\(tile) is not there; \(reader.folder.remedies.rebuild) mends it")
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
    if let policy = try policy(of: reader) { try tree.replace(policy, at: "policy") }
    if withState || FileSystem.exists("\(path)/state") { try tree.replace(state(of: reader), at: "state") }
    if let page { try tree.replace(page, at: pageName, isCounted: false) }
    try tree.replace(reader.checkpoint.bytes, at: "checkpoint")
    return tree.summary
  }

  /// What the page beside the tree is called.
  public static let pageName = "verify.html"

  /// Whether `path` holds nothing, or an earlier export of the same ledger.
  private static func isEmptyOrExport(_ path: String, of reader: LedgerReader) throws -> Bool {
    let names = try FileSystem.names(in: path)
    guard !names.isEmpty else { return true }
    guard Set(names).isSubset(of: ["checkpoint", "tile", "policy", "state", pageName]),
      names.contains("checkpoint")
    else {
      return false
    }
    let bytes = try FileSystem.read("\(path)/checkpoint", limit: SignedNote.maximumByteCount)
    let note = try SignedNote(parsing: bytes.span)
    let (earlier, newest) = (
      try Checkpoint(parsing: note.text), try Checkpoint(parsing: reader.checkpoint.text)
    )
    return earlier.origin == newest.origin && earlier.size <= newest.size
  }

  /// The rule sets' values after the newest block: a CBOR sequence (RFC 8742) of `[key: bstr, value: bstr]`, the keys ascending.
  ///
  /// Each value is read with its way to the root that was signed. That none is left out shows when the root is computed from all.
  private static func state(of reader: LedgerReader) throws -> [UInt8] {
    var values: [(key: StateKey, value: [UInt8])] = []
    for rule in reader.folder.rules { values += try reader.ruleValues(under: StateKey(rule.name)) }
    values.sort { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
    return values.flatMap { CBOR.array([.bytes($0.key.bytes), .bytes($0.value)]).encoded }
  }

  /// The ledger's policy, which goes with it; nil where there is none.
  private static func policy(of reader: LedgerReader) throws -> [UInt8]? {
    let directory = try Directory(reader.folder.path)
    return directory.exists("policy") ? try directory.read("policy", limit: 1 << 20) : nil
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
    if FileSystem.exists(path) {
      // A tile never changes: an earlier export has it already.
      guard try FileSystem.read(path, limit: bytes.count) == bytes else {
        throw Failure("export", path, errorNumber: EEXIST)
      }
    } else {
      try File(path, .create).write(bytes, at: 0)
    }
    summary.files += 1
    summary.byteCount += UInt64(bytes.count)
  }

  /// Puts a file in the place of an earlier one.
  mutating func replace(_ bytes: [UInt8], at name: String, isCounted: Bool = true) throws(Failure) {
    let path = "\(root)/\(name)"
    try makeFolder(root)
    let scratch = "\(path).new"
    try FileSystem.remove(scratch)
    try File(scratch, .create).write(bytes, at: 0)
    try FileSystem.rename(scratch, path)
    guard isCounted else { return }
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
