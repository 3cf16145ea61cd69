import ArgumentParser
import Ledger
import LedgerCrypto
import Workflows

/// Who changes the roster, and how that is put on the ledger.
struct AdministratorOptions: ParsableArguments {
  @Option(help: "The private key of an administrator.", completion: .file()) var key: String
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Go on, once, from the newest block here, whatever this machine has signed last.")
  var adoptHead = false

  /// Proposes the change that `action` makes of the roster in force, and prints what became of it.
  func propose(
    _ ledger: LedgerArgument, _ output: Output, _ action: (Roster) throws -> RosterChange.Action
  ) async throws {
    try await submit(ledger, output) { state in
      let action = try action(state.roster)
      if case .addMember(let id, _, _, _) = action,
        state.roster.member(id)?.isInForce(at: state.height) == false
      {
        let office = state.roster.terms.administrators.contains(id) ? ", and is an administrator again" : ""
        Diagnostics.note("\(id) was a member and was removed: it comes back under its id\(office)")
      }
      let change = RosterChange(of: state.roster.root, action)
      return Submission(type: change.contentType, payload: change.payload, proposal: nil, change: change)
    }
  }

  /// Approves `proposal`, and prints what became of it.
  func approve(_ proposal: Digest, _ ledger: LedgerArgument, _ output: Output) async throws {
    try await submit(ledger, output) { state in
      Submission(
        type: Kind.countersign, payload: Proposals.countersignPayload(proposal), proposal: proposal,
        change: state.proposals.pending[proposal]?.change)
    }
  }

  private struct Submission {
    let type: String
    let payload: [UInt8]
    /// The proposal that it approves; nil where it is one itself.
    let proposal: Digest?
    let change: RosterChange?
  }

  private func submit(
    _ ledger: LedgerArgument, _ output: Output, _ submission: (LedgerState) throws -> Submission
  ) async throws {
    _ = try ledger.folder
    let privateKey = try KeyFiles.privateKey(key)
    let opened = try ledger.opened(.here(isClockConfirmed: clockIsRight, adoptsHead: adoptHead))
    let before = try await opened.state()
    let issuer = try Signer(key: privateKey, path: key).member(in: before.roster, of: ledger.path)
    let submission = try submission(before)
    var holdings = Holdings()
    if case .removeMember(let member) = submission.change?.action {
      holdings = try await Holdings(of: member, on: opened)
      for (what, names) in holdings.all {
        Diagnostics.note(
          "\(member) still has \(what): \(names.joined(separator: ", ")); hand over first, then remove")
      }
    }
    let recorded = try await opened.record(
      as: Signer(key: privateKey, path: key, issuer: issuer), at: CommandContext.now
    ) { _, _ in Draft(type: submission.type, subject: nil, payload: submission.payload) }
    let outcome = ProposalOutcome(
      proposal: submission.proposal ?? recorded.id, change: submission.change, recorded: recorded,
      before: before, after: try await opened.state(), approver: issuer, ledger: ledger.path,
      holdings: holdings)
    try output.result(outcome.json, text: outcome.text)
  }
}

/// What became of a proposal with one more approval.
private struct ProposalOutcome {
  let proposal: Digest
  let change: RosterChange?
  let recorded: Recorded
  let before: LedgerState
  let after: LedgerState
  let approver: String
  let ledger: String
  let holdings: Holdings

  private var pending: Proposals.Pending? { after.proposals.pending[proposal] }

  private var approvals: [String] {
    pending?.approvals ?? (before.proposals.pending[proposal]?.approvals ?? []) + [approver]
  }

  private var threshold: Int { after.roster.terms.threshold }

  private var missing: Int { pending.map { max(0, threshold - $0.approvals.count) } ?? 0 }

  var json: JSON {
    [
      "index": .number(recorded.index), "block": .number(recorded.block), "id": .text(recorded.id.hex),
      "proposal": .text(proposal.hex), "change": JSON(change?.action.summary),
      "approvals": .array(approvals.map(JSON.text)), "threshold": .number(UInt64(threshold)),
      "missing": .number(UInt64(missing)), "adopted": .bool(pending == nil),
      "inForceFrom": pending == nil ? .number(after.height) : .null,
      "holds": .object(holdings.all.map { ($0.what, .array($0.names.map(JSON.text))) }),
    ]
  }

  var text: String {
    var rows = [("proposal", proposal.hex)]
    for (what, names) in holdings.all {
      rows.append(("still has", "\(what): \(names.joined(separator: ", "))"))
    }
    if let change { rows.append(("change", Printable.text(change.action.summary))) }
    rows += [
      ("recorded", "entry \(recorded.index), in block \(recorded.block)"),
      ("approved", "by \(approvals.joined(separator: ", ")); \(threshold) needed"),
    ]
    if pending == nil {
      rows.append(("adopted", "in force from block \(after.height) on"))
    } else {
      let command = "zheng members approve \(ShellText.path(ledger)) \(proposal) --key ADMIN.pem"
      rows.append(
        (
          "open",
          "\(Printable.count(missing, "more approval")) needed; another administrator runs\n\(command)"
        ))
    }
    return Printable.table(rows)
  }
}

extension RosterChange.Action {
  /// What it does, in one line.
  var summary: String {
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
    }
  }
}
