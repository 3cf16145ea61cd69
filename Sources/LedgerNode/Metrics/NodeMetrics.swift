import CoreMetrics
import Ledger
import LedgerClient
import LedgerStore

/// What a node measures of itself: `GET /metrics`.
struct NodeMetrics: Sendable {
  private let factory = PrometheusFactory()
  private let commitTime, blockTime: Timer

  init() {
    for (name, help) in NodeMetrics.descriptions { factory.describe(name, help) }
    commitTime = Timer(label: "zheng_commit_seconds", factory: factory)
    blockTime = Timer(label: "zheng_block_seconds", factory: factory)
    // Told from the start on: what was never counted would otherwise look like what is not measured.
    for outcome in ["recorded", "duplicate"] { appends(outcome).increment(by: 0) }
  }

  private static let descriptions = [
    ("zheng_appends_total", "Statements that became records, or were records already."),
    ("zheng_refusals_total", "Statements that were refused, by the refusal's code."),
    ("zheng_responses_total", "Answers, by HTTP status."),
    (
      "zheng_commit_seconds", "From the arrival of a statement, or of a sequence, to its verdict on the disk."
    ),
    ("zheng_block_seconds", "From the cut of a block to its being on the disk."),
    ("zheng_blocks", "Blocks committed since the node was started."),
    ("zheng_syncs", "Syncs of the disk for blocks since the node was started."),
    ("zheng_entries", "Entries of the ledger."),
    ("zheng_queue_statements", "Statements under way."),
    ("zheng_index_lag_entries", "Entries that the search index lacks."),
    ("zheng_disk_free_bytes", "What is left for the ledger on its disk."),
    ("zheng_ready", "1 while the node takes statements, otherwise 0."),
    ("zheng_consensus_height", "The height that this validator works on."),
    ("zheng_consensus_round", "The round of that height."),
    (
      "zheng_consensus_behind",
      "How many heights it is behind the newest that any validator is known to work on."
    ),
    (
      "zheng_consensus_validator_height",
      "The height that each validator works on, as far as it was heard of."
    ),
    (
      "zheng_consensus_clock_offset_seconds",
      "By how many seconds each validator's cosignatures are later than the others' of the same block."
    ),
    ("zheng_consensus_misconduct", "How many times a validator was caught contradicting itself."),
  ]

  private func appends(_ outcome: String) -> Counter {
    Counter(label: "zheng_appends_total", dimensions: [("outcome", outcome)], factory: factory)
  }

  /// Takes note of what became of statements that came together, `time` after they came.
  func count(recorded: Int, duplicates: Int, refused: [Refusal.Code: Int], after time: Duration) {
    appends("recorded").increment(by: recorded)
    appends("duplicate").increment(by: duplicates)
    for (code, count) in refused { self.refused(code.rawValue, count) }
    commitTime.recordNanoseconds(time.nanoseconds)
  }

  /// Takes note of `count` statements that were not recorded.
  func refused(_ code: String, _ count: Int = 1) {
    Counter(label: "zheng_refusals_total", dimensions: [("code", code)], factory: factory).increment(
      by: count)
  }

  /// Takes note of a block that is on the disk.
  func block(after time: Duration) { blockTime.recordNanoseconds(time.nanoseconds) }

  /// Takes note of an answer.
  func answered(_ status: Int) {
    Counter(label: "zheng_responses_total", dimensions: [("status", "\(status)")], factory: factory)
      .increment()
  }

  /// Everything, with how the node is doing now.
  ///
  /// - Parameter consensus: how the validators are doing, where there are several.
  func text(
    _ reader: LedgerReader, _ condition: Committer.Condition, _ consensus: NodeConsensus? = nil
  ) -> String {
    if let consensus { note(consensus) }
    func set(_ name: String, _ value: some BinaryInteger) {
      Meter(label: name, factory: factory).set(Double(value))
    }
    set("zheng_blocks", condition.counts.blocks)
    set("zheng_syncs", condition.counts.syncs)
    set("zheng_entries", reader.size)
    set("zheng_queue_statements", condition.statementCount)
    set("zheng_index_lag_entries", reader.unindexed)
    set("zheng_ready", condition.obstacles.isEmpty ? 1 : 0)
    if let free = condition.freeByteCount { set("zheng_disk_free_bytes", free) }
    return factory.text
  }
}

extension NodeMetrics {
  private func note(_ consensus: NodeConsensus) {
    func set(_ name: String, _ value: some BinaryInteger, of validator: String? = nil) {
      Meter(
        label: "zheng_consensus_\(name)", dimensions: validator.map { [("validator", $0)] } ?? [],
        factory: factory
      ).set(Double(value))
    }
    set("height", consensus.height)
    set("round", consensus.round)
    set("behind", consensus.behind)
    set("misconduct", consensus.misconduct)
    for validator in consensus.validators {
      if let height = validator.height { set("validator_height", height, of: validator.name) }
      if let offset = validator.clockOffsetSeconds { set("clock_offset_seconds", offset, of: validator.name) }
    }
  }
}

extension Duration {
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
