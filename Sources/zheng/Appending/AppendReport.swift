import Ledger
import LedgerClient
import LedgerCrypto
import Scenarios
import Workflows

/// Prints what became of each record, and counts.
struct AppendReport {
  let output: Output
  /// How many records were refused.
  private(set) var refusedCount = 0
  /// How many were recorded, or were there already.
  private(set) var recordedCount: UInt64 = 0

  /// How many a node says are recorded, without a proof that holds.
  private(set) var unprovenCount = 0

  init(output: Output) { self.output = output }

  /// Prints what became of each.
  mutating func report(_ outcomes: [RecordOutcome]) throws {
    for outcome in outcomes {
      switch outcome.result {
      case .recorded(let id, let index, let block, let time, let isNew):
        try receive(outcome.name, id, index, block, time, isNew: isNew)
      case .unproven(let id, let why): try doubt(outcome.name, id, why)
      case .refused(let refusal): try refuse(outcome.name, refusal)
      }
    }
    try output.flush()
  }

  /// Prints a receipt.
  private mutating func receive(
    _ name: String, _ id: String, _ index: UInt64, _ block: UInt64, _ time: UInt64?, isNew: Bool
  ) throws {
    recordedCount += 1
    try output.result(
      [
        "index": .number(index), "block": .number(block), "id": .text(id), "name": .text(name),
        "verdict": .text(isNew ? "accepted" : "duplicate"),
        "time": JSON(time.map { Timestamp.text(milliseconds: $0) }),
      ],
      text: "\(index) \(block) \(id) \(Printable.text(name))")
    if !isNew, !output.isJSON {
      Diagnostics.note(localized("\(name): was recorded before; this is its first receipt"))
    }
  }

  /// Prints that a record is nothing but a node's word.
  private mutating func doubt(_ name: String, _ id: String, _ doubt: NodeClientError) throws {
    unprovenCount += 1
    if output.isJSON {
      try output.result(
        Problem(doubt).json.adding(["name": .text(name), "id": .text(id), "verdict": "not-proven"]), text: "")
    } else {
      Diagnostics.note("\(name): \(Problem(doubt).detail)")
    }
  }

  /// Prints a refusal.
  private mutating func refuse(_ name: String, _ refusal: Refusal) throws {
    refusedCount += 1
    if output.isJSON {
      try output.result(
        Problem(refusal).json.adding(["name": .text(name), "verdict": "refused"]), text: "")
    } else {
      Diagnostics.note(localized("\(name): refused, \(refusal.shown)"))
    }
  }
}
