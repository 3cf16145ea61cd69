import Ledger
import LedgerClient
import LedgerCrypto
import TransparencyLog

/// A node that takes statements: what is signed here is sent there, as many at once as are ready, and each outcome is told once it
/// has come and its proof holds.
package struct NodeSubmission: LedgerSubmission {
  /// Sees that what was proven under a checkpoint is of the log that was seen before.
  typealias ConsistencyCheck = (SignedNote) async throws -> Void

  private let client: NodeClient
  private let consistency: ConsistencyCheck

  /// A node of which nothing else is known.
  package init(_ client: NodeClient) { self.init(client) { _ in } }

  /// - Parameter consistency: asked about the checkpoint of each proof before its record is called one.
  init(_ client: NodeClient, consistency: @escaping ConsistencyCheck) {
    (self.client, self.consistency) = (client, consistency)
  }

  package func submit(_ entry: [UInt8]) async throws -> RecordPlace {
    switch try await client.append(entry) {
    case .recorded(let receipt), .duplicate(let receipt):
      return RecordPlace(index: receipt.index, block: receipt.block, time: receipt.time)
    case .refused(let refusal): throw refusal
    }
  }

  package func submit(
    _ source: RecordSource, signer: StatementSigner, each: ([RecordOutcome]) throws -> Void
  ) async throws {
    let waiting = Waiting()
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
            case .refused(let refusal): waiting.items.append((item.name, refusal))
            case .signed(let entry):
              if let malformed = entry.malformed {
                waiting.items.append((item.name, Refusal(malformed)))
              } else {
                waiting.items.append((item.name, nil))
                return .entry(entry.bytes)
              }
            }
          }
        }
      },
      each: { _, checked in
        let refused = waiting.takeRefused()
        let (name, _) = waiting.items.removeFirst()
        var doubt = checked.doubt
        if let checkpoint = checked.checkpoint {
          do { try await consistency(checkpoint) } catch let error as NodeClientError where error.isOfTheLine
          {
            doubt = .notTied(error)
          }
        }
        try each(refused + [RecordOutcome(name, checked.verdict, doubt)].compactMap { $0 })
      })
    try each(waiting.takeRefused())
  }

  /// What was read and not yet told, in order; with the refusal where that needed no node.
  private final class Waiting {
    var items: [(name: String, refusal: Refusal?)] = []

    /// The refusals before the next item that was sent.
    func takeRefused() -> [RecordOutcome] {
      let refused = items.prefix { $0.refusal != nil }
      items.removeFirst(refused.count)
      return refused.compactMap { name, refusal in refusal.map { RecordOutcome(name, .refused($0)) } }
    }
  }
}

extension NodeClientError {
  /// Whether the node did not answer, and said nothing that is untrue.
  var isOfTheLine: Bool { [.unreachable, .busy, .failed].contains(code) }

  /// The checkpoint under which a record is proven could not be compared with those that were seen.
  static func notTied(_ error: NodeClientError) -> NodeClientError {
    NodeClientError(
      .notProven,
      "not proven: it is recorded under a checkpoint that could not be compared with the newest that was seen: \(error.description)"
    )
  }
}

extension RecordOutcome {
  /// What a node says became of the item `name`; nil where it says nothing, which no verdict does that was checked.
  ///
  /// - Parameter doubt: why that is not proven.
  fileprivate init?(_ name: String, _ verdict: NodeVerdict, _ doubt: NodeClientError?) {
    if let doubt {
      self.init(name, .unproven(id: verdict.id, doubt))
    } else if let problem = verdict.problem {
      self.init(name, .refused(Refusal(.init(rawValue: problem.code), problem.detail)))
    } else if let index = verdict.index, let block = verdict.block {
      self.init(
        name,
        .recorded(
          id: verdict.id, index: index, block: block, time: verdict.time, isNew: verdict.status == 201))
    } else {
      return nil
    }
  }
}
