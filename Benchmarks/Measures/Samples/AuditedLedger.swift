import Foundation
import LedgerIndex
import LedgerStore
import Scenarios

/// A ledger that is audited again and again, and must be found good.
struct AuditedLedger {
  let folder: LedgerFolder
  let name: String

  init(_ folder: LedgerFolder, _ name: String) { (self.folder, self.name) = (folder, name) }

  /// A new ledger at `path`, of `records` records with payloads of `byteCount` bytes by so many members.
  static func made(
    at path: String, records: Int, byteCount: Int, members: Int, _ watcher: Watcher
  ) throws -> AuditedLedger {
    let consortium = try MeasuredConsortium(members: members)
    let id = try consortium.found(at: path)
    let folder = LedgerFolder(path, rules: Scenarios.rules)
    let generator = RecordGenerator(consortium: consortium, ledgerID: id, payloadByteCount: byteCount)
    _ = try LedgerFilling(generator, folder).fill(records) {
      watcher.progress("filling a ledger", UInt64($0), UInt64(records), "records")
    }
    return AuditedLedger(folder, "\(records) records of \(byteCount) bytes")
  }

  func recordsPerSecond(threads: Int) throws -> Double {
    var options = LedgerAudit.Options()
    options.threads = threads
    var records: UInt64 = 0
    let seconds = try Rounds.wallSeconds { records = try audit(options).records }
    return Double(records) / seconds
  }

  /// The speed of an audit of hashes only, in 10^6 bytes of entries.
  func megabytesPerSecond() throws -> Double {
    let seconds = try Rounds.wallSeconds { _ = try audit(.ofHashes) }
    return Double(try byteCount()) / seconds / 1e6
  }

  /// How long an entry is, the two bytes before it not counted; the ledger is in the system's cache then.
  func meanEntryByteCount() throws -> Int {
    Int(try byteCount() / max(1, audit(.ofHashes).entries)) - 2
  }

  /// How long the files of the entries are.
  private func byteCount() throws -> UInt64 {
    let entries = "\(folder.path)/entries"
    return try FileManager.default.contentsOfDirectory(atPath: entries).reduce(UInt64(0)) {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(entries)/\($1)")
      return $0 + (attributes[.size] as? UInt64 ?? 0)
    }
  }

  private func audit(_ options: LedgerAudit.Options) throws -> LedgerAudit.Report {
    let report = try LedgerAudit.run(folder, options)
    if let fault = report.faults.first { throw fault }
    return report
  }
}

extension LedgerAudit.Options {
  fileprivate static var ofHashes: LedgerAudit.Options {
    var options = LedgerAudit.Options()
    options.depth = .hashes
    return options
  }
}
