import Ledger
import LedgerClient

/// What became of one of many items that were to be recorded.
package struct RecordOutcome: Sendable {
  package enum Result: Sendable {
    /// It is a record; `isNew` unless it was one before. The time of its block in ms since the epoch, where that is at hand.
    case recorded(id: String, index: UInt64, block: UInt64, time: UInt64?, isNew: Bool)
    /// By a node's word it is a record, and the proof does not hold.
    case unproven(id: String, NodeClientError)
    /// It is none.
    case refused(Refusal)
  }

  /// What the item is called by: a path, or a path and a line.
  package let name: String
  package let result: Result

  init(_ name: String, _ result: Result) { (self.name, self.result) = (name, result) }
}

/// Where a ledger's statements are taken.
package protocol LedgerSubmission {
  /// Submits a signed statement, and returns when it is a record or is none.
  ///
  /// - Throws: the `Refusal`; then nothing was recorded. What the machine or a node fails with; then it may have been.
  func submit(_ entry: [UInt8]) async throws -> RecordPlace

  /// Submits everything that `source` gives, as `signer` signs it, and tells what became of each, in the order in which they come.
  ///
  /// - Parameter each: told part by part, as soon as it is known.
  /// - Throws: what `source` or `each` throws, or what the machine or a node fails with; what was told before holds.
  func submit(
    _ source: RecordSource, signer: StatementSigner, each: ([RecordOutcome]) throws -> Void
  ) async throws
}
