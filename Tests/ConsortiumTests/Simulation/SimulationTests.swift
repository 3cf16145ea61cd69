import Consortium
import TestKit
import Testing

/// What a number of schedules came to: each failure with the first seed that shows it.
struct Outcome {
  var failures: [Simulation.Failure: UInt64] = [:]
  /// What was done to the validators in any of the schedules.
  var disturbances: Set<Simulation.Disturbance> = []

  /// Runs schedules until `enough` says so, or all are run.
  init(
    _ seeds: Range<UInt64>, _ setting: Simulation.Setting = .init(),
    until enough: (Outcome) -> Bool = { _ in false }
  ) {
    for seed in seeds where !enough(self) {
      let simulation = Simulation(seed: seed, setting)
      let failure = simulation.run()
      disturbances.formUnion(simulation.disturbances)
      guard let failure, failures[failure] == nil else { continue }
      failures[failure] = seed
      print("seed \(seed): \(failure)\n\(simulation)")
    }
  }

  func has(_ failure: Simulation.Failure) -> Bool { failures[failure] != nil }
}

@Suite("Simulated validators")
struct SimulationTests {
  /// How many schedules run: a million in the long run. A failure names its seed, which repeats it.
  static let count: UInt64 = Soak.isOn ? 1_000_000 : 10_000
  /// Of what each of the other settings runs a tenth, and two processors a part each.
  private static func tenth(_ number: UInt64) -> Range<UInt64> {
    number * count / 10..<(number + 1) * count / 10
  }

  @Test(
    "Whatever the network, the board and one liar do, nothing forks, and each schedule ends in a block more",
    arguments: 0..<5 as Range<UInt64>)
  func schedules(part: UInt64) {
    let outcome = Outcome(part * SimulationTests.count / 5..<(part + 1) * SimulationTests.count / 5)
    #expect(outcome.failures == [:])
    let others: Set<Simulation.Disturbance> = [.lostJournal, .restart]
    #expect(outcome.disturbances == Set(Simulation.Disturbance.allCases).subtracting(others))
  }

  @Test("A liar that shows each message to one validator alone leads nobody astray")
  func shownToOne() {
    var setting = Simulation.Setting()
    setting.showsToOne = true
    #expect(Outcome(SimulationTests.tenth(0), setting).failures == [:])
  }

  @Test(
    "A journal that is lost inside a height, beside a liar, leads to no fork, and without one to no standstill"
  )
  func lostJournal() {
    var setting = Simulation.Setting()
    setting.lostJournals = 1
    // One without its journal and one that lies are more than f: nothing need move.
    setting.heals = false
    #expect(Outcome(SimulationTests.tenth(1), setting).failures == [:])
    setting.heals = true
    setting.hasLiar = false
    #expect(Outcome(SimulationTests.tenth(2), setting).failures == [:])
  }

  @Test("However many lose their journals, a restart that all sign goes on, and contradicts no final block")
  func restarts() {
    var setting = Simulation.Setting()
    setting.lostJournals = 4
    setting.hasLiar = false
    let outcome = Outcome(SimulationTests.tenth(3), setting)
    #expect(outcome.failures == [:])
    #expect(outcome.disturbances.isSuperset(of: [.lostJournal, .restart]))
  }

  @Test("Killed at each write to its disk, before or after it is there, a validator goes on")
  func killedAtEachWrite() {
    for seed in 0..<2 as Range<UInt64> {
      var undisturbed = Simulation.Setting()
      undisturbed.isDisturbed = false
      undisturbed.hasLiar = false
      let simulation = Simulation(seed: seed, undisturbed)
      #expect(simulation.run() == nil)
      let writes = simulation.nodes[0].journal.writes
      #expect(writes > 4)
      for count in 0..<writes {
        for isKept in [false, true] {
          var setting = Simulation.Setting()
          setting.hasLiar = false
          setting.killed = (count, isKept)
          #expect(Simulation(seed: seed, setting).run() == nil, "killed after \(count) writes")
        }
      }
    }
  }

  @Test(
    "After hundreds of rounds at one height, with a validator that starts again, the next leader's block is decided"
  )
  func manyRounds() {
    let rounds = Soak.isOn ? 2_000 : 500
    var setting = Simulation.Setting()
    setting.isDirected = true
    setting.hasLiar = false
    let world = Simulation(seed: 0, setting)
    for _ in 0..<rounds {
      world.deliver(losingOthers: true) { message, _ in message.ballot.kind != .propose }
      world.runOut([0, 1, 2, 3])
    }
    world.deliver(losingOthers: true) { message, _ in message.ballot.kind != .propose }
    #expect(world.nodes.allSatisfy { $0.process?.participant.agreement.round == rounds })
    world.kill(world.nodes[3])
    world.heal()
    #expect(world.failure == nil)
  }
}
