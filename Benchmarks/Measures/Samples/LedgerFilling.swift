import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import Workflows

/// Fills a ledger that was just founded, and takes the time of each part of the work.
package final class LedgerFilling {
  /// What was done, and how long it took in s.
  package struct Figures {
    package var records = 0
    package var blocks = 0
    /// Of entries, with their length prefixes.
    package var bytes: UInt64 = 0
    package var signing = 0.0
    /// Signatures verified, judged, and on the disk; the index follows beside it.
    package var appending = 0.0
    /// Waiting for the index after the last block.
    package var indexing = 0.0
    package var whole = 0.0
  }

  /// How many records and bytes are signed ahead at once.
  private static let batch = (records: 32_768, bytes: 128 << 20)

  private let generator: RecordGenerator
  private let writer: LedgerWriter
  private let clock = ContinuousClock()
  private let checkers = EntryCheckers()
  private var figures = Figures()

  /// The most bytes of payload that `objection` need be asked about, and the most members.
  package static let (mostBytes, mostMembers) = (
    StatementDraft.maximumEntryByteCount, Roster.maximumMemberCount
  )

  /// Why no records with payloads of `byteCount` bytes can be made; nil where they can.
  package static func objection(to byteCount: Int) throws -> String? {
    let consortium = try MeasuredConsortium(members: 1)
    let trial = RecordGenerator(consortium: consortium, ledgerID: .zero, payloadByteCount: byteCount)
    do { _ = try trial.signed(0..<8) } catch let error as StatementError { return error.description }
    return nil
  }

  /// Founds a ledger of `members` members at `path`, with their keys in its own folder for keys, and fills it.
  ///
  /// - Parameter progress: called with the number of records that are on the disk.
  package static func found(
    at path: String, members: Int, records: Int, payloadByteCount: Int, progress: (Int) -> Void
  ) throws -> (id: Digest, figures: Figures) {
    let consortium = try MeasuredConsortium(members: members)
    let id = try consortium.found(at: path)
    let folder = LedgerFolder(path, rules: Scenarios.rules)
    for (id, key) in consortium.members {
      try Files.create("\(folder.keys)/\(id).pem", Array(key.pem().utf8), permissions: 0o600)
    }
    let generator = RecordGenerator(consortium: consortium, ledgerID: id, payloadByteCount: payloadByteCount)
    return (id, try LedgerFilling(generator, folder).fill(records, progress: progress))
  }

  package init(_ generator: RecordGenerator, _ folder: LedgerFolder) throws {
    self.generator = generator
    writer = try LedgerWriter(folder, .measured(folder))
  }

  /// Appends `count` records; `progress` is called with the number of those that are on the disk.
  package func fill(_ count: Int, progress: (Int) -> Void) throws -> Figures {
    let start = clock.now
    let batch = max(
      1, min(LedgerFilling.batch.records, LedgerFilling.batch.bytes / (generator.payloadByteCount + 400)))
    var made = 0
    while made < count {
      let end = min(made + batch, count)
      let entries = try timed(\.signing) { try generator.signed(made..<end) }
      made = end
      try timed(\.appending) { try append(entries, progress) }
    }
    try timed(\.indexing) { if let failure = try writer.flush() { throw failure } }
    figures.whole = (clock.now - start) / .seconds(1)
    return figures
  }

  /// Appends `entries` block by block; while one is committed, the signatures of the next are verified.
  private func append(_ entries: [[UInt8]], _ progress: (Int) -> Void) throws {
    let share = Int(clamping: writer.state.roster.terms.parameters[Parameters.blockRecords])
    let keys = writer.state.roster.keys
    let checkers = checkers
    var next = BackgroundResult { RecordGenerator.checked(entries.prefix(share), keys: keys, by: checkers) }
    for start in stride(from: 0, to: entries.count, by: share) {
      var candidates = try next.value()[...]
      let rest = entries[min(start + share, entries.count)...]
      if !rest.isEmpty {
        next = BackgroundResult { RecordGenerator.checked(rest.prefix(share), keys: keys, by: checkers) }
      }
      while !candidates.isEmpty {
        let verdicts = try writer.appendBlock(candidates)
        for (candidate, verdict) in zip(candidates, verdicts) {
          if case .refused(let refusal) = verdict { throw refusal }
          figures.bytes += UInt64(candidate.byteCount + 2)
        }
        figures.blocks += 1
        figures.records += verdicts.count
        candidates = candidates.dropFirst(verdicts.count)
        progress(figures.records)
      }
    }
  }

  private func timed<Result>(
    _ part: WritableKeyPath<Figures, Double>, _ body: () throws -> Result
  ) rethrows -> Result {
    let start = clock.now
    defer { figures[keyPath: part] += (clock.now - start) / .seconds(1) }
    return try body()
  }
}
