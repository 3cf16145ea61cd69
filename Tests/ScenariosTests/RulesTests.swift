import Ledger
import Scenarios
import Testing

@Test("plain records are judged beside the scenarios")
func plainRecords() {
  #expect(Scenarios.rules.contains { $0 is PlainRecords })
}
