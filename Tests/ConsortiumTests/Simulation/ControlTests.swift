import Consortium
import Testing

@Suite("Without a part of the rule the simulator finds what it is for")
struct ControlTests {
  /// How many schedules are looked through.
  static let most: UInt64 = 500

  /// Whether a schedule shows this failure.
  ///
  /// - Parameter first: the seed to begin with, for what is rare.
  private func find(
    _ failure: Simulation.Failure, from first: UInt64 = 0, _ change: (inout Simulation.Setting) -> Void
  ) -> Bool {
    var setting = Simulation.Setting()
    setting.heals = failure == .stuck
    change(&setting)
    let outcome = Outcome(first..<first + ControlTests.most, setting) { $0.has(failure) }
    print(
      "\(failure) after seed \(outcome.failures[failure].map(String.init) ?? "none"); \(outcome.failures)")
    return outcome.has(failure)
  }

  @Test("Where a round that was skipped can be confirmed, it forks")
  func withoutExclusion() {
    #expect(find(.fork) { $0.rules.confirmExcludesSkip = false })
  }

  @Test("With a quorum of 2 of 4, it forks")
  func withSmallQuorum() {
    #expect(find(.fork) { $0.quorum = 2 })
  }

  @Test("Where nobody passes on what let it into a round, it gets stuck")
  func withoutEnter() {
    #expect(find(.stuck) { $0.rules.passesEntryOn = false })
  }

  @Test("Where a cosignature does not show the decision, it gets stuck")
  func withoutDecision() {
    #expect(find(.stuck) { $0.rules.showsDecision = false })
  }
}
