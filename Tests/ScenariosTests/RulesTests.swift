import Ledger
import Scenarios
import Testing

@Test("plain records are judged beside the scenarios")
func plainRecords() {
  #expect(Scenarios.rules.contains { $0 is PlainRecords })
}

@Test("a roster that was founded before there were scenarios is judged without them, and may begin with them")
func olderRosters() throws {
  let old = try Parameters()
  #expect(old[Parameters.evidenceRules] == 0 && old[Parameters.sharingRules] == 0)
  #expect(old[Parameters.deliveryDays] == 20 && old[Parameters.conditionalReplyDays] == 10)
  let founded = try Parameters(with: Scenarios.rules.flatMap(\.parameters))
  #expect(founded[Parameters.evidenceRules] == 1 && founded[Parameters.sharingRules] == 1)
  let changed = try old.setting("evidence-rules", to: 1)
  #expect(changed[Parameters.evidenceRules] == 1 && changed[Parameters.sharingRules] == 0)
}
