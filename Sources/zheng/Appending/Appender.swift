import Foundation
import Ledger
import LedgerCrypto
import LedgerStore

/// Appends to a ledger of this machine, block by block, and prints each receipt once its block is on the disk.
struct Appender {
  private let folder: LedgerFolder
  private let output: Output
  private var writer: LedgerWriter?
  private var isClockConfirmed: Bool
  /// How many records were refused.
  private(set) var refusedCount = 0
  /// How many were recorded, or were there already.
  private(set) var recordedCount: UInt64 = 0

  /// Opens the ledger for writing.
  init(_ folder: LedgerFolder, isClockConfirmed: Bool, output: Output) throws {
    (self.folder, self.isClockConfirmed, self.output) = (folder, isClockConfirmed, output)
    try open()
  }

  private mutating func open() throws {
    var options = LedgerWriter.Options()
    options.isClockConfirmed = isClockConfirmed
    let writer = try LedgerWriter(folder, options)
    for note in writer.notes { Diagnostics.note("\(folder.path): \(note)") }
    self.writer = writer
  }

  /// The state after the last block.
  var state: LedgerState {
    get throws { try opened.state }
  }

  private var opened: LedgerWriter {
    get throws {
      guard let writer else {
        throw Failure("open", folder.path, reason: "the ledger is not open for writing")
      }
      return writer
    }
  }

  /// Appends everything that `source` gives.
  mutating func append(_ source: RecordSource, signer: StatementSigner) throws {
    let progress = Progress("appending", unit: "records", isQuiet: isatty(STDOUT_FILENO) == 1)
    defer { progress.finish() }
    var isAtEnd = false
    while !isAtEnd {
      let parameters = try state.roster.terms.parameters
      let most = Int(clamping: parameters[Parameters.blockRecords])
      let mostBytes = Int(clamping: parameters[Parameters.blockBytes])
      let patience = Int32(clamping: parameters[Parameters.blockDelay])
      var (items, byteCount): ([RecordItem], Int) = ([], 0)
      var failure: (any Error)?
      collecting: while items.count < most, byteCount < mostBytes {
        do {
          switch try source.next(patience: items.isEmpty ? nil : patience) {
          case .item(let item):
            items.append(item)
            byteCount += item.byteCount
          case .pause: break collecting
          case .end:
            isAtEnd = true
            break collecting
          }
        } catch {
          // What was read so far is recorded before the failure is told.
          failure = error
          break collecting
        }
      }
      if !items.isEmpty {
        let outcomes = signer.outcomes(items, keys: try state.roster.keys)
        try append(zip(items, outcomes).map { ($0.name, $1) })
        progress.update(recordedCount, of: nil)
      }
      if let failure { throw failure }
    }
    try opened.flush()
  }

  private mutating func append(_ outcomes: [(name: String, outcome: StatementSigner.Outcome)]) throws {
    var candidates: [LedgerWriter.Candidate] = []
    for (_, outcome) in outcomes {
      switch outcome {
      case .candidate(let candidate, _): candidates.append(candidate)
      case .failed(let error): throw error
      case .refused: continue
      }
    }
    var waiting = outcomes[...]
    var rest = candidates[...]
    while !rest.isEmpty {
      let verdicts = try appendBlock(rest)
      rest = rest.dropFirst(verdicts.count)
      for verdict in verdicts {
        while let (name, outcome) = waiting.popFirst() {
          if case .refused(let refusal) = outcome {
            try refuse(name, refusal)
            continue
          }
          if case .candidate(_, let id) = outcome { try report(name, id, verdict) }
          break
        }
      }
      try output.flush()
    }
    for case (let name, .refused(let refusal)) in waiting { try refuse(name, refusal) }
    try output.flush()
  }

  /// Appends one block; a person at the terminal is asked where the clock is in doubt.
  mutating func appendBlock(_ candidates: ArraySlice<LedgerWriter.Candidate>) throws -> [Verdict] {
    do { return try opened.appendBlock(candidates) } catch {
      guard let refusal = error as? Refusal, refusal.code == .clockJump, !isClockConfirmed,
        Appender.confirmsClock(refusal)
      else { throw error }
    }
    isClockConfirmed = true
    // The lock goes with the old writer.
    writer = nil
    try open()
    return try opened.appendBlock(candidates)
  }

  private static func confirmsClock(_ refusal: Refusal) -> Bool {
    guard isatty(STDIN_FILENO) == 1, Diagnostics.isTerminal else { return false }
    let now = Timestamp.text(seconds: UInt64(max(0, Date().timeIntervalSince1970)))
    Diagnostics.note(refusal.reason)
    Diagnostics.write("The clock says \(now). Is it right? [y/N] ")
    return ["y", "yes"].contains(readLine()?.lowercased())
  }

  /// Prints what became of a record.
  private mutating func report(_ name: String, _ id: Digest?, _ verdict: Verdict) throws {
    switch verdict {
    case .accepted(let receipt): try receive(name, id, receipt, "accepted")
    case .duplicate(let receipt):
      try receive(name, id, receipt, "duplicate")
      if !output.isJSON { Diagnostics.note("\(name): was recorded before; this is its first receipt") }
    case .refused(let refusal): try refuse(name, refusal)
    }
  }

  private mutating func receive(_ name: String, _ id: Digest?, _ receipt: Receipt, _ verdict: String) throws {
    recordedCount += 1
    let id = id?.hex ?? ""
    try output.result(
      [
        "index": .number(receipt.index), "block": .number(receipt.block), "id": .text(id),
        "name": .text(name),
        "verdict": .text(verdict), "time": JSON(receipt.time.map { Timestamp.text(milliseconds: $0) }),
      ],
      text: "\(receipt.index) \(receipt.block) \(id) \(Printable.text(name))")
  }

  private mutating func refuse(_ name: String, _ refusal: Refusal) throws {
    refusedCount += 1
    if output.isJSON {
      try output.result(
        Problem(refusal).json.adding(["name": .text(name), "verdict": "refused"]), text: "")
    } else {
      Diagnostics.note("\(name): refused, \(refusal)")
    }
  }
}
