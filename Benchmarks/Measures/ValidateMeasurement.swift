import Foundation
import LedgerStore
import Scenarios

/// The audit of a whole ledger.
///
/// The full audit, in records/s, is compared with what OpenSSL verifies on all cores at once, were there nothing else to do; the
/// audit of hashes only, in bytes of entries/s, with what all cores hash of leaves of that size and do nothing else. Then all cores against one, what a
/// record of a large ledger costs against one of a small ledger, and the memory of a process that audits, looked at from outside.
package struct ValidateMeasurement: Measurement {
  package static let title = "Audit of a whole ledger"

  /// A ledger to audit; nil for some that are made.
  let ledger: LedgerFolder?
  /// How many records of 256 B, and of 1 KiB, the ledgers that are made have.
  let records: Int
  /// How many records the small ledger has.
  let smallRecords: Int
  /// How many members sign them, in turns.
  let members: Int
  /// Whether the small ledger is compared with one of 2 million records.
  let long: Bool
  /// Where ledgers are made; nil for the system's place for temporary files.
  let folder: String?
  /// With which arguments this program audits the ledger at a path.
  let verifying: @Sendable (_ path: String) -> [String]

  package init(
    ledger: LedgerFolder?, records: Int, smallRecords: Int, members: Int, long: Bool, folder: String?,
    verifying: @escaping @Sendable (_ path: String) -> [String]
  ) {
    (self.ledger, self.records, self.smallRecords, self.members, self.long, self.folder, self.verifying) = (
      ledger, records, smallRecords, members, long, folder, verifying
    )
  }

  private static let longRecords = 2_000_000

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    if let ledger {
      let audited = AuditedLedger(ledger, "the records of \(ledger.path)")
      try full(audited, rounds, report)
      try hashes(audited, rounds, report)
      return try report(memory(audited, rounds))
    }
    try ScratchFolder.with(in: folder, watcher.note) { path in
      let large = try made("\(path)/large", records, 256, watcher)
      try full(large, rounds, report)
      let small = try made("\(path)/small", smallRecords, 256, watcher)
      let largest = long ? try made("\(path)/largest", ValidateMeasurement.longRecords, 256, watcher) : large
      try report(growth(small, largest, rounds))
      try report(memory(largest, rounds))
      try hashes(try made("\(path)/long-records", records, 1024, watcher), rounds, report)
    }
  }

  private func made(_ path: String, _ records: Int, _ byteCount: Int, _ watcher: Watcher) throws
    -> AuditedLedger
  {
    try AuditedLedger.made(at: path, records: records, byteCount: byteCount, members: members, watcher)
  }

  /// Everything, on all cores and on one.
  private func full(_ ledger: AuditedLedger, _ rounds: Int, _ report: (Measure) throws -> Void) throws {
    let yardstick = try SignatureYardstick()
    let turns = try Rounds.run(
      rounds,
      [
        { try ledger.recordsPerSecond(threads: Machine.cores) },
        { yardstick.perSecondOnAllCores(for: Build.isOptimised ? 0.5 : 0.05) },
        { try ledger.recordsPerSecond(threads: 1) },
      ])
    let cores = Machine.coreCount
    try report(
      Measure(
        "full", "full audit of \(ledger.name)", unit: "records/s", turns[0],
        against: ("\(SignatureYardstick.name), on \(cores) at once", turns[1]), goal: .audit)
    )
    try report(
      Measure(
        "cores", "full audit on \(cores) against one", unit: "records/s", turns[0],
        against: ("the same on 1 core", turns[2]),
        // What is asked is of a second core.
        goal: Machine.cores == 2 ? .secondCore : nil))
  }

  private func hashes(_ ledger: AuditedLedger, _ rounds: Int, _ report: (Measure) throws -> Void) throws {
    let size = try ledger.meanEntryByteCount()
    // A leaf's prefix among them.
    let message = [UInt8](repeating: 0x5a, count: size + 1)
    let count = (Build.isOptimised ? 1 << 29 : 1 << 24) / size
    let turns = try Rounds.run(
      rounds,
      [
        { try ledger.megabytesPerSecond() },
        {
          AllCores.perSecond(count) { _ = HashContender.lanes(.chosen).prepared(message)($0) }
            * Double(size) / 1e6
        },
      ])
    let cores = Machine.coreCount
    try report(
      Measure(
        "hashes-only", "audit of hashes only of \(ledger.name)", unit: "MB/s", turns[0],
        against: ("LaneHasher, leaves of \(size) bytes in the cache, on \(cores) at once", turns[1]),
        goal: .hashesOnly))
  }

  private func growth(_ small: AuditedLedger, _ large: AuditedLedger, _ rounds: Int) throws -> Measure {
    let turns = try Rounds.run(
      rounds,
      [
        { 1e6 / (try large.recordsPerSecond(threads: Machine.cores)) },
        // One is over soon: several, so that a moment's noise doesn't count.
        {
          try (0..<4).map { _ in 1e6 / (try small.recordsPerSecond(threads: Machine.cores)) }.reduce(0, +) / 4
        },
      ])
    return Measure(
      "growth", "cost of a record, of \(large.name)", unit: "µs", turns[0],
      against: ("a record of \(small.name)", turns[1]), goal: .growth)
  }

  private func memory(_ ledger: AuditedLedger, _ rounds: Int) throws -> Measure {
    Measure(
      "memory", "peak anonymous memory of zheng verify, \(ledger.name)", unit: "MB",
      try (0..<min(rounds, 3)).map { _ in
        Double(try PeakMemory.ofRunning(verifying(ledger.folder.path))) / 1e6
      },
      goal: .memory)
  }
}
