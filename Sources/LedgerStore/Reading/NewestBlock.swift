import Ledger
import LedgerCrypto
import Synchronization
import TransparencyLog

/// A record with what proves it.
public struct ProvenEntry: Sendable {
  /// The statement id.
  public let id: Digest
  /// The time of its block, in ms since the epoch.
  public let time: UInt64
  /// The bytes of its proof against its block's checkpoint.
  public let proof: [UInt8]
  /// The bytes of that checkpoint.
  public let checkpoint: [UInt8]
}

/// The newest block as the process that wrote it has it in memory, with the proofs of its records.
///
/// Those who submitted them are answered from here. What their proofs share is made when the first is asked for.
final class NewestBlock: Sendable {
  let block: CommittedBlock
  /// The roster that was in force for it.
  let roster: Roster

  private let frontier: Frontier
  private let tree: RosterTree
  private let checkpoint: [UInt8]
  private let proofs = Mutex<BlockProofs?>(nil)

  /// - Parameters:
  ///   - frontier: the tree before the block.
  ///   - tree: of `roster`.
  ///   - checkpoint: the block's note, encoded.
  init(
    _ block: CommittedBlock, after frontier: Frontier, roster: Roster, tree: RosterTree, checkpoint: [UInt8]
  ) {
    (self.block, self.frontier, self.roster) = (block, frontier, roster)
    (self.tree, self.checkpoint) = (tree, checkpoint)
  }

  /// The record at `index`, which must be an entry of the block; nil for the header.
  func record(_ index: UInt64) throws(ProofError) -> ProvenEntry? {
    let place = Int(index - block.first)
    guard place < block.count - 1, case .decoded(let decoded) = block.checked[place].content,
      let claims = decoded.view.claims
    else { return nil }
    let entry = block.bytes[block.ranges[place]]
    let issuer = String(
      decoding: entry.dropFirst(claims.issuer.lowerBound).prefix(claims.issuer.count), as: UTF8.self)
    let proof = try shared().bytes(of: entry, at: index, by: issuer)
    return ProvenEntry(id: decoded.id, time: block.header.time, proof: proof, checkpoint: checkpoint)
  }

  private func shared() throws(ProofError) -> BlockProofs {
    if let made = proofs.withLock({ $0 }) { return made }
    var hasher = TreeHasher()
    // Two who come at once may both make them: that costs less than waiting for each other.
    let made = try BlockProofs(
      block.checked.map(\.leaf), after: frontier, header: block.entry(block.size - 1), roster: tree,
      checkpoint: checkpoint, using: &hasher)
    proofs.withLock { $0 = made }
    return made
  }
}
