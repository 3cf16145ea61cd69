import Foundation

/// A figure of ours and, where there is something to compare it with, a yardstick that was measured in the same run.
///
/// Both come in rounds that took turns; what counts are the medians, and the ratio is that of the medians.
struct Measure: Sendable {
  /// Its stable name, for programs: words of small letters and digits with hyphens between.
  let id: String
  /// What is measured, for people.
  let name: String
  /// Of the figure and the yardstick, such as `nodes/s`.
  let unit: String
  /// Ours.
  let figure: Spread
  /// What it is compared with.
  let yardstick: Yardstick?
  /// What it should be; nil for what is only told.
  let goal: Goal?

  /// What a figure is compared with.
  struct Yardstick: Sendable {
    /// What it is, such as `OpenSSL SHA256(), one shot`.
    let name: String
    let figure: Spread
  }

  /// A measure of as many rounds as there are `figures`, one or more.
  ///
  /// - Parameters:
  ///   - figures: ours, one a round, in `unit`.
  ///   - yardstick: what they are compared with, and its figures: as many, in the same unit.
  ///   - goal: of the ratio where there is a yardstick, else of the figure.
  init(
    _ id: String, _ name: String, unit: String, _ figures: [Double],
    against yardstick: (name: String, figures: [Double])? = nil, goal: Goal? = nil
  ) {
    precondition(yardstick.map { $0.figures.count == figures.count } ?? true, "rounds that took turns")
    (self.id, self.name, self.unit, self.goal) = (id, name, unit, goal)
    figure = Spread(figures)
    self.yardstick = yardstick.map { Yardstick(name: $0.name, figure: Spread($0.figures)) }
  }

  /// Our median over the yardstick's, or nil where there is none.
  var ratio: Double? { yardstick.map { figure.median / $0.figure.median } }

  /// What the goal is about: the ratio, or the figure where there is no yardstick.
  var judged: Double { ratio ?? figure.median }

  /// How far the goal is reached, or nil where there is none.
  var reached: Goal.Reached? { goal?.reached(by: judged) }

  /// One object, whatever the command.
  var json: JSON {
    [
      "measure": .text(id), "name": .text(name), "unit": .text(unit),
      "rounds": .number(UInt64(figure.rounds.count)),
      "figure": .double(figure.median), "figureMin": .double(figure.least), "figureMax": .double(figure.most),
      "yardstick": JSON(yardstick?.name),
      "yardstickFigure": JSON(yardstick?.figure.median), "yardstickMin": JSON(yardstick?.figure.least),
      "yardstickMax": JSON(yardstick?.figure.most), "ratio": JSON(ratio),
      "better": JSON(goal?.better.rawValue), "must": JSON(goal?.must), "aim": JSON(goal?.aim),
      "reached": JSON(reached?.rawValue),
    ]
  }
}

/// What was measured in the rounds.
struct Spread: Sendable {
  /// In the order of the rounds, one or more.
  let rounds: [Double]
  /// The middle one; of an even number, the mean of the two in the middle.
  let median: Double
  let least: Double
  let most: Double

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
struct Goal: Sendable {
  /// Which way is good.
  enum Better: String, Sendable { case more, less }

  /// How far it is reached.
  enum Reached: String, Sendable {
    case aim, must
    case missed = "no"
  }

  let better: Better
  /// What it must be.
  let must: Double
  /// What it is hoped to be; nil where nothing is hoped beyond.
  let aim: Double?

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
