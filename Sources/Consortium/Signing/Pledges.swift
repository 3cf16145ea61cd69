package import LedgerCrypto

/// What one validator has signed in one round, and so what it may not sign any more: the table of the rule, and nothing else.
package struct Pledges: Hashable, Sendable {
  package private(set) var hasEntered = false
  package private(set) var hasSkipped = false
  package private(set) var proposal: Digest?
  package private(set) var vote: Digest?
  package private(set) var confirmed: Digest?

  package init() {}

  /// Why a ballot of this kind may not be signed; nil where it may. What was signed once is not signed again, but sent again.
  package func objection(to kind: Ballot.Kind, by rules: Rules) -> String? {
    switch kind {
    case .enter: return hasEntered ? "it has entered the round" : nil
    case .propose: return proposal != nil ? "it has proposed a block" : nil
    case .vote:
      if vote != nil { return "it has voted" }
      return hasSkipped ? "it has skipped the round" : nil
    case .skip:
      if hasSkipped { return "it has skipped the round" }
      return rules.confirmExcludesSkip && confirmed != nil ? "it has confirmed a block" : nil
    case .confirm:
      if confirmed != nil { return "it has confirmed a block" }
      return rules.confirmExcludesSkip && hasSkipped ? "it has skipped the round" : nil
    case .cosign: return nil
    }
  }

  /// Takes down that a ballot of this kind, about the block `digest`, is signed.
  package mutating func note(_ kind: Ballot.Kind, _ digest: Digest?) {
    switch kind {
    case .enter: hasEntered = true
    case .propose: proposal = digest
    case .vote: vote = digest
    case .skip: hasSkipped = true
    case .confirm: confirmed = digest
    case .cosign: break
    }
  }
}
