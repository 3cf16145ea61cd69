import ArgumentParser
import Ledger
import LedgerCrypto
import Workflows

/// Who changes the roster, and how that is put on the ledger.
struct AdministratorOptions: ParsableArguments {
  @OptionGroup var key: KeyOption
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Continue, once, from the newest block here, whatever this machine signed last.")
  var adoptHead = false

  /// Proposes the change that `action` makes of the ledger's state, and prints what became of it.
  func propose(
    _ ledger: LedgerArgument, _ output: Output, _ action: (LedgerState) throws -> RosterChange.Action
  ) async throws {
    let outcome = try await work(ledger).propose(action)
    try output.result(outcome.json, text: outcome.text(ledger.path))
  }

  /// Approves `proposal`, and prints what became of it.
  func approve(_ proposal: Digest, _ ledger: LedgerArgument, _ output: Output) async throws {
    let outcome = try await work(ledger).approve(proposal)
    try output.result(outcome.json, text: outcome.text(ledger.path))
  }

  private func work(_ ledger: LedgerArgument) async throws -> RosterWork {
    try ledger.require()
    let path = try key.path
    let signer = Signer(key: try KeyFiles.privateKey(path), path: path)
    let opened = try await ledger.opened(
      isClockConfirmed: clockIsRight, adoptsHead: adoptHead, as: signer.key)
    return RosterWork(opened, signer, CommandContext.current.work)
  }
}

extension RosterWork.Outcome {
  var json: JSON {
    [
      "index": .number(recorded.index), "block": .number(recorded.block), "id": .text(recorded.id.hex),
      "proposal": .text(proposal.hex), "change": JSON(change?.action.summary),
      "approvals": .array(approvals.map(JSON.text)), "threshold": .number(UInt64(threshold)),
      "missing": .number(UInt64(missing)), "adopted": .bool(inForceFrom != nil),
      "inForceFrom": JSON(inForceFrom),
      "holds": .object(holdings.all.map { ($0.what, .array($0.names.map(JSON.text))) }),
    ]
  }

  /// For people.
  ///
  /// - Parameter ledger: its path.
  func text(_ ledger: String) -> String {
    var rows = [("proposal", proposal.hex)]
    for (what, names) in holdings.all {
      rows.append(("still has", "\(retold(what)): \(listed(names))"))
    }
    if let change { rows.append(("change", Printable.text(retold(change.action.summary)))) }
    rows += [
      ("recorded", localized("entry \(recorded.index), in block \(recorded.block)")),
      (
        "approved",
        approvals.isEmpty
          ? localized("by nobody yet; \(threshold) needed")
          : localized("by \(listed(approvals)); \(threshold) needed")
      ),
    ]
    if let inForceFrom {
      rows.append(("adopted", localized("in force from block \(inForceFrom) on")))
    } else {
      let command = "zheng members approve \(ShellText.path(ledger)) \(proposal) --key ADMIN.pem"
      rows.append(
        (
          "open",
          localized("\(counted(missing, "more approval")) needed; another administrator runs\n\(command)")
        ))
    }
    return labelled(rows)
  }
}
