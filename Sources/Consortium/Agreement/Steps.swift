public import LedgerCrypto

/// What happens to an `Agreement`. What answers an action names what it answers, so that one that comes late, of another height or block,
/// is told from the right one.
public enum AgreementEvent: Sendable {
  /// A message of this height was received and verified, or was signed by this validator.
  case message(Message)
  /// A certificate of this height was received by other ways than in a message, and verified.
  case certificate(Certificate)
  /// The timer of this round has run out.
  case timeout(height: UInt64, round: Int)
  /// Whether a statement waits that this validator has judged good and passed on, or an hour without a block is over.
  case work(isWaiting: Bool)
  /// The block that was asked for is made: its header signed, the whole on the disk, synced and judged.
  case drafted(height: UInt64, round: Int, Digest, size: Int)
  /// The block with this digest is on the disk, whole and synced, has `size` bytes, and this validator's core has judged it.
  case judged(Digest, size: Int, Verdict)
  /// The block that was decided is appended and synced, and the tree has this size and root now.
  case applied(Digest, size: UInt64, root: Digest)
}

/// What the validation core says of a block.
public enum Verdict: Sendable {
  /// Valid, and its time lies within the bounds by this validator's clock.
  case valid
  /// Valid but for its time, of which those judge that see it first: a block with a QC was looked at by q validators.
  case untimely
  /// It breaks a rule.
  case invalid
}

/// What an `Agreement` wants done.
public enum AgreementAction: Sendable {
  /// Have the `Signer` sign this, send it to everybody, and hand it back as an event.
  case sign(Ballot)
  /// Say so when this much time has passed; a timer that was set before is forgotten.
  case setTimer(height: UInt64, round: Int, milliseconds: Int)
  /// Make a block of at most so many bytes from what waits, and answer `drafted`; where nothing good waits, do nothing.
  case draft(height: UInt64, round: Int, byteCount: Int)
  /// Get the block with this digest, from the disk or from any validator that voted for it, put it on the disk, and answer `judged`.
  case judge(Digest)
  /// Append the block to the ledger, and answer `applied`.
  case apply(Digest)
  /// The block is final: these cosignatures, in roster order, a quorum or more, make its checkpoint.
  case finalise([Message])
  /// Somebody has contradicted itself.
  case report(Misconduct)
  /// This validator's core refuses the block that was decided: its software, or a quorum of the others, is wrong. Nothing more is done.
  case halt(Digest)
}
