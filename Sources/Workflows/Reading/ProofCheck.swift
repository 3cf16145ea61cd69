import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// A proof that holds by a policy.
package struct ProofCheck {
  package let proof: RecordProof
  package let proven: ProvenRecord
  package let policy: Policy

  /// Checks the proof in `bytes`, read from `path`, by `policy`.
  ///
  /// - Throws: not verified, with what does not hold.
  package init(_ bytes: [UInt8], _ path: String, _ policy: Policy, note: (String) -> Void) throws {
    let text = LineEnds.read(bytes, path, note: note)
    self.policy = policy
    do {
      proof = try RecordProof(parsing: text.span)
      proven = try proof.check(policy)
    } catch {
      let swapped = error.code == .malformed && text.starts(with: "#".utf8) ? "; is it the policy?" : ""
      throw WorkflowError(
        .notVerified, error.code.rawValue, "\(path): \(error.description)\(swapped)\(LineEnds.advice(text))")
    }
  }

  /// How a file and the record belong together.
  package enum Relation: String, Sendable {
    case payload = "is-payload"
    case named = "named"
    case other = "other"
  }

  /// How a file with this digest and the record belong together.
  package func relation(to digest: Digest) -> Relation {
    let payload = proven.statement.payload
    if SHA256.digest(of: payload) == digest { return .payload }
    return NamedDigests.of(payload.span).contains(digest) ? .named : .other
  }

  /// By whose word its time holds.
  package var word: CosignatureSummary { CosignatureSummary(policy, proven.verdict) }
}
