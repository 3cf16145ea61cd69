public import LedgerCrypto

/// The newest final block on a validator's disk.
public struct ChainHead: Hashable, Sendable {
  /// Its height.
  public let height: UInt64
  /// The leaf hash of its header entry.
  public let block: Digest
  /// The leaves of the tree that it ends.
  public let size: UInt64

  /// A head.
  public init(height: UInt64, block: Digest, size: UInt64) {
    (self.height, self.block, self.size) = (height, block, size)
  }
}

// What a validator does with a restart file.
extension Participant {
  /// Signs a restart, and nothing else from then on: not before the file is whole and adopted, or a block above its height final.
  ///
  /// A block that this validator has applied above its head was decided, and perhaps acknowledged by another: the caller refuses while its
  /// ledger has one whose decision nobody can show.
  ///
  /// - Parameters:
  ///   - head: the newest final block on the disk, that before the height worked on.
  ///   - committee: who decides above the restart's height.
  /// - Throws: `wrong-ledger`; `wrong-height` where the restart is not of the newest block that this validator knows to be decided, which
  ///   the sentence names; `forbidden` where it has cosigned a block above; `signing`; `journal-failed`.
  public mutating func sign(
    _ restart: Restart, head: ChainHead, committee: Committee
  ) throws(ConsortiumError) -> [UInt8] {
    precondition(head.height + 1 == height, "the head is the block before the height that is worked on")
    try committee.verifyPlace(of: restart)
    let (newest, block) = agreement.decision?.digest.map { (height, $0) } ?? (head.height, head.block)
    guard restart.height == newest, restart.block == block else {
      throw ConsortiumError(
        .wrongHeight,
        """
        the restart is of block \(restart.block) of height \(restart.height); the newest that was decided, as far as \(name) knows, is \
        \(block) of height \(newest)
        """)
    }
    return try signer.sign(restart)
  }

  /// Takes a restart file that all have signed as in force above its height.
  ///
  /// Who stopped for it signs again above its height. Who lost its journal after that, or before, only learns which restart is in force:
  /// it cannot know what it has signed since, so it asks the others as before.
  ///
  /// - Parameters:
  ///   - head: as in `sign`.
  ///   - committee: who decides above the restart's height.
  /// - Throws: `wrong-ledger`, `wrong-height` (also where the blocks below it are not on the disk yet), `unknown-validator`,
  ///   `bad-signature`, `quorum`; `forbidden` where this validator has its journal and never signed the file; `journal-failed`.
  public mutating func adopt(
    _ file: RestartFile, head: ChainHead, committee: Committee
  ) throws(ConsortiumError) -> [Action] {
    try file.verify(by: committee)
    let restart = file.restart
    // The block itself may still lack cosignatures: then its decision is what the validators have.
    let isDecision = restart.height == height && agreement.decision?.digest == restart.block
    let isHead = restart.height == head.height && restart.block == head.block
    let isBelow = restart.height < head.height
    guard isHead || isDecision || isBelow else {
      throw ConsortiumError(
        .wrongHeight,
        "the restart file is of height \(restart.height); the newest block here is \(head.block) of height \(head.height)"
      )
    }
    let decision = isDecision ? agreement.decision : nil
    try signer.adopt(restart, cosigned: head.size)
    let actions = try begin(height, isDecision ? agreement.committee : committee)
    guard let decision else { return actions }
    return actions + (try handle(.certificate(decision), time: 0))
  }
}
