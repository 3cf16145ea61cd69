import Ledger
import Scenarios
import Workflows

/// The roster in force and the proposals to change it.
struct ShownRoster {
  let state: LedgerState
  /// The ledger's path.
  let ledger: String

  private var terms: Terms { state.roster.terms }

  var text: String {
    var lines = [
      "\(Printable.text(terms.name.both)), \(terms.origin)", localized("ledger \(state.ledgerID)"), "",
      localized("MEMBERS"),
    ]
    for member in state.roster.members {
      let roles = member.roles.isEmpty ? localized("no role") : listed(member.roles.map { named(role: $0) })
      let removed = member.isInForce(at: state.height) ? "" : localized("; REMOVED")
      lines.append("  \(member.id)  \(Printable.text(member.name.both)); \(roles)\(removed)")
      for key in member.keys {
        let end = key.until.map { localized(", until block \($0)") } ?? ""
        lines.append(localized("    \(key.id)  \(key.key.algorithm.name), from block \(key.from)\(end)"))
        if let revocation = key.revocation {
          let since =
            revocation.since.map { localized("; in other hands since \(Timestamp.text(milliseconds: $0))") }
            ?? ""
          lines.append(localized("      REVOKED: \(Printable.text(revocation.reason))\(since)"))
        }
      }
    }
    lines += [
      "", localized("ADMINISTRATORS"),
      "  \(AdministrationText.line(state.roster, at: state.height))",
      "",
      localized("LOG KEY"), "  \(terms.logKey)", "",
      localized("VALIDATORS"),
      localized("  \(terms.quorum) of \(terms.validators.count) must cosign a block"),
    ]
    if terms.isCrashFaultsOnly { lines.append("  \(AdministrationText.crashFaultsOnly)") }
    if terms.since > 0 {
      lines.append(localized("  with this quorum and log key since block \(terms.since)"))
    }
    for validator in terms.validators {
      lines += [
        "  \(validator.name)", localized("    block     \(validator.blockKey.thumbprint)"),
        localized("    cosigner  \(validator.cosignerKey)"),
      ]
      if let vote = validator.voteKey { lines.append(localized("    vote      \(vote.thumbprint)")) }
    }
    lines += ["", localized("PARAMETERS")]
    lines.append(
      Printable.table(
        Scenarios.parameters.map {
          (
            "\($0.name) \(terms.parameters[$0])",
            retold($0.meaning) + ($0.isFixed ? localized("; fixed at founding") : "")
          )
        } + [
          (
            "\(UTCOffset.parameter) \(terms.parameters.utcOffset.minutes)",
            localized("\(retold(UTCOffset.meaning)); fixed at founding")
          )
        ], indent: "  "))
    lines += ["", localized("OPEN PROPOSALS")]
    let open = state.openProposals
    if open.isEmpty { lines.append(localized("  none")) }
    for open in open {
      let (change, approvals) = (open.proposal.change.action.summary, open.proposal.approvals)
      lines += [
        "  \(open.id)", "    \(Printable.text(retold(change)))",
        localized(
          "    approved by \(listed(approvals)); \(open.missing) more needed until \(Timestamp.text(milliseconds: open.end)): zheng members approve \(ShellText.path(ledger)) \(open.id) --key ADMIN.pem"
        ),
      ]
    }
    return lines.joined(separator: "\n")
  }
}
