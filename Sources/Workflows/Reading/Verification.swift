import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import TransparencyLog

/// A check of a whole ledger from the entries up, which writes nothing.
package struct Verification {
  /// The most threads that work.
  package static let mostThreads = LedgerAudit.Options.mostThreads

  private var options = LedgerAudit.Options()

  /// Everything is checked where only hashes, roots, cosignatures and headers are not asked for.
  package init(isOfHashesOnly: Bool, now: UInt64) {
    options.depth = isOfHashesOnly ? .hashes : .everything
    options.now = now
  }

  /// How many threads work; all cores where it is not set. No verdict depends on it.
  package mutating func use(threads: Int) { options.threads = threads }

  /// It must be the ledger of the policy in the file at `path`.
  package mutating func anchor(inPolicy path: String, note: (String) -> Void) throws {
    options.anchor = .policy(try PolicyFile.read(path, note: note))
  }

  /// It must be the ledger with this id.
  package mutating func anchor(inLedger id: Digest) { options.anchor = .ledgerID(id) }

  /// It must extend the checkpoint in the file at `path`.
  package mutating func extend(checkpoint path: String, note: (String) -> Void) throws {
    options.savedCheckpoint = try CheckpointFile.read(path, note: note)
  }

  /// It must extend `note`.
  package mutating func extend(_ note: NewestCheckpoint) throws {
    options.savedCheckpoint = try SignedNote(parsing: note.bytes.span)
  }

  /// Checks the ledger in the directory `path`.
  ///
  /// - Parameter each: told how many entries are done, and of how many.
  package mutating func run(
    _ path: String, _ remedies: Remedies, each: @escaping @Sendable (_ done: UInt64, _ total: UInt64?) -> Void
  ) throws -> Finding {
    options.progress = each
    do { return Finding(try LedgerAudit.run(DirectoryLedger.folder(at: path, remedies), options)) } catch {
      // A ledger of which a whole part is gone.
      guard let fault = error as? Fault else { throw error }
      var report = LedgerAudit.Report()
      report.faults = [fault]
      return Finding(report)
    }
  }

  /// What a check found.
  package struct Finding {
    private let report: LedgerAudit.Report
    /// What is no fault, for people.
    package var notes: [String]

    fileprivate init(_ report: LedgerAudit.Report) { (self.report, notes) = (report, report.notes) }

    package var isGood: Bool { report.isGood }
    /// Whether it is the ledger that was asked for.
    package var isAnchored: Bool { report.isAnchored }
    /// The id, where it has one.
    package var ledger: Digest? { report.ledger }
    package var entries: UInt64 { report.entries }
    package var records: UInt64 { report.records }
    package var blocks: UInt64 { report.blocks }
    package var root: Digest { report.root }
    package var faults: [Fault] { report.faults }
    /// How the signatures of P-256 keys were verified.
    package var signatures: KnownKeys.Counts { report.signatures }
    /// Who cosigned the newest block, and of how many.
    package var cosigned: (names: [String], all: Int)? { report.cosigned }
  }
}
