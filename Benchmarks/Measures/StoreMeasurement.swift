import Foundation
import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios
import Synchronization
import Workflows

/// The store alone, without signatures, against SQLite.
///
/// Entries of 256 B are judged, put into blocks, and each block is on the disk before the next is begun; that their signatures are
/// good is taken for granted. SQLite puts the same bytes into a table, with `synchronous=FULL` and a write-ahead log, as many rows to
/// a transaction as a block has. Both on the same disk, in turns. The index follows beside the commits; the second figure waits for it.
package struct StoreMeasurement: Measurement {
  package static let title = "The store alone against SQLite"

  /// How many blocks are written in a turn.
  let blocks: Int
  /// How many entries a block has, and rows a transaction.
  let block: Int
  /// A folder on the disk to measure; nil for the system's place for temporary files.
  let folder: String?

  package init(blocks: Int, block: Int, folder: String?) {
    (self.blocks, self.block, self.folder) = (blocks, block, folder)
  }

  /// What an entry has, with its signature and claims.
  private static let entryByteCount = 256

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder, watcher.note) { path in
      let consortium = try MeasuredConsortium(members: 16)
      let id = try consortium.found(at: "\(path)/ledger")
      let generator = try StoreMeasurement.generator(consortium, id)
      let folder = LedgerFolder("\(path)/ledger", rules: Scenarios.rules)
      let writer = try LedgerWriter(folder, .measured(folder))
      let database = try SQLiteYardstick("\(path)/yardstick.sqlite")
      let count = blocks * block
      var (committed, indexed, sqlite): ([Double], [Double], [Double]) = ([], [], [])
      // A round before the first that counts: files, caches and the allocator have grown then.
      for round in 0...rounds {
        let entries = try generator.signed(round * count..<(round + 1) * count)
        let candidates = StoreMeasurement.trusted(entries)
        let start = ContinuousClock.now
        try append(candidates, to: writer)
        let commits = ContinuousClock.now - start
        try writer.flush()
        let whole = ContinuousClock.now - start
        let rows = try Rounds.wallSeconds { try database.insert(entries, transaction: block) }
        guard round > 0 else { continue }
        committed.append(Double(count) / (commits / .seconds(1)))
        indexed.append(Double(count) / (whole / .seconds(1)))
        sqlite.append(Double(count) / rows)
      }
      let yardstick = (
        "SQLite \(SQLiteYardstick.version), synchronous=FULL, WAL, \(block) rows a transaction", sqlite
      )
      try report(
        Measure(
          "store", "commits of \(block) entries of \(StoreMeasurement.entryByteCount) B", unit: "entries/s",
          committed,
          against: yardstick, goal: .store))
      try report(
        Measure(
          "store-indexed", "the same, waiting for the index", unit: "entries/s", indexed, against: yardstick))
    }
  }

  /// What makes entries of about `entryByteCount` bytes: some have no subject, and there are two content types.
  private static func generator(_ consortium: MeasuredConsortium, _ id: Digest) throws -> RecordGenerator {
    let bare = try RecordGenerator(consortium: consortium, ledgerID: id, payloadByteCount: 0).signed(0..<48)
    let around = bare.reduce(0) { $0 + $1.count } / bare.count
    return RecordGenerator(
      consortium: consortium, ledgerID: id, payloadByteCount: max(0, entryByteCount - around))
  }

  static func trusted(_ entries: [[UInt8]]) -> [LedgerWriter.Candidate] {
    var checker = EntryChecker()
    var candidates: [LedgerWriter.Candidate] = []
    candidates.reserveCapacity(entries.count)
    for entry in entries {
      candidates.append(LedgerWriter.Candidate(entry: entry, checked: checker.trust(entry.span)))
    }
    return candidates
  }

  private func append(_ candidates: [LedgerWriter.Candidate], to writer: LedgerWriter) throws {
    let failure = Mutex<(any Error)?>(nil)
    let size = block
    for start in stride(from: 0, to: candidates.count, by: block) {
      _ = try writer.beginBlock(candidates[start..<start + block]) { verdicts, outcome in
        let found = Result { () throws in
          _ = try outcome.get()
          for case .refused(let refusal) in verdicts { throw refusal }
          guard verdicts.count == size else {
            throw WorkflowError.usage("\(size) entries are more than a block of the ledger holds")
          }
        }
        if case .failure(let error) = found { failure.withLock { $0 = $0 ?? error } }
      }
    }
    writer.settle()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
