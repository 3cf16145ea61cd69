/// What the rules of the scenarios add to the validation of a record: processor time of one core.
///
/// Statements of both scenarios, each item and each request going its way, and beside each a plain record of the same bytes under
/// another type. Both are validated in one run, in rounds that take turns: decoded, hashed, their signatures verified, and judged. The
/// rules' share is the difference of the judgements alone, so that the noise of the signatures is not in it.
package struct RulesMeasurement: Measurement {
  package static let title = "What the rules of the scenarios add to a record, one core"

  /// How many statements of each scenario.
  let records: Int

  package init(records: Int) { self.records = records }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    let scene = try ScratchFolder.with(in: nil, watcher.note) { try ScenarioScene(in: $0) }
    for (name, statements) in [
      ("evidence", try scene.evidence(records)), ("sharing", try scene.sharing(records)),
    ] {
      let race = RulesRace(scene: scene, scenario: statements, plain: try scene.plain(statements))
      for measure in try race.measures(name, rounds: rounds) { try report(measure) }
    }
  }
}

/// Two ways of the same statements through the validation core.
private struct RulesRace {
  let scene: ScenarioScene
  let scenario: [[UInt8]]
  let plain: [[UInt8]]

  /// What `name`'s rules add, and the validation of its records beside that of plain ones; µs a record.
  func measures(_ name: String, rounds: Int) throws -> [Measure] {
    var (whole, added, plainWhole): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<rounds {
      let (ours, theirs) = (try scene.validate(scenario), try scene.validate(plain))
      let each = 1e6 / Double(scenario.count)
      whole.append((ours.checking + ours.judging) * each)
      plainWhole.append((theirs.checking + theirs.judging) * each)
      added.append((ours.judging - theirs.judging) * each)
    }
    return [
      Measure(
        "\(name)-rules", "what the rules of \(name) add", unit: "µs", added,
        goal: .rules(plain: Spread(plainWhole).median)),
      Measure(
        "\(name)-whole", "validation of a record of \(name)", unit: "µs", whole,
        against: ("a plain record of the same bytes", plainWhole)),
    ]
  }
}
