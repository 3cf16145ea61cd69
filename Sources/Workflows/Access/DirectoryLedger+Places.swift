import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios
import TransparencyLog

extension DirectoryLedger {
  /// Whether a ledger is in the directory `path`.
  package static func isLedger(at path: String) -> Bool {
    LedgerFolder(path, rules: Scenarios.rules).isLedger
  }

  /// The directory `path`, in which there is a ledger, and whose messages name `remedies`.
  package static func folder(at path: String, _ remedies: Remedies) throws -> LedgerFolder {
    guard !path.isEmpty else { throw WorkflowError.usage("the ledger's directory has an empty name") }
    let folder = LedgerFolder(path, rules: Scenarios.rules, remedies: remedies)
    guard Files.exists(path) else {
      throw WorkflowError(.noInput, "not-found", "\(path): no such directory", lead: .founding(at: path))
    }
    guard folder.isLedger else {
      for part in ["checkpoints", "entries"]
      where !Files.exists("\(path)/\(part)") && Files.exists(folder.keys) && Files.exists(folder.policy) {
        throw Fault(.missing, "\(path)/\(part) is not there, and the rest of a ledger is")
      }
      throw WorkflowError(.noInput, "not-found", "\(path): no ledger is here", lead: .founding(at: nil))
    }
    return folder
  }

  /// The policy file of the ledger.
  package var policy: String { folder.policy }

  /// The newest checkpoint of the ledger in `folder`, for which nothing derived is needed.
  package static func newestCheckpoint(of folder: LedgerFolder) throws -> NewestCheckpoint {
    try NewestCheckpoint(LedgerReader.newestCheckpoint(folder))
  }

  /// Makes anew what is derived in the ledger in `folder`.
  ///
  /// - Parameter each: told how many entries are done, and of how many where that is known.
  /// - Returns: the number of entries.
  package static func rebuild(
    _ folder: LedgerFolder, each: (_ done: UInt64, _ total: UInt64) -> Void
  ) throws -> UInt64 {
    try folder.rebuild(progress: each)
  }

  /// What an export wrote.
  package struct Exported {
    package let entries, files, byteCount: UInt64
  }

  /// Writes the ledger as static files to the directory `path`.
  ///
  /// - Parameters:
  ///   - withState: whether the scenarios' values are written too.
  ///   - page: the page for people that lies beside them.
  ///   - each: told how many entries are done, and of how many.
  package func export(
    to path: String, withState: Bool, page: [UInt8], each: (_ done: UInt64, _ total: UInt64) -> Void
  ) throws -> Exported {
    do {
      let summary = try LedgerExport.run(reader, to: path, withState: withState, page: page, progress: each)
      return Exported(entries: summary.entries, files: summary.files, byteCount: summary.byteCount)
    } catch let failure as Failure where failure.path.utf8.starts(with: path.utf8) && failure.call != "read" {
      switch failure.call {
      case "export":
        throw WorkflowError.cannotCreate("\(failure.path): something is here already; name a new directory")
      case "open", "mkdir": throw WorkflowError.cannotCreate(failure.description)
      default: throw failure
      }
    }
  }
}

/// The newest checkpoint of a ledger.
package struct NewestCheckpoint {
  /// The signed note.
  package let bytes: [UInt8]
  package let origin: String
  package let size: UInt64
  package let root: Digest

  package init(_ note: SignedNote) throws {
    let checkpoint = try Checkpoint(parsing: note.text)
    bytes = note.bytes
    (origin, size, root) = (checkpoint.origin, checkpoint.size, checkpoint.root)
  }
}
