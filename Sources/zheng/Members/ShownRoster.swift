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
      "\(Printable.text(terms.name.both)), \(terms.origin)", "ledger \(state.ledgerID)", "", "MEMBERS",
    ]
    for member in state.roster.members {
      let roles = member.roles.isEmpty ? "no role" : member.roles.joined(separator: ", ")
      let removed = member.isInForce(at: state.height) ? "" : "; REMOVED"
      lines.append("  \(member.id)  \(Printable.text(member.name.both)); \(roles)\(removed)")
      for key in member.keys {
        let end = key.until.map { ", until block \($0)" } ?? ""
        lines.append("    \(key.id)  \(key.key.algorithm.name), from block \(key.from)\(end)")
      }
    }
    lines += [
      "", "ADMINISTRATORS",
      "  \(AdministrationText.line(state.roster, at: state.height))",
      "",
      "LOG KEY", "  \(terms.logKey)", "",
      "VALIDATORS", "  \(terms.quorum) of \(terms.validators.count) must cosign a block",
    ]
    for validator in terms.validators {
      lines += [
        "  \(validator.name)", "    block     \(validator.blockKey.thumbprint)",
        "    cosigner  \(validator.cosignerKey)",
      ]
    }
    lines += ["", "PARAMETERS"]
    lines.append(
      Printable.table(
        Scenarios.parameters.map {
          ("\($0.name) \(terms.parameters[$0])", $0.meaning + ($0.isFixed ? "; fixed at founding" : ""))
        } + [
          (
            "\(UTCOffset.parameter) \(terms.parameters.utcOffset.minutes)",
            "\(UTCOffset.meaning); fixed at founding"
          )
        ], indent: "  "))
    lines += ["", "OPEN PROPOSALS"]
    let open = state.openProposals
    if open.isEmpty { lines.append("  none") }
    for open in open {
      let (change, approvals) = (open.proposal.change.action.summary, open.proposal.approvals)
      lines += [
        "  \(open.id)", "    \(Printable.text(change))",
        "    approved by \(approvals.joined(separator: ", ")); \(open.missing) more needed until \(Timestamp.text(milliseconds: open.end)): zheng members approve \(ShellText.path(ledger)) \(open.id) --key ADMIN.pem",
      ]
    }
    return lines.joined(separator: "\n")
  }
}
