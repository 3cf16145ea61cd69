import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// The policy of a ledger as it is now, reached from an older one by changes of validators and log key that those before cosigned.
package struct PolicySuccession {
  /// One set of validators.
  package typealias Tenure = PolicyHistory.Tenure

  /// The ledger id.
  package let ledger: Digest
  /// From the older policy's validators, or the founders, to those in office.
  package let tenures: [Tenure]

  /// The policy for the block `height`, or for the next block; nil where none of the tenures has it.
  package func policy(ofBlock height: UInt64? = nil) -> String? {
    guard let height else { return tenures.last?.text }
    return tenures.first { $0.since <= height && $0.last.map { height <= $0 } ?? true }?.text
  }

  /// Follows the ledger in `folder`, all of which is judged, from `old`, the policy in the file at `path`; from the founding where that
  /// is nil.
  ///
  /// - Throws: a `WorkflowError` of the kind `notVerified` where the older policy is another ledger's, or none that the ledger had, or its
  ///   validators did not cosign the change; the first `Fault` of the ledger.
  package init(of folder: DirectoryLedger.Folder, from old: Policy?, at path: String) throws {
    let history = try folder.policyHistory()
    ledger = history.ledger
    guard let old else {
      tenures = history.tenures
      return
    }
    func refusal(_ code: String, _ reason: String) -> WorkflowError {
      WorkflowError(.notVerified, code, "\(path): \(reason)")
    }
    if let named = old.ledger, named != history.ledger {
      throw refusal("wrong-ledger", "it is of the ledger \(named), and \(folder.path) is \(history.ledger)")
    }
    func judging(_ policy: Policy) -> Policy { policy.bound(to: nil).judging }
    guard
      let place = try history.tenures.firstIndex(where: { tenure in
        let isFromThen = old.blocks.map { $0.first == tenure.since } ?? true
        return try isFromThen && judging(Policy(parsing: Array(tenure.text.utf8).span)) == judging(old)
      })
    else {
      throw refusal(
        "policy",
        "it is no policy that this ledger had: its log key, validators or quorum are others; compare `# blocks`, or take it from its source again"
      )
    }
    // The replay has judged each checkpoint by the roster in force; this says it once more by what was trusted to begin with.
    for (number, tenure) in history.tenures[place...].enumerated() {
      guard let checkpoint = tenure.checkpoint else { continue }
      let policy = number == 0 ? judging(old) : judging(try Policy(parsing: Array(tenure.text.utf8).span))
      do { _ = try policy.evaluate(checkpoint) } catch {
        throw refusal(
          "policy",
          "the validators since block \(tenure.since) did not cosign block \(tenure.last.map(String.init) ?? "newest"): \(error.description)"
        )
      }
    }
    tenures = Array(history.tenures[place...])
  }
}
