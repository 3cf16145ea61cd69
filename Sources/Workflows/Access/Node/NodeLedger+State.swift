import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// What a node gives of the state, proven and as of one block.
extension NodeLedger {
  package func value(_ key: StateKey) async throws -> [UInt8]? {
    try await know([key])
    return known.values[key] ?? nil
  }

  package func stateProofs(_ keys: [StateKey], asOf earlier: UInt64?) async throws -> StateProofs {
    guard let (proofs, state) = try await proven(keys, asOf: earlier) else {
      throw NodeClientError(.failed, "\(place): what these have in the state is too much for one proof")
    }
    guard earlier.map({ $0 < state.header.height }) != true || state.earlier?.height == earlier else {
      throw WorkflowError(
        .notVerified, "header", "\(place): it gives the header of another block than \(earlier ?? 0)")
    }
    headers[proofs.proof.index] = proofs.header
    return proofs
  }

  /// Sees that `known` has the values of `keys`.
  ///
  /// - Throws: `busy` where the ledger goes on and what was read before has changed.
  func know(_ keys: [StateKey]) async throws {
    try await eachPart(of: Array(Set(keys).subtracting(known.values.keys))) { found in
      if isOfKnownBlock(found) { take(found) } else { try await knowAgain(found.proofs.keys.map(\.key)) }
      return true
    }
  }

  /// The same as of a newer block, for everything that is known and `keys`.
  private func knowAgain(_ keys: [StateKey]) async throws {
    let before = known
    let all = Array(before.values.keys) + keys
    for _ in 0..<16 {
      known = Known()
      try await eachPart(of: all) { found in
        guard isOfKnownBlock(found) else { return false }
        take(found)
        return true
      }
      for (key, value) in before.values where known.values[key] != nil && known.values[key] != value {
        throw WorkflowError(
          .busy, "busy",
          "\(place): the ledger has gone on, and what was read of \(Printable.text(key.name)) has changed; try again"
        )
      }
      if known.values.count == all.count { return }
    }
    throw goesOn
  }

  /// Calls `body` with what `keys` have, some at a time, until it says no.
  private func eachPart(of keys: [StateKey], _ body: (Proven) async throws -> Bool) async throws {
    let most = StateProofs.maximumKeyCount
    var parts = stride(from: 0, to: keys.count, by: most).map { Array(keys[$0..<min($0 + most, keys.count)]) }
    while let part = parts.popLast() {
      guard let found = try await proven(part) else {
        parts += [Array(part[(part.count / 2)...]), Array(part[..<(part.count / 2)])]
        continue
      }
      guard try await body(found) else { return }
    }
  }

  /// Whether `found` is of the block that what is known is of, if anything is.
  private func isOfKnownBlock(_ found: Proven) -> Bool {
    known.block.map { $0.header == found.state.header } ?? true
  }

  private func take(_ found: Proven) {
    let path = InclusionProof(
      index: found.proofs.proof.index, size: found.state.checkpoint.size, path: found.proofs.proof.path)
    known.block = (found.state.header, found.proofs.header, path)
    headers[path.index] = found.proofs.header
    for value in found.state.values { known.values[value.key] = .some(value.value) }
  }

  /// Takes what came with the newest checkpoint, all of which is to be proven by it.
  func take(_ status: NodeClient.ItemStatus) async throws {
    let state: ProvenState
    do { state = try status.state.check(policy) } catch { throw unproven("the state", error) }
    take((status.state, state))
    for record in status.records { try await take(record) }
    if let items = status.roster, let value = known.values[.roster] ?? nil {
      _ = try take(items, RosterInForce(decoding: value).root, at: state.header.height + 1)
    }
  }

  private typealias Proven = (proofs: StateProofs, state: ProvenState)

  /// What `keys`, at most 64, have in the state after a block that is no older than what was seen; nil where that is too much for one
  /// answer, which one key's never is.
  private func proven(_ keys: [StateKey], asOf earlier: UInt64? = nil) async throws -> Proven? {
    try requireNewest("how things stand")
    for attempt in 0..<40 {
      if attempt > 0 { try await Task.sleep(for: .milliseconds(50)) }
      guard let proofs = try await client.stateProofs(keys, asOf: earlier) else { return nil }
      let state: ProvenState
      do { state = try proofs.check(policy) } catch { throw unproven("the state", error) }
      // The state of the block that was recorded last may follow in a moment.
      guard state.checkpoint.size >= size else { continue }
      try await requireConsistency(of: proofs.proof.checkpoint, state.checkpoint)
      return (proofs, state)
    }
    throw WorkflowError(
      .notVerified, "behind",
      "\(place): its state is older than the checkpoint of \(size) entries that was seen; use another node, or wait until it has caught up"
    )
  }

  /// The complaint that what the node gave for `what` does not hold.
  func unproven(_ what: String, _ error: ProofError) -> WorkflowError {
    let (code, detail) = (error.code.rawValue, error.description)
    return WorkflowError(.notVerified, code, "\(place): what it gives of \(what) is not proven: \(detail)")
  }

  // MARK: The roster and the newest block

  /// The newest block, with its header.
  func newestHeader() async throws -> (header: BlockHeader, entry: SignedStatement, path: InclusionProof) {
    try await know([.roster])
    guard let block = known.block else { throw goesOn }
    return block
  }

  package func newestBlock() async throws -> BlockPlace { BlockPlace(try await newestHeader().header) }

  package func state() async throws -> LedgerState {
    let block = try await newestHeader()
    guard let value = try await self.value(.roster) else {
      throw WorkflowError(.notVerified, "state", "\(place): its state has no roster")
    }
    let inForce = try RosterInForce(decoding: value)
    try await know(inForce.open.map { .proposal($0) })
    var open: [Digest: Ledger.OpenProposal] = [:]
    for id in inForce.open {
      open[id] = try await self.value(.proposal(id)).map { try Ledger.OpenProposal(decoding: $0) }
    }
    var hasher = TreeHasher()
    let leaf = hasher.leaf(block.entry.entry.span)
    // The siblings of the last leaf are the peaks of the tree before it, the smallest first.
    guard var frontier = Frontier(size: block.path.index, peaks: block.path.path.reversed()) else {
      throw goesOn
    }
    frontier.append(leaf, using: &hasher)
    return try LedgerState(
      after: block.header, leaf: leaf, of: ledgerID,
      roster: await roster(inForce.root, at: block.header.height + 1), open: open, frontier: frontier)
  }

  package func roster(_ root: Digest, at height: UInt64) async throws -> Roster {
    if let known = rosters[root] { return known }
    return try take(await client.rosterItems(root), root, at: height)
  }

  /// The roster of `items`, which must be the one with this root.
  private func take(_ items: [UInt8], _ root: Digest, at height: UInt64) throws -> Roster {
    guard let roster = try Roster(indexed: items, inForceFrom: height), roster.root == root else {
      throw WorkflowError(
        .notVerified, "roster", "\(place): the roster that it gives is not the one that the header names")
    }
    rosters[root] = roster
    return roster
  }

}

extension BlockPlace {
  init(_ header: BlockHeader) {
    self.init(height: header.height, first: header.first, size: header.size + 1, time: header.time)
  }
}
