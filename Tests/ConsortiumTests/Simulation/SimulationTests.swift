import Consortium
import TestKit
import Testing

/// What a number of schedules came to: each failure with the first seed that shows it.
struct Outcome {
  var failures: [Simulation.Failure: UInt64] = [:]

  /// Runs schedules until `enough` says so, or all are run.
  init(
    _ seeds: Range<UInt64>, _ setting: Simulation.Setting = .init(),
    until enough: (Outcome) -> Bool = { _ in false }
  ) {
    for seed in seeds where !enough(self) {
      let simulation = Simulation(seed: seed, setting)
      guard let failure = simulation.run(), failures[failure] == nil else { continue }
      failures[failure] = seed
      print("seed \(seed): \(failure)\n\(simulation)")
    }
  }

  func has(_ failure: Simulation.Failure) -> Bool { failures[failure] != nil }
}

@Suite("Simulated validators")
struct SimulationTests {
  /// How many schedules run: a million in the long run. A failure names its seed, which repeats it.
  static let count: UInt64 = Soak.isOn ? 1_000_000 : 500

  @Test(
    "Whatever the network, the board and one liar do, nothing forks, and each schedule ends in a block more")
  func schedules() {
    #expect(Outcome(0..<SimulationTests.count).failures == [:])
  }

  @Test("A journal that is lost inside a height, beside a liar, leads to no fork")
  func lostJournal() {
    var setting = Simulation.Setting()
    setting.losesJournal = true
    // One without its journal and one that lies are more than f: nothing need move.
    setting.heals = false
    #expect(Outcome(0..<SimulationTests.count, setting).failures == [:])
    setting.heals = true
    setting.hasLiar = false
    #expect(Outcome(0..<SimulationTests.count / 4, setting).failures == [:])
  }

  @Test("Killed at each write of the journal, before or after it is on the disk, a validator goes on")
  func killedAtEachWrite() {
    for seed in 0..<2 as Range<UInt64> {
      var undisturbed = Simulation.Setting()
      undisturbed.isDisturbed = false
      undisturbed.hasLiar = false
      let simulation = Simulation(seed: seed, undisturbed)
      #expect(simulation.run() == nil)
      let writes = simulation.nodes[0].journal.writes
      #expect(writes > 2)
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
}
