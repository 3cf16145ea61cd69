import Foundation
import Ledger
import LedgerCrypto
import TransparencyLog

/// A copy of a ledger as of its newest block, taken while others may write: a ledger's directory without search index and state,
/// and with `backup.json`, which says what it must hold.
public enum LedgerBackup {
  /// What work is at.
  public enum Stage: Sendable {
    case copying
    case verifying
    case rebuilding
  }

  /// Told how many entries are done of what is worked at, and of how many.
  public typealias Progress = @Sendable (_ stage: Stage, _ done: UInt64, _ total: UInt64) -> Void

  /// What was copied.
  public struct Summary: Sendable {
    /// The ledger id.
    public let ledger: Digest
    /// How many there are.
    public let entries, blocks: UInt64
    /// The root of the tree over the entries.
    public let root: Digest
    /// The number of bytes of entries.
    public let byteCount: UInt64
    /// The number of private keys.
    public let keys: Int
    /// What is no fault, for people, each beginning with a stable word, as those of an audit.
    public let notes: [String]
  }

  /// Writes a backup of the ledger in `folder` to `path`, where nothing must be; it is there whole or not at all.
  ///
  /// What was written is read again: hashes, roots, headers and cosignatures are checked, signatures of statements and rules are not.
  ///
  /// - Parameters:
  ///   - withKeys: whether the validators' private keys are copied: whoever has them can sign in the ledger's name.
  ///   - made: the time, in s since the epoch.
  /// - Throws: `Failure`, with `EEXIST` where something is at `path`; the first `Fault` of what was copied.
  public static func run(
    _ folder: LedgerFolder, to path: String, withKeys: Bool = false, made: UInt64,
    progress: @escaping Progress = { _, _, _ in }
  ) throws -> Summary {
    try requireRoom(path, "backup")
    let copy = try TruthCopy(folder)
    let (id, head) = (copy.truth.ledgerID, copy.truth.head)
    return try FolderInMaking(path: path, doing: "backup").make { scratch in
      let out = try Directory(scratch)
      let byteCount = try copy.write(to: out, withTiles: true) { progress(.copying, $0, $1) }
      let policy = try copy.writePolicy(to: out)
      let keys = withKeys ? try copy.writeKeys(to: out) : 0
      let report = try verify(
        LedgerFolder(scratch, rules: folder.rules, index: folder.index, remedies: folder.remedies), .hashes,
        .ledgerID(id), size: head.size, root: head.root, progress)
      let manifest = BackupManifest(
        ledger: id, size: head.size, root: head.root, made: made, policy: policy)
      try out.create(BackupManifest.fileName, Array(manifest.text.utf8))
      try out.syncAll()
      return Summary(
        ledger: id, entries: head.size, blocks: report.blocks, root: head.root, byteCount: byteCount,
        keys: keys, notes: report.notes.map { $0.replacing(scratch, with: path) })
    }
  }

  /// Removes what backups to `path` have left that were killed.
  ///
  /// - Returns: the paths.
  public static func removeAbandoned(at path: String) throws -> [String] {
    try FolderInMaking(path: path, doing: "backup").removeAbandoned()
  }

  static func requireRoom(_ path: String, _ call: String) throws(Failure) {
    guard !FileSystem.exists(path) else {
      throw Failure(
        call, path, errorNumber: EEXIST, reason: "something is here already; name a new directory")
    }
  }

  /// Audits what was copied to `folder`: it must end with this tree.
  ///
  /// - Throws: its first `Fault`.
  static func verify(
    _ folder: LedgerFolder, _ depth: BlockAudit.Depth, _ anchor: LedgerAudit.Anchor, size: UInt64,
    root: Digest,
    _ progress: @escaping Progress
  ) throws -> LedgerAudit.Report {
    var options = LedgerAudit.Options()
    (options.depth, options.anchor) = (depth, anchor)
    options.progress = { done, _ in progress(.verifying, done, size) }
    var report = try LedgerAudit.run(folder, options)
    if let fault = report.faults.first { throw fault }
    guard report.entries >= size else {
      throw Fault(.truncated, "it ends at \(report.entries) entries, and there were \(size)")
    }
    guard report.entries == size, report.root == root else {
      throw Fault(.fork, "over \(report.entries) entries it has another root than was written down")
    }
    // What is derived is not there yet.
    report.notes.removeAll { $0.hasPrefix("behind") }
    return report
  }
}
