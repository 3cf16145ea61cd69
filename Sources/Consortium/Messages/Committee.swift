public import LedgerCrypto
public import TransparencyLog

/// Who decides the blocks of one roster: the validators in their order, and how many of them it takes.
public struct Committee: Sendable {
  /// A validator's place, and what its signatures are checked with.
  public struct Seat: Hashable, Sendable {
    /// The validator's name.
    public let name: String
    /// Its vote key, Ed25519: signs messages.
    public let voteKey: PublicKey
    /// Its cosigner key, note type 0x04: signs final checkpoints, never a vote.
    public let cosignerKey: NoteVerifierKey

    /// A seat.
    public init(name: String, voteKey: PublicKey, cosignerKey: NoteVerifierKey) {
      (self.name, self.voteKey, self.cosignerKey) = (name, voteKey, cosignerKey)
    }
  }

  /// The ledger id.
  public let ledger: Digest
  /// The root of the roster.
  public let roster: Digest
  /// The origin of the ledger's checkpoints.
  public let origin: String
  /// The validators in roster order; messages and certificates name them by their place here.
  public let seats: [Seat]
  /// How many must vote, skip, confirm and cosign: one number for all.
  public let quorum: Int
  /// f: how many may lie without harm. 0 where the roster says that validators only crash.
  public let faults: Int
  /// The restart above whose height it decides; nil where there never was one. What was signed without it, or under another, counts for
  /// nothing here.
  public private(set) var restart: Digest?

  /// The most validators.
  public static let maximumCount = 32

  /// The committee with these seats.
  ///
  /// - Throws: `committee` unless there are 1 to 32 seats with different names and keys and the quorum is at least ⌊(n+f)/2⌋+1, at
  ///   most n: with fewer, two quorums need not share an honest validator.
  public init(
    ledger: Digest, roster: Digest, origin: String, seats: [Seat], quorum: Int, crashFaultsOnly: Bool = false
  ) throws(ConsortiumError) {
    guard (1...Committee.maximumCount).contains(seats.count) else {
      throw ConsortiumError(.committee, "1 to \(Committee.maximumCount) validators are allowed")
    }
    let keys = seats.flatMap { [$0.voteKey, $0.cosignerKey.publicKey] }
    guard Set(keys).count == keys.count, Set(seats.map(\.name)).count == seats.count else {
      throw ConsortiumError(.committee, "two validators share a name, or a key has two uses")
    }
    guard keys.allSatisfy({ $0.algorithm == .ed25519 }),
      seats.allSatisfy({ $0.cosignerKey.type == .cosignature })
    else {
      throw ConsortiumError(.committee, "vote keys must be Ed25519, and cosigner keys of note type 0x04")
    }
    let faults = crashFaultsOnly ? 0 : (seats.count - 1) / 3
    let least = (seats.count + faults) / 2 + 1
    guard (least...max(least, seats.count)).contains(quorum), quorum <= seats.count else {
      throw ConsortiumError(
        .committee,
        "the quorum of \(seats.count) validators must be \(least) to \(seats.count), not \(quorum)")
    }
    self.init(unchecked: ledger, roster: roster, origin: origin, seats: seats, quorum: quorum, faults: faults)
  }

  /// For tests of what a quorum that is too small leads to.
  package init(
    unchecked ledger: Digest, roster: Digest, origin: String, seats: [Seat], quorum: Int, faults: Int
  ) {
    (self.ledger, self.roster, self.origin) = (ledger, roster, origin)
    (self.seats, self.quorum, self.faults) = (seats, quorum, faults)
  }

  /// The same validators, above the height of a restart.
  package func after(_ restart: Digest?) -> Committee {
    var committee = self
    committee.restart = restart
    return committee
  }

  /// The number of validators, n.
  public var count: Int { seats.count }

  /// The place of the validator that leads round `round` of `height`.
  public func leader(height: UInt64, round: Int) -> Int {
    Int((height + UInt64(round)) % UInt64(seats.count))
  }

  /// n − q + f + 1: how many others a validator without its journal asks. Fewer might all have missed the height at which it voted.
  public var witnessesOfAmnesia: Int { seats.count - quorum + faults + 1 }
}
