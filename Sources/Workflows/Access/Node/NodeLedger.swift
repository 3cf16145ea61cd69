import Ledger
import LedgerClient
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Statements
import TransparencyLog

/// A ledger at a node, which is not trusted (DESIGN §7): every checkpoint meets the policy and begins with the newest that this machine has
/// seen, entries come with their proofs, values and lists with those of the state. What rests on the node's word alone is said to.
///
/// What it reads of the state is of one block: where the ledger goes on meanwhile, what was read before is proven again as of the
/// newer block. Not for use from two threads at once.
package final class NodeLedger: LedgerAccess {
  package let client: NodeClient
  package let ledgerID: Digest
  let policy: Policy
  let context: WorkContext
  private let checkpoints: NodeCheckpoints
  /// The newest checkpoint here.
  private var newest: SignedNote
  private(set) var head: Checkpoint
  /// The newest that was seen elsewhere or before, where the node does not reach it.
  private var missed: Checkpoint?
  /// Earlier checkpoints whose trees the newest begins with.
  private var earlier: [UInt64: Digest] = [:]

  /// What is known of the state, all as of one block.
  var known = Known()
  /// The records that were proven.
  var records: [UInt64: ProvenEntry] = [:]
  /// The headers that were proven, by their indices.
  var headers: [UInt64: SignedStatement] = [:]
  var rosters: [Digest: Roster] = [:]
  /// The records of lists that were found complete, with the lists' values.
  var lists: [StateKey: (value: [UInt8], indices: [UInt64])] = [:]
  /// What was said already.
  private var said: Set<String> = []

  /// What is known of the state after a block.
  struct Known {
    /// The block's header, its entry, and the entry's path in the tree that ends with it.
    var block: (header: BlockHeader, entry: SignedStatement, path: InclusionProof)?
    var values: [StateKey: [UInt8]?] = [:]
  }

  /// Opens the ledger `id` at the node that `client` asks.
  ///
  /// - Parameters:
  ///   - saved: a checkpoint that was kept elsewhere, with its file: the node's newest must go on from it as from the one that
  ///     this machine has seen.
  ///   - item: of evidence, how it stands being asked for in the same request.
  /// - Throws: `NodeClientError`; `other-ledger`, `policy`, and `forked` where the node's newest checkpoint is not of the ledger, is not
  ///   signed as the policy asks, or contradicts one that was seen; `policy` where `saved` is not signed so.
  package init(
    _ client: NodeClient, _ id: Digest, _ policy: Policy, _ context: WorkContext,
    saved: SavedCheckpoint? = nil, showing item: String? = nil
  ) async throws {
    (self.client, ledgerID, self.policy, self.context) = (client, id, policy, context)
    try saved?.requireSigned(as: policy)
    var (seen, own): (SeenCheckpoint?, SignedNote?) = (nil, nil)
    do {
      seen = try SeenCheckpoint(of: id, in: context.stateFolder)
      own = try seen?.newest()
    } catch { context.note(NodeLedger.lost(error)) }
    checkpoints = NodeCheckpoints(client: client, ledgerID: id, policy: policy, seen: seen)
    // The larger of what is kept here and what was kept elsewhere comes first; the other one is compared in the end.
    let bases = try [own, saved?.note].compactMap { $0 }.map { ($0, try Checkpoint(parsing: $0.text)) }
      .sorted { $0.1.size > $1.1.size }
    let (kept, known) = (bases.first?.0, bases.first?.1)
    // The tree of one entry is the founding statement, whose leaf hash is the ledger's id.
    let since = known?.size ?? 1
    let shown: NodeCheckpoints.Shown? =
      if let item, !item.isEmpty { try await checkpoints.newest(since: since, kept, with: item) } else { nil }
    let first = if let shown { shown.newest } else { try await checkpoints.newest(since: since, kept) }
    (newest, head) = (first.note, first.checkpoint)
    guard let known, let kept else {
      try checkpoints.requireFounding(first, nil)
      try await keep(from: nil)
      if let shown { try await take(shown.status) }
      return
    }
    if head.size >= known.size {
      try await checkpoints.require(first, after: kept)
      // What came from elsewhere need not be of this ledger.
      if saved != nil { try checkpoints.requireFounding(await checkpoints.newest(since: 1, kept), kept) }
      try await compareBehind()
      for (note, checkpoint) in bases.dropFirst() { try await requireConsistency(of: note, checkpoint) }
      try await keep(from: kept)
      if let shown { try await take(shown.status) }
      return
    }
    // Nobody can show that a tree begins with a smaller one but who has it; that it is this ledger can be shown.
    let founding = try await checkpoints.newest(since: 1, kept)
    try checkpoints.requireFounding(founding, kept)
    missed = known
    try await compareBehind()
    for (note, checkpoint) in bases.dropFirst() where checkpoint.size <= head.size {
      try await requireConsistency(of: note, checkpoint)
    }
    do {
      try seen?.keepBehind(newest)
      // The next command is to know of it too.
      if own == nil { _ = try seen?.advance(to: kept, from: nil) }
    } catch { say(NodeLedger.lost(error)) }
    context.note(
      "\(place) is behind: it has \(head.size) entries, and a checkpoint of \(known.size) was seen before; what it shows is proven, \"all\" and \"none\" are not asked of it"
    )
  }

  /// Compares what nodes that were behind have shown with this node's newest, as far as that reaches; forgets it when it is a beginning of the
  /// newest that was seen.
  private func compareBehind() async throws {
    let notes: [SignedNote]
    do { notes = try checkpoints.seen?.behind() ?? [] } catch { return say(NodeLedger.lost(error)) }
    for note in notes {
      let checkpoint = try Checkpoint(parsing: note.text)
      guard checkpoint.size <= head.size else { continue }
      try await requireConsistency(of: note, checkpoint)
      guard missed == nil else { continue }
      do { try checkpoints.seen?.forgetBehind(note) } catch { say(NodeLedger.lost(error)) }
    }
  }

  // MARK: Checkpoints

  package var place: String { client.url }

  package var newestCheckpoint: NewestCheckpoint { get throws { try NewestCheckpoint(newest) } }

  package var unsearchable: UInt64 { 0 }
  package var size: UInt64 { head.size }

  /// Keeps the newest checkpoint, which follows `base`.
  private func keep(from base: SignedNote?) async throws {
    do { try await checkpoints.keep(newest, head.size, from: base) } catch let error as WorkflowError
      where error.kind == .notVerified
    {
      throw error
    } catch let error as NodeClientError {
      throw error
    } catch { say(NodeLedger.lost(error)) }
  }

  private static func lost(_ error: any Error) -> String {
    "the newest checkpoint that was seen can't be kept here, so that a node that is set back or forked goes unnoticed, unless a checkpoint that was kept elsewhere is given: \(WorkflowError(describing: error).detail)"
  }

  /// Sees that `note`, whose checkpoint meets the policy, is of the log that was seen here, and goes on to it where it is newer.
  func requireConsistency(of note: SignedNote, _ checkpoint: Checkpoint) async throws {
    for _ in 0..<16 {
      if checkpoint.size == head.size || earlier[checkpoint.size] != nil {
        let known = checkpoint.size == head.size ? head.root : earlier[checkpoint.size]
        if checkpoint.root == known { return }
        // Its tree can't be the same one, so that no path shows it.
        let newest: NodeCheckpoints.Newest = (newest, head, [])
        return try await checkpoints.require(newest, after: note)
      }
      let isNewer = checkpoint.size > head.size
      let newer = try await checkpoints.newest(since: isNewer ? head.size : checkpoint.size, newest)
      guard newer.checkpoint.size >= head.size else { throw behind(newer.checkpoint.size) }
      try await checkpoints.require(newer, after: isNewer ? newest : note)
      if isNewer {
        try await advance(to: newer)
      } else if newer.checkpoint == head {
        earlier[checkpoint.size] = checkpoint.root
      } else {
        try await requireConsistency(of: newer.note, newer.checkpoint)
      }
    }
    guard checkpoint.size > head.size else { throw goesOn }
    // It is compared when a node shows that much.
    do { try checkpoints.seen?.keepBehind(note) } catch { say(NodeLedger.lost(error)) }
    throw WorkflowError(
      .notVerified, "behind",
      "\(place) gives a proof under a checkpoint of \(checkpoint.size) entries, and shows \(head.size) as its newest; use another node, or wait until it has caught up"
    )
  }

  private func advance(to newer: NodeCheckpoints.Newest) async throws {
    let before = newest
    (newest, head) = (newer.note, newer.checkpoint)
    if missed == nil { try await keep(from: before) }
  }

  /// - Throws: `behind`, where something newer was seen than the node has.
  func requireNewest(_ what: String) throws {
    guard let missed else { return }
    throw WorkflowError(
      .notVerified, "behind",
      "\(place) is behind: it has \(head.size) entries, and a checkpoint of \(missed.size) was seen before; \(what) is not asked of it. Use another node, or wait until it has caught up"
    )
  }

  private func behind(_ size: UInt64) -> WorkflowError {
    WorkflowError(
      .notVerified, "behind",
      "\(place) has gone back: it shows \(size) entries after \(head.size); use another node, or wait until it has caught up"
    )
  }

  var goesOn: WorkflowError {
    WorkflowError(.busy, "busy", "\(place): the ledger goes on faster than it can be read; try again")
  }

  /// Tells a note, once.
  func say(_ note: String) { if said.insert(note).inserted { context.note(note) } }

  // MARK: Submitting

  package func submit(_ entry: [UInt8]) async throws -> RecordPlace {
    switch try await client.append(entry) {
    case .recorded(let receipt), .duplicate(let receipt):
      // The client has checked it by the policy.
      let note = try RecordProof(parsing: Array(receipt.proof.utf8).span).proof.checkpoint
      do { try await requireConsistency(of: note, Checkpoint(parsing: note.text)) } catch let error
        as NodeClientError
        where error.isOfTheLine
      { throw NodeClientError.notTied(error) }
      known = Known()
      return RecordPlace(index: receipt.index, block: receipt.block, time: receipt.time)
    case .refused(let refusal):
      // What was read before led to it.
      known = Known()
      throw refusal
    }
  }

  package func submit(
    _ source: RecordSource, signer: StatementSigner, each: ([RecordOutcome]) throws -> Void
  ) async throws {
    let submission = NodeSubmission(client) { [self] note in
      try await requireConsistency(of: note, Checkpoint(parsing: note.text))
    }
    try await submission.submit(source, signer: signer, each: each)
    known = Known()
  }
}
