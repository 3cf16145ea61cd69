import Ledger
import LedgerCrypto
import Scenarios

/// The roster in force and the proposals to change it.
struct ShownRoster {
  let state: LedgerState
  /// The ledger's path.
  let ledger: String

  private var terms: Terms { state.roster.terms }

  private var open: [(id: Digest, proposal: Proposals.Pending)] {
    state.proposals.pending.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func missing(_ proposal: Proposals.Pending) -> Int {
    max(0, terms.threshold - proposal.approvals.count)
  }

  /// Until when a proposal may be approved, in ms since the epoch.
  private func end(_ proposal: Proposals.Pending) -> UInt64 {
    proposal.proposed + terms.parameters[Parameters.statementWindow] * 1000
  }

  // MARK: JSON

  var json: JSON {
    get throws {
      [
        "ledger": .text(state.ledgerID.hex), "origin": .text(terms.origin), "name": terms.name.json,
        "nextBlock": .number(state.height), "roster": .text(state.roster.root.hex),
        "quorum": .number(UInt64(terms.quorum)),
        "validators": .array(
          terms.validators.map {
            [
              "name": .text($0.name), "log": .text($0.logKey.description),
              "cosigner": .text($0.cosignerKey.description),
            ]
          }),
        "administrators": [
          "members": .array(terms.administrators.map(JSON.text)),
          "threshold": .number(UInt64(terms.threshold)),
        ],
        "members": .array(try state.roster.members.map(json(of:))),
        "parameters": .object(Scenarios.parameters.map { ($0.name, .number(terms.parameters[$0])) }),
        "proposals": .array(
          open.map { id, proposal in
            [
              "id": .text(id.hex), "change": .text(proposal.change.action.summary),
              "approvals": .array(proposal.approvals.map(JSON.text)),
              "missing": .number(UInt64(missing(proposal))),
              "until": .text(Timestamp.text(milliseconds: end(proposal))),
            ]
          }),
      ]
    }
  }

  private func json(of member: Member) throws -> JSON {
    [
      "id": .text(member.id), "name": member.name.json, "roles": .array(member.roles.map(JSON.text)),
      "inForce": .bool(member.isInForce(at: state.height)),
      "keys": .array(
        try member.keys.map { key in
          [
            "kid": .text(key.id.hex), "algorithm": .text(key.key.algorithm.name), "from": .number(key.from),
            "until": JSON(key.until), "publicKey": .text(try key.key.pem()),
          ]
        }),
    ]
  }

  // MARK: Text

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
      "VALIDATORS", "  \(terms.quorum) of \(terms.validators.count) must cosign a block",
    ]
    for validator in terms.validators {
      lines += [
        "  \(validator.name)", "    log       \(validator.logKey)", "    cosigner  \(validator.cosignerKey)",
      ]
    }
    lines += ["", "PARAMETERS"]
    lines.append(
      Printable.table(
        Scenarios.parameters.map {
          ("\($0.name) \(terms.parameters[$0])", $0.meaning + ($0.isFixed ? "; fixed at founding" : ""))
        }, indent: "  "))
    lines += ["", "OPEN PROPOSALS"]
    if open.isEmpty { lines.append("  none") }
    for (id, proposal) in open {
      lines += [
        "  \(id)", "    \(Printable.text(proposal.change.action.summary))",
        "    approved by \(proposal.approvals.joined(separator: ", ")); \(missing(proposal)) more needed until \(Timestamp.text(milliseconds: end(proposal))): zheng members approve \(ShellText.path(ledger)) \(id) --key ADMIN.pem",
      ]
    }
    return lines.joined(separator: "\n")
  }
}
