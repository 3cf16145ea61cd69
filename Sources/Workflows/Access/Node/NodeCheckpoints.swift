import Ledger
import LedgerClient
import LedgerCrypto
import TransparencyLog

/// The checkpoints that a node shows of a ledger, each held to the policy, and to those that this machine has seen.
struct NodeCheckpoints {
  /// A newest checkpoint, and what is to show that its tree begins with an earlier one.
  typealias Newest = (note: SignedNote, checkpoint: Checkpoint, path: [Digest])

  /// The same, with how an item of evidence stands.
  typealias Shown = (newest: Newest, status: NodeClient.ItemStatus)

  let client: NodeClient
  let ledgerID: Digest
  let policy: Policy
  /// Where the newest is kept; nil where that can't be.
  let seen: SeenCheckpoint?

  /// The node's newest, which meets the policy.
  ///
  /// - Parameter kept: the newest that was seen.
  /// - Throws: `other-ledger` where the node says that it serves another one; `policy`.
  func newest(since size: UInt64, _ kept: SignedNote?) async throws -> Newest {
    try await judged(asked { try await client.checkpoint(since: size) }, kept)
  }

  /// The same, with how the item of evidence `item` stands; nil where that is too much for one answer.
  func newest(
    since size: UInt64, _ kept: SignedNote?, with item: String
  ) async throws -> Shown? {
    guard let status = try await asked({ try await client.status(ofItem: item, since: size) }) else {
      return nil
    }
    return (try await judged(status.newest, kept), status)
  }

  /// What `ask` gives; the node's word that it serves another ledger comes before any other complaint.
  private func asked<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
    do { return try await ask() } catch let error as NodeClientError
      where [.notANode, .untrue, .noAccess].contains(error.code)
    {
      try await client.requireLedger(ledgerID)
      throw error
    }
  }

  private func judged(_ answer: NodeClient.NewestCheckpoint, _ kept: SignedNote?) async throws -> Newest {
    do { return (answer.note, try policy.evaluate(answer.note).checkpoint, answer.path) } catch {
      // A node that says that it serves another ledger is not one that lies.
      do { try await client.requireLedger(ledgerID) } catch let other as NodeClientError
        where other.code == .otherLedger
      {
        throw WorkflowError(
          .notVerified, other.code.rawValue,
          other.description + evidence([kept, answer.note].compactMap { $0 }))
      }
      throw WorkflowError(
        .notVerified, ProofError.Code.policy.rawValue,
        "\(client.url): its newest checkpoint does not meet the policy: \(error.description)")
    }
  }

  /// Sees that the tree of `newest` begins with the one of `kept`, which it was asked for.
  ///
  /// - Throws: `forked`.
  func require(_ newest: Newest, after kept: SignedNote) async throws {
    let known = try Checkpoint(parsing: kept.text)
    do { try begins(newest, with: known.size, known.root) } catch {
      try await client.requireLedger(ledgerID)
      throw WorkflowError(
        .notVerified, "forked",
        "\(client.url) does not show the ledger that was seen before: its checkpoint of \(newest.checkpoint.size) entries does not begin with the one of \(known.size); nothing of it is used\(evidence([kept, newest.note]))"
      )
    }
  }

  /// Sees that the tree of `newest` begins with the founding statement, the tree of one entry that it was asked for.
  ///
  /// - Throws: `other-ledger`.
  func requireFounding(_ newest: Newest, _ kept: SignedNote?) throws {
    do { try begins(newest, with: 1, ledgerID) } catch {
      throw WorkflowError(
        .notVerified, NodeClientError.Code.otherLedger.rawValue,
        "\(client.url) serves another ledger: asked for \(ledgerID), and its checkpoint of \(newest.checkpoint.size) entries does not begin with that founding statement\(evidence([kept, newest.note].compactMap { $0 }))"
      )
    }
  }

  private func begins(_ newest: Newest, with size: UInt64, _ root: Digest) throws {
    var hasher = TreeHasher()
    try ConsistencyProof(oldSize: size, newSize: newest.checkpoint.size, path: newest.path)
      .verify(oldRoot: root, newRoot: newest.checkpoint.root, using: &hasher)
  }

  /// Keeps what contradicts, and says where.
  private func evidence(_ notes: [SignedNote]) -> String {
    do {
      guard let paths = try seen?.keepEvidence(notes), !paths.isEmpty else { return "" }
      return ". Kept as evidence: \(paths.joined(separator: ", "))"
    } catch { return ". It could not be kept as evidence: \(WorkflowError(describing: error).detail)" }
  }

  /// Keeps `note`, of a tree of `size` entries, which follows `base`, as the newest that was seen.
  ///
  /// - Throws: `forked` where another process has seen one meanwhile that it contradicts.
  func keep(_ note: SignedNote, _ size: UInt64, from base: SignedNote?) async throws {
    var base = base
    while let other = try seen?.advance(to: note, from: base) {
      let known = try Checkpoint(parsing: other.text)
      guard known.size < size else { return }
      let newer = try await newest(since: known.size, other)
      try await require(newer, after: other)
      guard newer.note == note else { return }
      base = other
    }
  }
}
