import Foundation
import Ledger
import LedgerCrypto
import TransparencyLog

/// A ledger's directory made from a backup.
public enum LedgerRestore {
  /// What was made.
  public struct Summary: Sendable {
    /// The ledger id.
    public let ledger: Digest
    /// How many there are.
    public let entries, records, blocks: UInt64
    /// The root of the tree over the entries.
    public let root: Digest
    /// When the backup was made, in s since the epoch.
    public let made: UInt64
    /// Whether the ledger is the one that was asked for from outside.
    public let isAnchored: Bool
    /// What must hold before this machine signs.
    public let outlook: SigningOutlook
    /// What is no fault, for people, each beginning with a stable word, as those of an audit.
    public let notes: [String]
  }

  /// Makes the ledger at `place`, where nothing must be, from the backup in the directory `backup`; it is there whole or not at all.
  ///
  /// Everything in it is checked as an audit does, and what is derived is made anew; only then does it take its place.
  ///
  /// - Parameters:
  ///   - anchor: what the ledger must be, from a source other than the backup.
  ///   - state: the folder STATE, in which is kept what was signed last; nil for the standard one.
  /// - Throws: `Failure`, with `EEXIST` where something is there; the first `Fault` of the backup; `Refusal` of its `backup.json`.
  public static func run(
    _ backup: String, to place: LedgerFolder, anchor: LedgerAudit.Anchor = .none, state: String? = nil,
    progress: @escaping LedgerBackup.Progress = { _, _, _ in }
  ) throws -> Summary {
    try LedgerBackup.requireRoom(place.path, "restore")
    func folder(at path: String) -> LedgerFolder {
      LedgerFolder(path, rules: place.rules, index: place.index, remedies: place.remedies)
    }
    let manifest = try BackupManifest(in: Directory(backup))
    let copy = try TruthCopy(folder(at: backup))
    let truth = copy.truth
    guard truth.ledgerID == manifest.ledger else {
      throw Fault(
        .wrongLedger, "it says that it is of ledger \(manifest.ledger), and this is \(truth.ledgerID)")
    }
    guard truth.head.size >= manifest.size else {
      throw Fault(.truncated, "it ends at \(truth.head.size) entries, and was written with \(manifest.size)")
    }
    let keys = truth.directory.exists("keys")
    return try FolderInMaking(path: place.path, doing: "restore").make { path in
      let (scratch, out) = (folder(at: path), try Directory(path))
      let byteCount = try copy.write(to: out, withTiles: false) { progress(.copying, $0, $1) }
      guard truth.log.byteCount == byteCount, try truth.checkpoints.file.size() == truth.head.end else {
        throw Fault(.missing, "something lies behind its newest block; a backup ends with that")
      }
      guard try copy.writePolicy(to: out) == manifest.policy else {
        throw Fault(.derivedMismatch, "its policy is not the one that was written")
      }
      if keys { _ = try copy.writeKeys(to: out) }
      let report = try LedgerBackup.verify(
        scratch, .everything, anchor, size: manifest.size, root: manifest.root, progress)
      _ = try scratch.rebuild { progress(.rebuilding, $0, $1) }
      let found = try scratch.signingOutlook(state: state)
      let outlook = SigningOutlook(
        keys: found.keys?.moved(from: path, to: place.path), validators: found.validators)
      // Keys that were copied must be this ledger's.
      if keys, let failure = outlook.keys {
        throw Failure(failure.call, "\(backup)/keys", reason: failure.reason)
      }
      try out.syncAll()
      return Summary(
        ledger: manifest.ledger, entries: report.entries, records: report.records, blocks: report.blocks,
        root: report.root, made: manifest.made, isAnchored: report.isAnchored, outlook: outlook,
        notes: report.notes.map { $0.replacing(path, with: place.path) })
    }
  }

  /// Removes what restores to `path` have left that were killed.
  ///
  /// - Returns: the paths.
  public static func removeAbandoned(at path: String) throws -> [String] {
    try FolderInMaking(path: path, doing: "restore").removeAbandoned()
  }
}
