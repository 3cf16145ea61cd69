import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios
import Statements
import TransparencyLog

/// The stages that a plain record passes, each for itself, where no other measurement has them.
///
/// Processor time of one core; a commit is waited for, the disk included.
package struct StagesMeasurement: Measurement {
  package static let title = "The stages of a record, each for itself"

  /// About how long to measure, in s.
  let seconds: Double
  /// A folder on the disk to measure; nil for the system's place for temporary files.
  let folder: String?

  package init(seconds: Double, folder: String?) { (self.seconds, self.folder) = (seconds, folder) }

  /// How many records a block has that is judged.
  private static let judged = 1024
  /// How many records blocks have that are committed.
  private static let committed = [1, 256, 4096]

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder, watcher.note) { path in
      let consortium = try MeasuredConsortium(members: 1)
      let generator = RecordGenerator(
        consortium: consortium, ledgerID: try consortium.found(at: "\(path)/ledger"), payloadByteCount: 256)
      let folder = LedgerFolder("\(path)/ledger", rules: Scenarios.rules)
      let writer = try LedgerWriter(folder, .measured(folder))
      try ofOneEntry(generator, writer.state, rounds, report)
      try ofBlocks(generator, writer, rounds, report)
    }
  }

  private func ofOneEntry(
    _ generator: RecordGenerator, _ state: LedgerState, _ rounds: Int, _ report: (Measure) throws -> Void
  ) throws {
    let entries = try generator.signed(0..<StagesMeasurement.judged)
    let (entry, keys) = (entries[0], state.roster.keys)
    let es256 = try PrivateKey(generating: .es256)
    let ed25519 = try PrivateKey(generating: .ed25519)
    let message = try randomBytes(512)
    let signature = try ed25519.signature(over: message)
    var checker = EntryChecker()
    let candidates = StoreMeasurement.trusted(entries)
    let stages: [(id: String, name: String, loop: (Int) throws -> Void)] = [
      ("decode-entry", "decoding an entry", { for _ in 0..<$0 { _ = try EntryView(decoding: entry.span) } }),
      (
        "check-entry", "checking an entry, its signature too",
        { for _ in 0..<$0 { _ = checker.check(entry.span, keys: keys) } }
      ),
      (
        "judge-record", "judging a record in a block of \(StagesMeasurement.judged)",
        { count in
          for start in stride(from: 0, to: count, by: candidates.count) {
            try judge(candidates.prefix(count - start), upon: state)
          }
        }
      ),
      ("sign-es256", "signing, ES256", { for _ in 0..<$0 { _ = try es256.signature(over: message) } }),
      ("sign-ed25519", "signing, Ed25519", { for _ in 0..<$0 { _ = try ed25519.signature(over: message) } }),
      (
        "verify-ed25519", "verifying, Ed25519",
        {
          for _ in 0..<$0 {
            precondition(
              ed25519.publicKey.isValid(signature: signature.span, over: message.span), "it is good")
          }
        }
      ),
    ]
    let times = try Rounds.secondsEach(
      rounds, turn: seconds / Double(stages.count * (rounds + 1)), stages.map(\.loop))
    for (stage, times) in zip(stages, times) {
      try report(Measure(stage.id, stage.name, unit: "µs", times.map { $0 * 1e6 }))
    }
  }

  private func judge(_ candidates: ArraySlice<LedgerWriter.Candidate>, upon state: LedgerState) throws {
    var hasher = TreeHasher()
    var seen = SeenStatements()
    var block = BlockInProgress(
      upon: state, time: (state.parentTime ?? 0) + 30_000, rules: Scenarios.rules, ruleState: RuleState())
    for candidate in candidates {
      try block.admit(candidate.checked, candidate.entry.span, earlier: &seen, using: &hasher)
    }
  }

  private func ofBlocks(
    _ generator: RecordGenerator, _ writer: LedgerWriter, _ rounds: Int, _ report: (Measure) throws -> Void
  ) throws {
    var times = [[Double]](repeating: [], count: StagesMeasurement.committed.count)
    var number = StagesMeasurement.judged
    // A round before the first that counts: files, caches and the allocator have grown then.
    for round in 0...rounds {
      for (place, count) in StagesMeasurement.committed.enumerated() {
        let candidates = StoreMeasurement.trusted(try generator.signed(number..<number + count))
        number += count
        let seconds = try Rounds.wallSeconds {
          for case .refused(let refusal) in try writer.appendBlock(candidates[...]) { throw refusal }
        }
        if round > 0 { times[place].append(seconds * 1e3) }
      }
    }
    for (count, times) in zip(StagesMeasurement.committed, times) {
      let block = count == 1 ? "1 record" : "\(count) records"
      try report(Measure("commit-\(count)", "committing a block of \(block)", unit: "ms", times))
    }
  }
}
