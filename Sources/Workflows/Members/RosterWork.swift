import Ledger
import LedgerCrypto
import Scenarios
import TransparencyLog

/// An administrator at work on the roster.
package struct RosterWork {
  private let ledger: any LedgerAccess
  private let signer: Signer
  private let context: WorkContext

  /// - Parameter ledger: opened where it takes statements.
  package init(_ ledger: any LedgerAccess, _ signer: Signer, _ context: WorkContext) {
    (self.ledger, self.signer, self.context) = (ledger, signer, context)
  }

  /// What became of a proposal with one more approval.
  package struct Outcome {
    package let proposal: Digest
    /// What it is to change, where that is known.
    package let change: RosterChange?
    package let recorded: Recorded
    /// Who has approved it by now, and how many must.
    package let approvals: [String]
    package let threshold: Int
    /// How many approvals are missing.
    package let missing: Int
    /// The block from which on it is in force; nil while it is open.
    package let inForceFrom: UInt64?
    /// What a member that is to be removed still has.
    package let holdings: Holdings
  }

  /// Proposes the change that `action` makes of the ledger's state.
  package func propose(_ action: (LedgerState) throws -> RosterChange.Action) async throws -> Outcome {
    let before = try await ledger.state()
    let issuer = try signer.member(in: before.roster, of: ledger.place)
    let action = try action(before)
    if case .addMember(let id, _, _, _) = action,
      before.roster.member(id)?.isInForce(at: before.height) == false
    {
      let office = before.roster.terms.administrators.contains(id) ? ", and is an administrator again" : ""
      context.note("\(id) was a member and was removed: it comes back under its id\(office)")
    }
    let change = RosterChange(of: before.roster.root, action)
    return try await submit(
      Draft(type: change.contentType, subject: nil, payload: change.payload), nil, change, by: issuer, before)
  }

  /// Approves `proposal`.
  package func approve(_ proposal: Digest) async throws -> Outcome {
    let before = try await ledger.state()
    let issuer = try signer.member(in: before.roster, of: ledger.place)
    return try await submit(
      .countersignature(of: proposal), proposal, before.proposals.pending[proposal]?.change, by: issuer,
      before)
  }

  private func submit(
    _ draft: Draft, _ proposal: Digest?, _ change: RosterChange?, by issuer: String, _ before: LedgerState
  ) async throws -> Outcome {
    var holdings = Holdings()
    if case .removeMember(let member) = change?.action {
      holdings = try await Holdings(of: member, on: ledger)
      for (what, names) in holdings.all {
        context.note(
          "\(member) still has \(what): \(names.joined(separator: ", ")); hand over first, then remove")
      }
    }
    let signer = Signer(key: signer.key, path: signer.path, issuer: issuer)
    let recorded = try await ledger.record(as: signer, at: context.now) { _, _ in draft }
    let proposal = proposal ?? recorded.id
    let after = try await ledger.state()
    let (pending, threshold) = (after.proposals.pending[proposal], after.roster.terms.threshold)
    return Outcome(
      proposal: proposal, change: change, recorded: recorded,
      approvals: pending?.approvals
        ?? (before.proposals.pending[proposal]?.approvals ?? [])
          + (before.roster.terms.administrators.contains(issuer) ? [issuer] : []),
      threshold: threshold, missing: pending.map { max(0, threshold - $0.approvals.count) } ?? 0,
      inForceFrom: pending == nil ? after.height : nil, holdings: holdings)
  }
}

extension RosterChange.Action {
  /// The change that makes `key` the log key of the ledger in `state`.
  ///
  /// - Throws: `malformed` where it is no Ed25519 key.
  package static func setLogKey(to key: PrivateKey, of state: LedgerState) throws -> Self {
    let fresh = key.publicKey
    guard fresh.algorithm == .ed25519 else {
      throw Refusal(
        .malformed, "a log key must be an Ed25519 key, and this is one of \(fresh.algorithm.name)")
    }
    let subject = RosterChange.possession(ofLogKey: fresh, on: state.ledgerID)
    return .setLogKey(
      try NoteVerifierKey(name: state.roster.terms.origin, type: .ed25519, publicKey: fresh),
      possession: try key.signature(over: subject))
  }

  /// What it does, in one line.
  package var summary: String {
    switch self {
    case .addMember(let id, let name, let roles, let keys):
      let roles = roles.isEmpty ? "no role" : "roles \(roles.joined(separator: ", "))"
      let kids = keys.map(\.thumbprint.hex).joined(separator: ", ")
      return "add member \(id) (\(name.both)), \(roles), key \(kids)"
    case .removeMember(let id): return "remove member \(id)"
    case .rotateKey(let member, let key, let retires):
      let ending = retires.isEmpty ? "no key ends" : "ending \(retires.map(\.hex).joined(separator: ", "))"
      return "give \(member) the key \(key.thumbprint), \(ending)"
    case .setRoles(let member, let roles):
      return "give \(member) \(roles.isEmpty ? "no role" : "the roles \(roles.joined(separator: ", "))")"
    case .rename(let member, let name): return "call \(member) \(name.both)"
    case .setParameter(let name, let value): return "set \(name) to \(value)"
    case .renewKey(let member, let key, _, let retires):
      let ending = retires.isEmpty ? "no key ends" : "ending \(retires.map(\.hex).joined(separator: ", "))"
      return "renew a key of \(member): \(key.thumbprint), \(ending)"
    case .revokeKey(let member, let key, let reason, let since, let replacement):
      let time = since.map { ", since \(Timestamp.text(milliseconds: $0))" } ?? ""
      let next = replacement.map { "; \($0.thumbprint) takes its place" } ?? ""
      return "revoke the key \(key) of \(member) (\(reason)\(time))\(next)"
    case .setAdministrators(let members, let threshold):
      return
        "let \(members.joined(separator: ", ")) administer; \(threshold) of \(members.count) must approve"
    case .setValidators(let validators, let quorum, let isCrashFaultsOnly, let joins):
      let joining = joins.isEmpty ? "" : "; \(joins.map(\.name).joined(separator: ", ")) with new keys"
      return
        "let \(validators.map(\.name).joined(separator: ", ")) validate; \(quorum) of \(validators.count) must cosign a block\(joining)"
        + (isCrashFaultsOnly ? "; crash-faults-only" : "")
    case .setLogKey(let key, _): return "change the log key to \(key)"
    }
  }
}
