import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// Copies of a ledger for the day on which its disk is lost.
package enum Backups {
  package typealias Made = LedgerBackup.Summary
  package typealias Restored = LedgerRestore.Summary
  package typealias Stage = LedgerBackup.Stage
  package typealias Outlook = SigningOutlook

  /// What a ledger must be, from a source other than its backup.
  package enum Anchor {
    case none
    case ledgerID(Digest)
    /// The policy in the file at this path.
    case policy(String)
  }

  /// Writes a backup of the ledger in `folder` to `path`, where nothing must be.
  package static func make(
    of folder: DirectoryLedger.Folder, at path: String, withKeys: Bool, _ context: WorkContext,
    each: @escaping LedgerBackup.Progress
  ) throws -> Made {
    try requirePath(path, "a backup")
    for left in try LedgerBackup.removeAbandoned(at: path) {
      context.note("\(left): left by a backup that was stopped; removed")
    }
    return try LedgerBackup.run(
      folder, to: path, withKeys: withKeys, made: context.now / 1000, progress: each)
  }

  /// Makes a ledger's directory at `path`, where nothing must be, from the backup in the directory `backup`.
  package static func restore(
    _ backup: String, to path: String, anchor: Anchor, _ context: WorkContext,
    each: @escaping LedgerBackup.Progress
  ) throws -> Restored {
    try requirePath(path, "a ledger")
    let held: LedgerAudit.Anchor =
      switch anchor {
      case .none: .none
      case .ledgerID(let id): .ledgerID(id)
      case .policy(let file): .policy(try PolicyFile.read(file, note: context.note))
      }
    for left in try LedgerRestore.removeAbandoned(at: path) {
      context.note("\(left): left by a restore that was stopped; removed")
    }
    return try LedgerRestore.run(
      backup, to: LedgerFolder(path, rules: Scenarios.rules, remedies: context.remedies), anchor: held,
      state: context.stateFolder, progress: each)
  }

  private static func requirePath(_ path: String, _ what: String) throws {
    guard !path.isEmpty else { throw WorkflowError.usage("the directory for \(what) has an empty name") }
    let parent = Files.parent(of: path)
    guard Files.exists(parent.isEmpty ? "." : parent) else {
      throw WorkflowError.cannotCreate("\(path): its parent directory \(parent) is not there")
    }
  }
}

extension SigningOutlook {
  /// As programs read it.
  package var json: JSON {
    [
      "ready": .bool(isReady), "keys": JSON(keys.map { "\($0)" }),
      "validators": .array(
        validators.map { validator in
          [
            "validator": .text(validator.name), "last-signed": .text(validator.path),
            "height": JSON(validator.signed), "code": JSON(validator.refusal?.code.rawValue),
            "detail": JSON(validator.refusal?.reason),
          ]
        }),
    ]
  }
}
