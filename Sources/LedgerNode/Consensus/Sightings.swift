/// What a node has heard of the validators, itself among them: how far each is, and whether its clock agrees with the others'.
struct Sightings {
  /// What was heard of one.
  struct Sighting {
    /// The height that it works on, and the round.
    var height: UInt64
    var round: Int
    /// When it was heard of last, in ms since the epoch.
    var time: UInt64
  }

  private var all: [String: Sighting] = [:]
  /// When each has cosigned, in s since the epoch, at the newest heights, and how much later than it came that is by this node's clock.
  private var cosigned: [UInt64: [String: (time: UInt64, lead: Int?)]] = [:]
  private var offsets: [String: Int] = [:]

  /// At so many heights cosignatures are compared: whoever is slow cosigns when the others have gone on.
  private static let heights: UInt64 = 4
  /// Of fewer times none is the middle.
  private static let leastTimes = 3

  /// What was heard of a validator; nil where nothing was.
  subscript(name: String) -> Sighting? { all[name] }

  /// By how many s a validator's clock is ahead of the others'; nil where it is not known.
  func offset(of name: String) -> Int? { offsets[name] }

  /// The greatest height that more than `faults` of them work on: one that lies may name any.
  func height(beyond faults: Int) -> UInt64 {
    let heights = all.values.map(\.height).sorted(by: >)
    return faults < heights.count ? heights[faults] : 0
  }

  /// Takes note that a validator works on a height, in a round.
  mutating func see(_ name: String, height: UInt64, round: Int = 0, at time: UInt64) {
    var sighting = all[name] ?? Sighting(height: height, round: round, time: time)
    if height > sighting.height { (sighting.height, sighting.round) = (height, round) }
    if height == sighting.height { sighting.round = max(sighting.round, round) }
    sighting.time = max(sighting.time, time)
    all[name] = sighting
  }

  /// Takes note that a validator has cosigned a height at `seconds`.
  ///
  /// - Parameter arrival: when that came, by this node's clock; nil for its own. Who cosigns late by a clock that agrees with this one is
  ///   slow, and its clock is not off.
  mutating func cosigned(_ name: String, height: UInt64, at seconds: UInt64, arrival: UInt64? = nil) {
    cosigned[height, default: [:]][name] = (seconds, arrival.map { Sightings.difference(seconds, $0) })
    let newest = cosigned.keys.max() ?? height
    for old in cosigned.keys where old + Sightings.heights <= newest { cosigned[old] = nil }
    guard let times = cosigned[height], times.count >= Sightings.leastTimes else { return }
    let middle = times.values.map(\.time).sorted()[(times.count - 1) / 2]
    for (name, cosignature) in times {
      let offset = Sightings.difference(cosignature.time, middle)
      offsets[name] = cosignature.lead.map { abs($0) < abs(offset) ? $0 : offset } ?? offset
    }
  }

  private static func difference(_ one: UInt64, _ other: UInt64) -> Int {
    one >= other ? Int(clamping: one - other) : -Int(clamping: other - one)
  }

  /// Forgets those that are no validators.
  mutating func keep(_ names: [String]) {
    all = all.filter { names.contains($0.key) }
    offsets = offsets.filter { names.contains($0.key) }
  }
}
