import Ledger
import LedgerCrypto
import TransparencyLog

/// The validators and log keys that a ledger has had: for each set of them the policy, and the last checkpoint that they signed.
public struct PolicyHistory: Sendable {
  /// A set of validators in office, with one quorum and one log key.
  public struct Tenure: Sendable {
    /// The first block that they decide.
    public let since: UInt64
    /// The last one; nil while they are in office.
    public internal(set) var last: UInt64?
    /// The ledger id, and the roster with which they came into office.
    let ledger: Digest
    let roster: Roster
    /// The terms of that roster.
    public var terms: Terms { roster.terms }
    /// The policy by which their checkpoints are judged, for the blocks of their tenure.
    public var text: String { roster.policyText(ledger: ledger, last: last) }
    /// The newest checkpoint of their tenure, of those who left that of the block which adopted the change; nil before their first block.
    public internal(set) var checkpoint: SignedNote?
  }

  /// The ledger id.
  public let ledger: Digest
  /// The tenures, the founders' first. Each block was judged by the roster in force for it, so each change was cosigned by those whose
  /// tenure it ended.
  public let tenures: [Tenure]
}

extension LedgerFolder {
  /// Reads the ledger from the founding on, and judges it whole: statements with their signatures, roots, headers and cosignatures.
  ///
  /// - Returns: who validated when.
  /// - Throws: the first `Fault`; `Failure`.
  public func policyHistory() throws -> PolicyHistory {
    try requireLedger()
    let directory = try Directory(path)
    let log = try EntryLog(in: directory, writing: false)
    let checkpoints = try CheckpointLog(in: directory, writing: false)
    let head = try Head.find(checkpoints, log, self)
    var replay = try BlockReplay.fromFounding(log, checkpoints, rules: rules, StateStore())
    replay.trustsStatements = false
    let ledger = replay.state.ledgerID
    var tenures: [PolicyHistory.Tenure] = []
    var roster = replay.state.roster
    while let block = try replay.next(before: head.end) {
      guard let frame = try checkpoints.frame(at: block.checkpointOffset) else {
        throw Fault(.malformedCheckpoint, block: block.header.height, "no whole checkpoint lies there")
      }
      let note = try SignedNote(parsing: frame.note.span)
      if tenures.last?.since != roster.terms.since || tenures.isEmpty {
        if !tenures.isEmpty { tenures[tenures.count - 1].last = block.header.height - 1 }
        tenures.append(
          PolicyHistory.Tenure(
            since: roster.terms.since, last: nil, ledger: ledger, roster: roster, checkpoint: note))
      }
      tenures[tenures.count - 1].checkpoint = note
      roster = replay.state.roster
    }
    // A change that the newest block adopted is in force for the next.
    if let last = tenures.last, last.since != roster.terms.since {
      tenures[tenures.count - 1].last = replay.state.height - 1
      tenures.append(
        PolicyHistory.Tenure(
          since: roster.terms.since, last: nil, ledger: ledger, roster: roster, checkpoint: nil))
    }
    return PolicyHistory(ledger: ledger, tenures: tenures)
  }
}
