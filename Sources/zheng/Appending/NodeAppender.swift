import Foundation
import Ledger
import LedgerClient
import LedgerStore

/// Appends through a node: what is signed here is sent there, as many at once as are ready, and each receipt is
/// printed once it has come and its proof holds.
struct NodeAppender {
  private let client: NodeClient
  private(set) var report: AppendReport

  init(_ client: NodeClient, output: Output) {
    (self.client, report) = (client, AppendReport(output: output))
  }

  /// Appends everything that `source` gives.
  mutating func append(_ source: RecordSource, signer: StatementSigner) async throws {
    let progress = Progress("appending", unit: "records", isQuiet: isatty(CommandContext.current.output) == 1)
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
            // The node verifies the signature; what is no statement at all would spoil the others' journey.
            switch signer.outcomes([item], keys: [:])[0] {
            case .failed(let error): throw error
            case .refused(let refusal): names.waiting.append((item.name, refusal))
            case .candidate(let candidate, _):
              if case .malformed(let error) = candidate.checked.content {
                names.waiting.append((item.name, Refusal(error)))
              } else {
                names.waiting.append((item.name, nil))
                return .entry(candidate.entry)
              }
            }
          }
        }
      },
      each: { _, checked in
        try names.refuseFirst(&report)
        let (name, _) = names.waiting.removeFirst()
        let verdict = checked.verdict
        if let doubt = checked.doubt {
          try report.doubt(name, verdict.id, doubt)
        } else if let problem = verdict.problem {
          try report.refuse(name, Refusal(.init(rawValue: problem.code), problem.detail))
        } else if let index = verdict.index, let block = verdict.block {
          try report.receive(name, verdict.id, index, block, verdict.time, isNew: verdict.status == 201)
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
