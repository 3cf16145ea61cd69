import Ledger
import Scenarios
import Testing

@Suite("Scenarios as they are registered")
struct ScenarioTests {
  @Test("keys stand in their canonical order, in payloads and records", arguments: Scenarios.all.map(\.name))
  func order(_ name: String) throws {
    func check(_ fields: [FieldDescription], _ list: String) {
      let keys = fields.map { Array($0.key.utf8) }
      for (key, next) in zip(keys, keys.dropFirst()) {
        let isRight = key.count < next.count || key.count == next.count && key.lexicographicallyPrecedes(next)
        #expect(isRight, "\(list): \(String(decoding: next, as: UTF8.self))")
      }
      for field in fields {
        switch field.content {
        case .map(let inner), .maps(_, let inner): check(inner, "\(list).\(field.key)")
        default: break
        }
      }
    }
    let scenario = try #require(Scenarios.all.first { $0.name == name })
    for kind in scenario.kinds { check(kind.fields, kind.name) }
    for record in scenario.records { check(record.fields, record.name) }
  }

  @Test("every kind has a row in the table, and every row a kind")
  func rows() {
    for scenario in Scenarios.all {
      #expect(scenario.kinds.map(\.name) == scenario.transitions.map(\.kind))
      for row in scenario.transitions where row.countersigner != nil {
        #expect(scenario.roles.contains { $0.id == row.countersigner })
      }
    }
    #expect(Evidence.scenario.kinds.map(\.name) == EvidenceKind.allCases.map(\.rawValue))
    #expect(DataSharing.scenario.kinds.map(\.name) == SharingKind.allCases.map(\.rawValue))
  }

  @Test("a view shows fields that the record has")
  func views() {
    for scenario in Scenarios.all {
      var known = Set(
        scenario.kinds.flatMap(\.fields).flatMap(names) + scenario.records.flatMap(\.fields).flatMap(names))
      known.formUnion(["occurred", "statement"])
      for view in scenario.views {
        for part in view.query.components("name = '") {
          #expect(known.contains(part), "\(view.name): \(part)")
        }
      }
    }
  }

  private func names(_ field: FieldDescription) -> [String] {
    guard case .map(let inner) = field.content else { return [field.key] }
    return inner.flatMap(names).map { "\(field.key).\($0)" }
  }

  @Test("the table of evidence is the one that was agreed")
  func table() {
    #expect(
      Evidence.scenario.table.split(separator: "\n").dropFirst(2).map {
        $0.split(separator: "|").prefix(3).joined(separator: "|")
      } == [
        " `deposit` | – → deposited | collector, custodian ",
        " `seal` | deposited → sealed | the item's custodian ",
        " `offer` | sealed → in-transit | the item's custodian ",
        " `accept` | in-transit → sealed, disputed | the receiver ",
        " `decline` | in-transit → disputed | the receiver ",
        " `resolve` | disputed → sealed, disposed | the item's custodian, and the countersignature of: supervisor ",
        " `examine` | sealed → examining | the item's custodian, with the role examiner ",
        " `reseal` | examining → sealed | the item's custodian ",
        " `present` | deposited, sealed, in-transit, examining, disputed → unchanged | court, notary, the item's custodian ",
        " `hold` | deposited, sealed, in-transit, examining, disputed → unchanged | court ",
        " `lift` | deposited, sealed, in-transit, examining, disputed → unchanged | court ",
        " `release` | sealed → released, disposed | the item's custodian, and the countersignature of: court ",
        " `renew` | deposited, sealed, in-transit, examining, disputed → unchanged | the item's custodian ",
        " `correct` | deposited, sealed, in-transit, examining, disputed, released, disposed → unchanged | the issuer of what is corrected ",
      ])
  }
}

extension String {
  /// What follows each `mark`, up to the next quotation mark.
  fileprivate func components(_ mark: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let place = rest.firstRange(of: mark) {
      rest = rest[place.upperBound...]
      parts.append(String(rest.prefix { $0 != "'" }))
    }
    return parts
  }
}
