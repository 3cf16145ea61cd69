/// How long something takes each time, in rounds.
struct Timings {
  private let id: String
  private let name: String
  private var round: [Double] = []
  private var medians: [Double] = []
  private var tails: [Double] = []

  init(_ id: String, _ name: String) { (self.id, self.name) = (id, name) }

  /// Takes note of one time, in s.
  mutating func add(_ seconds: Double) { round.append(seconds) }

  mutating func endRound() {
    let spread = Spread(round)
    medians.append(spread.median)
    tails.append(spread.percentile(0.99))
    round.removeAll(keepingCapacity: true)
  }

  /// The median of each round's medians, of which something is asked, and of its 99th percentiles.
  func measures(_ goal: Goal, unit: String = "µs") -> [Measure] {
    let factor = unit == "ms" ? 1e3 : 1e6
    return [
      Measure(id, name, unit: unit, medians.map { $0 * factor }, goal: goal),
      Measure("\(id)-p99", "  the slowest in a hundred", unit: unit, tails.map { $0 * factor }),
    ]
  }
}
