import Scenarios
import TransparencyLog

/// By whose word a time holds: validators and witnesses told apart by the policy, and who counts as absent.
package struct CosignatureSummary {
  private let policy: Policy
  private let witnessings: [Policy.Verdict.Witnessing]

  package init(_ policy: Policy, _ verdict: Policy.Verdict) {
    (self.policy, witnessings) = (policy, verdict.witnesses)
  }

  /// The sentence.
  package var text: String {
    guard policy.quorum != nil else { return "the policy asks for no cosignature, so no time is proven" }
    let validators = policy.validators
    let (all, cosigned) = (policy.witnesses.map(\.name) + policy.absent.map(\.name), witnessings)
    if all.count == 1, validators.count == 1, let only = cosigned.first {
      return "by the operator's own word: \(only.name) is the only validator"
    }
    func part(_ what: String, _ isCounted: (Policy.Name) -> Bool) -> String? {
      let count = all.count(where: isCounted)
      guard count > 0 else { return nil }
      let names = cosigned.filter { isCounted($0.name) }.map {
        "\($0.name) at \(Timestamp.text(seconds: $0.timestamp))"
      }
      return
        "\(names.count) of \(Printable.count(count, what, plural: what == "witness" ? "witnesses" : nil))"
        + (names.isEmpty ? "" : ": \(names.joined(separator: ", "))")
    }
    let parts = [part("validator") { validators.contains($0) }, part("witness") { !validators.contains($0) }]
    return "by the word of \(parts.compactMap { $0 }.joined(separator: "; and of "))"
      + (policy.isCrashFaultsOnly
        ? "; by this policy validators may crash, and none is expected to lie (crash-faults-only)" : "")
  }

  /// By whose word a key was in force.
  package var validators: String {
    policy.witnesses.count == 1 && policy.validators.count == 1
      ? "by the operator's own word" : "by the validators' word"
  }

  /// A row for each witness that can't be checked.
  package var absent: [(String, String)] {
    policy.absent.map {
      (
        "absent",
        "the witness \(Printable.text($0.name.description)): its key is of type 0x\(hex($0.type)), which this program can't check"
      )
    }
  }

  private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
