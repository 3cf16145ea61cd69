import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Scenarios

/// Prints what became of each record, and counts.
struct AppendReport {
  let output: Output
  /// How many records were refused.
  private(set) var refusedCount = 0
  /// How many were recorded, or were there already.
  private(set) var recordedCount: UInt64 = 0

  /// How many a node says are recorded, without a proof that holds.
  private(set) var unprovenCount = 0
  /// Where the newest record stands.
  private(set) var last: (index: UInt64, block: UInt64)?

  init(output: Output) { self.output = output }

  /// Prints what became of a record.
  mutating func report(_ name: String, _ id: String, _ verdict: Verdict) throws {
    switch verdict {
    case .accepted(let receipt):
      try receive(name, id, receipt.index, receipt.block, receipt.time, isNew: true)
    case .duplicate(let receipt):
      try receive(name, id, receipt.index, receipt.block, receipt.time, isNew: false)
    case .refused(let refusal): try refuse(name, refusal)
    }
  }

  /// Prints a receipt.
  mutating func receive(
    _ name: String, _ id: String, _ index: UInt64, _ block: UInt64, _ time: UInt64?, isNew: Bool
  ) throws {
    recordedCount += 1
    if last.map({ $0.index < index }) ?? true { last = (index, block) }
    try output.result(
      [
        "index": .number(index), "block": .number(block), "id": .text(id), "name": .text(name),
        "verdict": .text(isNew ? "accepted" : "duplicate"),
        "time": JSON(time.map { Timestamp.text(milliseconds: $0) }),
      ],
      text: "\(index) \(block) \(id) \(Printable.text(name))")
    if !isNew, !output.isJSON { Diagnostics.note("\(name): was recorded before; this is its first receipt") }
  }

  /// Prints that a record is nothing but a node's word.
  mutating func doubt(_ name: String, _ id: String, _ doubt: NodeClientError) throws {
    unprovenCount += 1
    if output.isJSON {
      try output.result(
        Problem(doubt).json.adding(["name": .text(name), "id": .text(id), "verdict": "not-proven"]), text: "")
    } else {
      Diagnostics.note("\(name): \(doubt)")
    }
  }

  /// Prints a refusal.
  mutating func refuse(_ name: String, _ refusal: Refusal) throws {
    refusedCount += 1
    if output.isJSON {
      try output.result(
        Problem(refusal).json.adding(["name": .text(name), "verdict": "refused"]), text: "")
    } else {
      Diagnostics.note("\(name): refused, \(refusal)")
    }
  }
}
