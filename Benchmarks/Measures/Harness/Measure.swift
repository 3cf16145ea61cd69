/// A figure of ours and, where there is something to compare it with, a yardstick that was measured in the same run.
///
/// Both come in rounds that took turns; what counts are the medians, and the ratio is that of the medians.
package struct Measure: Sendable {
  /// Its stable name, for programs: words of small letters and digits with hyphens between.
  package let id: String
  /// What is measured, for people.
  package let name: String
  /// Of the figure and the yardstick, such as `nodes/s`.
  package let unit: String
  /// Ours.
  package let figure: Spread
  /// What it is compared with.
  package let yardstick: Yardstick?
  /// What it should be; nil for what is only told.
  package let goal: Goal?

  /// What a figure is compared with.
  package struct Yardstick: Sendable {
    /// What it is, such as `OpenSSL SHA256(), one shot`.
    package let name: String
    package let figure: Spread
  }

  /// A measure of as many rounds as there are `figures`, one or more.
  ///
  /// - Parameters:
  ///   - figures: ours, one a round, in `unit`.
  ///   - yardstick: what they are compared with, and its figures: as many, in the same unit.
  ///   - goal: of the ratio where there is a yardstick, else of the figure.
  package init(
    _ id: String, _ name: String, unit: String, _ figures: [Double],
    against yardstick: (name: String, figures: [Double])? = nil, goal: Goal? = nil
  ) {
    precondition(yardstick.map { $0.figures.count == figures.count } ?? true, "rounds that took turns")
    (self.id, self.name, self.unit, self.goal) = (id, name, unit, goal)
    figure = Spread(figures)
    self.yardstick = yardstick.map { Yardstick(name: $0.name, figure: Spread($0.figures)) }
  }

  /// Our median over the yardstick's, or nil where there is none.
  package var ratio: Double? { yardstick.map { figure.median / $0.figure.median } }

  /// What the goal is about: the ratio, or the figure where there is no yardstick.
  package var judged: Double { ratio ?? figure.median }

  /// How far the goal is reached, or nil where there is none.
  package var reached: Goal.Reached? { goal?.reached(by: judged) }
}

/// What was measured in the rounds.
package struct Spread: Sendable {
  /// In the order of the rounds, one or more.
  package let rounds: [Double]
  /// The middle one; of an even number, the mean of the two in the middle.
  package let median: Double
  package let least: Double
  package let most: Double

  /// Traps where there is no round.
  init(_ rounds: [Double]) {
    let sorted = rounds.sorted()
    guard let least = sorted.first, let most = sorted.last else { preconditionFailure("no round") }
    (self.rounds, self.least, self.most) = (rounds, least, most)
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// What `share` of the rounds do not exceed, 0...1: 0.99 gives the 99th percentile (nearest rank).
  func percentile(_ share: Double) -> Double {
    let sorted = rounds.sorted()
    return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
  }
}

/// What a measure should be.
package struct Goal: Sendable {
  /// Which way is good.
  package enum Better: String, Sendable { case more, less }

  /// How far it is reached.
  package enum Reached: String, Sendable {
    case aim, must
    case missed = "no"
  }

  package let better: Better
  /// What it must be.
  package let must: Double
  /// What it is hoped to be; nil where nothing is hoped beyond.
  package let aim: Double?

  static func atLeast(_ must: Double, aim: Double? = nil) -> Goal {
    Goal(better: .more, must: must, aim: aim)
  }

  static func atMost(_ must: Double, aim: Double? = nil) -> Goal {
    Goal(better: .less, must: must, aim: aim)
  }

  /// How far `value` reaches it: a value that is just what is asked for does.
  func reached(by value: Double) -> Reached {
    func passes(_ limit: Double) -> Bool { better == .more ? value >= limit : value <= limit }
    if let aim, passes(aim) { return .aim }
    return passes(must) ? .must : .missed
  }
}
