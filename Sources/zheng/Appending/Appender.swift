import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// Appends to a ledger of this machine, block by block, and prints each receipt once its block is on the disk.
struct Appender {
  private let folder: LedgerFolder
  private let output: Output
  private var writer: LedgerWriter?
  private var isClockConfirmed: Bool
  private let adoptsHead: Bool
  private(set) var report: AppendReport

  /// Opens the ledger for writing.
  init(_ folder: LedgerFolder, isClockConfirmed: Bool, adoptsHead: Bool, output: Output) throws {
    (self.folder, self.isClockConfirmed, self.output) = (folder, isClockConfirmed, output)
    self.adoptsHead = adoptsHead
    report = AppendReport(output: output)
    try open()
  }

  private mutating func open() throws {
    let writer = try LedgerWriter(
      folder, CommandContext.writerOptions(isClockConfirmed: isClockConfirmed, adoptsHead: adoptsHead))
    for note in writer.notes { Diagnostics.note("\(folder.path): \(note)") }
    self.writer = writer
  }

  /// The state after the last block.
  var state: LedgerState {
    get throws { try opened.state }
  }

  /// A reader of the ledger as it stands.
  var reader: LedgerReader {
    get throws { try opened.reader() }
  }

  /// Waits until what was appended can be searched; says so where that can't be now.
  ///
  /// - Parameter last: where the newest record stands.
  func flush(after last: (index: UInt64, block: UInt64)?) throws {
    guard let failure = try opened.flush() else { return }
    let what = last.map { "recorded as entry \($0.index), block \($0.block); " } ?? ""
    Diagnostics.note(
      "\(what)the index could not be written: \(failure); the next command that writes catches up")
  }

  private var opened: LedgerWriter {
    get throws {
      guard let writer else {
        throw Failure("open", folder.path, reason: "the ledger is not open for writing")
      }
      return writer
    }
  }

  /// Appends everything that `source` gives. While one block is committed the records of the next are signed and checked.
  mutating func append(_ source: RecordSource, signer: StatementSigner) throws {
    let progress = Progress("appending", unit: "records", isQuiet: isatty(CommandContext.current.output) == 1)
    defer { progress.finish() }
    var signing: (names: [String], outcomes: Ahead<[StatementSigner.Outcome]>)?
    var isAtEnd = false
    var failure: (any Error)?
    while !isAtEnd || signing != nil {
      var items: [RecordItem] = []
      if !isAtEnd {
        do { isAtEnd = try collect(&items, from: source, mayWait: signing == nil) } catch {
          // What was read so far is recorded before the failure is told.
          (failure, isAtEnd) = (error, true)
        }
      }
      var next: (names: [String], outcomes: Ahead<[StatementSigner.Outcome]>)?
      if !items.isEmpty {
        let (collected, keys) = (items, try state.roster.keys)
        next = (items.map(\.name), Ahead { signer.outcomes(collected, keys: keys) })
      }
      if let signing {
        try append(zip(signing.names, signing.outcomes.value()).map { ($0, $1) })
        progress.update(report.recordedCount, of: nil)
      }
      signing = next
    }
    if let failure { throw failure }
    try flush(after: report.last)
  }

  /// Reads as many items as make a block.
  ///
  /// - Parameter mayWait: whether nothing else is to be done meanwhile.
  /// - Returns: whether the end has come.
  private func collect(
    _ items: inout [RecordItem], from source: RecordSource, mayWait: Bool
  ) throws -> Bool {
    let parameters = try state.roster.terms.parameters
    let most = Int(clamping: parameters[Parameters.blockRecords])
    let mostBytes = Int(clamping: parameters[Parameters.blockBytes])
    let patience = mayWait ? Int32(clamping: parameters[Parameters.blockDelay]) : 0
    var byteCount = 0
    while items.count < most, byteCount < mostBytes {
      switch try source.next(patience: mayWait && items.isEmpty ? nil : patience) {
      case .item(let item):
        items.append(item)
        byteCount += item.byteCount
      case .pause: return false
      case .end: return true
      }
    }
    return false
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
            try report.refuse(name, refusal)
            continue
          }
          if case .candidate(_, let id) = outcome { try report.report(name, id?.hex ?? "", verdict) }
          break
        }
      }
      try output.flush()
    }
    for case (let name, .refused(let refusal)) in waiting { try report.refuse(name, refusal) }
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
    guard Diagnostics.canAsk else { return false }
    let now = Timestamp.text(seconds: CommandContext.now / 1000)
    Diagnostics.note(refusal.reason)
    return Diagnostics.asks("The clock says \(now). Is it right?")
  }
}
