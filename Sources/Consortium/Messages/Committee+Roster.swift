public import Ledger
public import LedgerCrypto

extension Committee {
  /// The committee of the validators of a roster.
  ///
  /// - Parameters:
  ///   - roster: the one in force for the blocks that it decides.
  ///   - ledger: the ledger id.
  /// - Throws: `committee` where there is one validator alone, which decides by itself: it has no vote key.
  public init(rosterInForce roster: Roster, of ledger: Digest) throws(ConsortiumError) {
    let terms = roster.terms
    var seats: [Seat] = []
    for validator in terms.validators {
      guard let voteKey = validator.voteKey else {
        throw ConsortiumError(
          .committee, "\(validator.name) is the only validator and has no vote key: nobody votes")
      }
      seats.append(Seat(name: validator.name, voteKey: voteKey, cosignerKey: validator.cosignerKey))
    }
    try self.init(
      ledger: ledger, roster: roster.root, origin: terms.origin, seats: seats, quorum: terms.quorum,
      crashFaultsOnly: terms.isCrashFaultsOnly)
  }
}
