import Ledger
import LedgerCrypto
import Scenarios

/// A proposal to change the roster that is not in force.
package struct OpenProposal {
  package let id: Digest
  package let proposal: Proposals.Pending
  /// How many approvals are missing.
  package let missing: Int
  /// Until when it may be approved, in ms since the epoch.
  package let end: UInt64
}

extension LedgerState {
  /// The proposals to change the roster, by their ids.
  package var openProposals: [OpenProposal] {
    let terms = roster.terms
    return proposals.pending.sorted { $0.key < $1.key }.map { id, proposal in
      OpenProposal(
        id: id, proposal: proposal, missing: max(0, terms.threshold - proposal.approvals.count),
        end: proposal.proposed + terms.parameters[Parameters.statementWindow] * 1000)
    }
  }

  /// The roster in force and the proposals to change it, as programs read them.
  package var json: JSON {
    get throws {
      let terms = roster.terms
      var fields: [(key: String, value: JSON)] = [
        ("ledger", .text(ledgerID.hex)), ("origin", .text(terms.origin)), ("name", terms.name.json),
        ("nextBlock", .number(height)), ("roster", .text(roster.root.hex)),
        ("log", .text(terms.logKey.description)), ("quorum", .number(UInt64(terms.quorum))),
      ]
      if terms.isCrashFaultsOnly { fields.append(("crashFaultsOnly", .bool(true))) }
      if terms.since > 0 { fields.append(("policySince", .number(terms.since))) }
      fields += [
        ("validators", .array(terms.validators.map(json(of:)))),
        (
          "administrators",
          [
            "members": .array(terms.administrators.map(JSON.text)),
            "threshold": .number(UInt64(terms.threshold)),
          ]
        ), ("members", .array(try roster.members.map(json(of:)))),
        (
          "parameters",
          .object(
            Scenarios.parameters.map { ($0.name, .number(terms.parameters[$0])) }
              + terms.parameters.utcOffset.json)
        ),
        (
          "proposals",
          .array(
            openProposals.map { open in
              [
                "id": .text(open.id.hex), "change": .text(open.proposal.change.action.summary),
                "approvals": .array(open.proposal.approvals.map(JSON.text)),
                "missing": .number(UInt64(open.missing)),
                "until": .text(Timestamp.text(milliseconds: open.end)),
              ]
            })
        ),
      ]
      return .object(fields)
    }
  }

  private func json(of validator: Validator) -> JSON {
    var fields: [(key: String, value: JSON)] = [
      ("name", .text(validator.name)), ("block", .text(validator.blockKey.thumbprint.hex)),
      ("cosigner", .text(validator.cosignerKey.description)),
    ]
    if let vote = validator.voteKey { fields.append(("vote", .text(vote.thumbprint.hex))) }
    return .object(fields)
  }

  private func json(of member: Member) throws -> JSON {
    [
      "id": .text(member.id), "name": member.name.json, "roles": .array(member.roles.map(JSON.text)),
      "inForce": .bool(member.isInForce(at: height)),
      "keys": .array(
        try member.keys.map { key in
          var fields: [(key: String, value: JSON)] = [
            ("kid", .text(key.id.hex)), ("algorithm", .text(key.key.algorithm.name)),
            ("from", .number(key.from)), ("until", JSON(key.until)), ("publicKey", .text(try key.key.pem())),
          ]
          if let revocation = key.revocation {
            fields.append(
              (
                "revoked",
                [
                  "reason": .text(revocation.reason),
                  "since": JSON(revocation.since.map { Timestamp.text(milliseconds: $0) }),
                ]
              ))
          }
          return .object(fields)
        }),
    ]
  }
}

extension UTCOffset {
  /// The parameter, where the terms name it.
  fileprivate var json: [(key: String, value: JSON)] {
    self == .standard ? [] : [(UTCOffset.parameter, .integer(minutes))]
  }
}
