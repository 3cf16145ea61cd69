import Consortium
import Testing

@Suite("Without a part of the rule the simulator finds what it is for")
struct ControlTests {
  /// How many schedules are looked through.
  static let most: UInt64 = 500

  /// Whether a schedule shows this failure.
  private func find(_ failure: Simulation.Failure, _ change: (inout Simulation.Setting) -> Void) -> Bool {
    var setting = Simulation.Setting()
    setting.heals = failure == .stuck
    change(&setting)
    return Outcome(0..<ControlTests.most, setting) { $0.has(failure) }.has(failure)
  }

  @Test(
    "Where a round that was skipped can be confirmed, a late certificate forks it; with the rule the same schedule does not"
  )
  func withoutExclusion() {
    var rules = Rules.standard
    rules.confirmExcludesSkip = false
    #expect(Simulation.lateCertificate(rules).failure == .fork)
    let world = Simulation.lateCertificate(.standard)
    #expect(world.failure == nil && world.decided.count == 1)
    world.heal()
    #expect(world.failure == nil)
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

  @Test(
    "Where voters do not look at J, a liar that leads the next round forks it; with J the same schedule goes on"
  )
  func withoutJustification() {
    var rules = Rules.standard
    rules.checksJustification = false
    #expect(Simulation.unjustifiedProposal(rules).failure == .fork)
    let world = Simulation.unjustifiedProposal(.standard)
    #expect(world.failure == nil && world.decided.count == 1)
    #expect(world.nodes[0].process?.participant.agreement.round == 1)
    world.heal()
    #expect(world.failure == nil)
  }

  @Test(
    "Where a lost journal is gone on with from height c + 1, a liar forks it; from c + 2 the same schedule does not"
  )
  func withSmallMargin() {
    var rules = Rules.standard
    rules.amnesiaMargin = 1
    #expect(Simulation.forgottenVote(rules).failure == .fork)
    let world = Simulation.forgottenVote(.standard)
    #expect(world.failure == nil && world.decided.count == 1)
    #expect(world.nodes[0].process?.participant.isAmnesic == false)
    // One without its journal and one that lies are more than f: nothing need move, and nothing may fork.
    world.heal()
    #expect(world.failure == nil || world.failure == .stuck)
  }
}
