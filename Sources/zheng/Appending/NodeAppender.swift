import Foundation
import Ledger
import LedgerNode
import LedgerStore

/// Appends through a node: what is signed here is sent there, and each receipt is printed once it has come.
struct NodeAppender {
  private let client: NodeClient
  private(set) var report: AppendReport

  init(_ client: NodeClient, output: Output) {
    (self.client, report) = (client, AppendReport(output: output))
  }

  /// Appends everything that `source` gives.
  mutating func append(_ source: RecordSource, signer: StatementSigner) async throws {
    let progress = Progress("appending", unit: "records", isQuiet: isatty(STDOUT_FILENO) == 1)
    defer { progress.finish() }
    let names = Names()
    var report = report
    defer { self.report = report }
    try await client.append(
      next: { mayWait in
        while true {
          switch try source.next(patience: mayWait ? nil : 0) {
          case .pause: return .pause
          case .end: return .end
          case .item(let item):
            // The node verifies the signature.
            switch signer.outcomes([item], keys: [:])[0] {
            case .failed(let error): throw error
            case .refused(let refusal): names.waiting.append((item.name, refusal))
            case .candidate(let candidate, _):
              names.waiting.append((item.name, nil))
              return .entry(candidate.entry)
            }
          }
        }
      },
      each: { _, outcome in
        try names.refuseFirst(&report)
        let (name, _) = names.waiting.removeFirst()
        switch outcome {
        case .recorded(let receipt):
          try report.receive(name, receipt.id, receipt.index, receipt.block, receipt.time, isNew: true)
        case .duplicate(let receipt):
          try report.receive(name, receipt.id, receipt.index, receipt.block, receipt.time, isNew: false)
        case .refused(let refusal): try report.refuse(name, refusal)
        }
        try report.output.flush()
        progress.update(report.recordedCount, of: nil)
      })
    try names.refuseFirst(&report)
  }
}

/// What was read and not yet reported, in order; with the refusal where that needed no node.
private final class Names {
  var waiting: [(name: String, refusal: Refusal?)] = []

  func refuseFirst(_ report: inout AppendReport) throws {
    while let first = waiting.first, let refusal = first.refusal {
      try report.refuse(first.name, refusal)
      waiting.removeFirst()
    }
  }
}
