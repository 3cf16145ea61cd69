public import LedgerCrypto
public import TransparencyLog

/// A block that the validation core has found without fault: the only thing that is cosigned.
public struct ValidatedBlock: Sendable {
  /// Its header.
  public let header: BlockHeader
  /// The validator that proposed it.
  public let proposer: Validator
  /// The state after it; its frontier is the tree that ends with the header.
  public let state: LedgerState
  /// What its statements change in the state.
  public let changes: StateChanges
  /// The checkpoint to sign: origin, size and root of the tree that ends with the header.
  public let checkpoint: Checkpoint
}

extension BlockInProgress {
  /// Closes the block with the header entry, for signing. `endStatements` has been called.
  ///
  /// - Parameter stateRoot: the root of the state tree with `changes`.
  /// - Throws: the first fault of the header; `refused` if an entry was passed over.
  public consuming func validated(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, state stateRoot: Digest, using hasher: inout TreeHasher
  ) throws(Fault) -> ValidatedBlock {
    guard !isFaulty else {
      throw Fault(.refused, block: state.height, "the block holds an entry that was refused")
    }
    let closed = close(checked, entry, state: stateRoot, using: &hasher)
    if let fault = closed.faults.first { throw fault }
    guard let proposer = closed.proposer, let header = closed.header else {
      throw Fault(.unknownSigner, "the header names no proposer")
    }
    let frontier = closed.state.frontier
    let root = frontier.root(using: &hasher)
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(origin: closed.state.roster.terms.origin, size: frontier.size, root: root)
    } catch {
      throw Fault(.malformedCheckpoint, block: header.height, error.description)
    }
    return ValidatedBlock(
      header: header, proposer: proposer, state: closed.state, changes: closed.changes, checkpoint: checkpoint
    )
  }
}
