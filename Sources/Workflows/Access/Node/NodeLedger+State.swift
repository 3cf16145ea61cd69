import Ledger
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
    let (proofs, state) = try await proven(keys, asOf: earlier)
    guard earlier.map({ $0 < state.header.height }) != true || state.earlier?.height == earlier else {
      throw WorkflowError(
        .notVerified, "header", "\(place): it gives the header of another block than \(earlier ?? 0)")
    }
    return proofs
  }

  /// Sees that `known` has the values of `keys`.
  ///
  /// - Throws: `busy` where the ledger goes on and what was read before has changed.
  func know(_ keys: [StateKey]) async throws {
    let missing = Array(Set(keys).subtracting(known.values.keys))
    for start in stride(from: 0, to: missing.count, by: StateProofs.maximumKeyCount) {
      let part = Array(missing[start..<min(start + StateProofs.maximumKeyCount, missing.count)])
      let found = try await proven(part)
      guard let block = known.block, block.header != found.state.header else {
        take(found)
        continue
      }
      try await knowAgain(part)
    }
  }

  /// The same as of a newer block, for everything that is known and `keys`.
  private func knowAgain(_ keys: [StateKey]) async throws {
    let before = known
    let all = Array(before.values.keys) + keys
    for _ in 0..<16 {
      known = Known()
      for start in stride(from: 0, to: all.count, by: StateProofs.maximumKeyCount) {
        let found = try await proven(Array(all[start..<min(start + StateProofs.maximumKeyCount, all.count)]))
        if let block = known.block, block.header != found.state.header { break }
        take(found)
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

  private func take(_ found: Proven) {
    let path = InclusionProof(
      index: found.proofs.proof.index, size: found.state.checkpoint.size, path: found.proofs.proof.path)
    known.block = (found.state.header, found.proofs.header, path)
    headers[path.index] = found.proofs.header
    for value in found.state.values { known.values[value.key] = .some(value.value) }
  }

  private typealias Proven = (proofs: StateProofs, state: ProvenState)

  /// What `keys`, at most 64, have in the state after a block that is no older than what was seen.
  private func proven(_ keys: [StateKey], asOf earlier: UInt64? = nil) async throws -> Proven {
    try requireNewest("how things stand")
    for attempt in 0..<40 {
      if attempt > 0 { try await Task.sleep(for: .milliseconds(50)) }
      let proofs = try await client.stateProofs(keys, asOf: earlier)
      let state: ProvenState
      do { state = try proofs.check(policy) } catch { throw unproven("the state", error) }
      // The state of the block that was recorded last may follow in a moment.
      guard state.checkpoint.size >= size else { continue }
      try await tie(proofs.proof.checkpoint, state.checkpoint)
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
    let items = try await client.rosterItems(root, at: height)
    guard let roster = try Roster(indexed: items, inForceFrom: height), roster.root == root else {
      throw WorkflowError(
        .notVerified, "roster", "\(place): the roster that it gives is not the one that the header names")
    }
    rosters[root] = roster
    return roster
  }

  package func past(at time: UInt64) async throws -> PastState {
    throw WorkflowError(
      .usage, "usage",
      "\(place): how things stood at an earlier time is worked out from the whole ledger, which a node does not bring; ask a ledger in a directory"
    )
  }
}

extension BlockPlace {
  init(_ header: BlockHeader) {
    self.init(height: header.height, first: header.first, size: header.size + 1, time: header.time)
  }
}
