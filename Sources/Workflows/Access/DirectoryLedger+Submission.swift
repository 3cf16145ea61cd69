import Ledger
import LedgerCrypto
import LedgerStore

extension DirectoryLedger {
  package func submit(
    _ source: RecordSource, signer: StatementSigner, each: ([RecordOutcome]) throws -> Void
  ) async throws {
    try record(source, signer: signer, each: each)
  }

  /// Records everything that `source` gives, block by block. While one block is committed the records of the next are signed and
  /// checked.
  private func record(
    _ source: RecordSource, signer: StatementSigner, each: ([RecordOutcome]) throws -> Void
  ) throws {
    var signing: (names: [String], outcomes: BackgroundResult<[StatementSigner.Outcome]>)?
    var isAtEnd = false
    var failure: (any Error)?
    var last: (index: UInt64, block: UInt64)?
    while !isAtEnd || signing != nil {
      var items: [RecordItem] = []
      if !isAtEnd {
        do { isAtEnd = try collect(&items, from: source, mayWait: signing == nil) } catch {
          // What was read so far is recorded before the failure is told.
          (failure, isAtEnd) = (error, true)
        }
      }
      var next: (names: [String], outcomes: BackgroundResult<[StatementSigner.Outcome]>)?
      if !items.isEmpty {
        let (collected, keys) = (items, try current.roster.keys)
        next = (items.map(\.name), BackgroundResult { signer.outcomes(collected, keys: keys) })
      }
      if let signing {
        try record(zip(signing.names, signing.outcomes.value()).map { ($0, $1) }) { outcomes in
          for case .recorded(_, let index, let block, _, _) in outcomes.map(\.result) {
            if last.map({ $0.index < index }) ?? true { last = (index, block) }
          }
          try each(outcomes)
        }
      }
      signing = next
    }
    if let failure { throw failure }
    try flush(after: last)
  }

  /// Reads as many items as make a block.
  ///
  /// - Parameter mayWait: whether nothing else is to be done meanwhile.
  /// - Returns: whether the end has come.
  private func collect(
    _ items: inout [RecordItem], from source: RecordSource, mayWait: Bool
  ) throws -> Bool {
    let parameters = try current.roster.terms.parameters
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

  private func record(
    _ outcomes: [(name: String, outcome: StatementSigner.Outcome)], each: ([RecordOutcome]) throws -> Void
  ) throws {
    var candidates: [LedgerWriter.Candidate] = []
    for (_, outcome) in outcomes {
      switch outcome {
      case .signed(let entry): candidates.append(entry.candidate)
      case .failed(let error): throw error
      case .refused: continue
      }
    }
    var waiting = outcomes[...]
    var rest = candidates[...]
    while !rest.isEmpty {
      let verdicts = try append(rest)
      rest = rest.dropFirst(verdicts.count)
      var judged: [RecordOutcome] = []
      for verdict in verdicts {
        while let (name, outcome) = waiting.popFirst() {
          if case .refused(let refusal) = outcome {
            judged.append(RecordOutcome(name, .refused(refusal)))
            continue
          }
          if case .signed(let entry) = outcome {
            judged.append(RecordOutcome(name, .init(verdict, entry.id)))
          }
          break
        }
      }
      try each(judged)
    }
    try each(
      waiting.compactMap { name, outcome in
        if case .refused(let refusal) = outcome { RecordOutcome(name, .refused(refusal)) } else { nil }
      })
  }
}

extension RecordOutcome.Result {
  /// What a verdict on the statement `id` says.
  fileprivate init(_ verdict: Verdict, _ id: Digest?) {
    func recorded(_ receipt: Receipt, isNew: Bool) -> Self {
      .recorded(
        id: id?.hex ?? "", index: receipt.index, block: receipt.block, time: receipt.time, isNew: isNew)
    }
    self =
      switch verdict {
      case .accepted(let receipt): recorded(receipt, isNew: true)
      case .duplicate(let receipt): recorded(receipt, isNew: false)
      case .refused(let refusal): .refused(refusal)
      }
  }
}
