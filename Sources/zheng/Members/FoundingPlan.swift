import Ledger

/// What a consortium file founds, as people should see it before it is signed: it can't be taken back.
struct FoundingPlan {
  let roster: Roster
  /// Who signs.
  let founder: Member

  private var terms: Terms { roster.terms }

  var text: String {
    var rows = [("name", "\(Printable.text(terms.name.both)), \(Printable.text(terms.origin))")]
    for member in roster.members {
      let roles = member.roles.isEmpty ? localized("no role") : listed(member.roles.map { named(role: $0) })
      rows.append(
        (
          rows.count == 1 ? "members" : "",
          "\(member.id), \(Printable.text(member.name.both)): \(roles); \(counted(member.keys.count, "key"))"
        ))
    }
    rows.append(("administrators", AdministrationText.line(roster, at: 0)))
    if let warning = AdministrationText.warning(roster) { rows.append(("WARNING", warning)) }
    let validators = listed(terms.validators.map(\.name))
    rows += [
      (
        "validators",
        localized("\(validators); \(terms.quorum) of \(terms.validators.count) must cosign a block")
      ),
      ("signed by", founder.id),
    ]
    if terms.isCrashFaultsOnly { rows.append(("WARNING", AdministrationText.crashFaultsOnly)) }
    return labelled(rows)
  }

  var json: JSON {
    var all: [(key: String, value: JSON)] = [("dryRun", true)]
    all += fields
    return .object(all)
  }

  /// What is founded.
  var fields: [(key: String, value: JSON)] {
    var fields: [(key: String, value: JSON)] = [
      ("origin", .text(terms.origin)), ("name", terms.name.json), ("founder", .text(founder.id)),
      (
        "members",
        .array(
          roster.members.map {
            ["id": .text($0.id), "name": $0.name.json, "roles": .array($0.roles.map(JSON.text))]
          })
      ),
      (
        "administrators",
        [
          "members": .array(terms.administrators.map(JSON.text)),
          "threshold": .number(UInt64(terms.threshold)),
          "blockers": .array(AdministrationText.blockers(roster).map(JSON.text)),
        ]
      ), ("quorum", .number(UInt64(terms.quorum))),
      ("validators", .array(terms.validators.map { .text($0.name) })),
    ]
    if terms.isCrashFaultsOnly { fields.append(("crashFaultsOnly", true)) }
    return fields
  }
}
