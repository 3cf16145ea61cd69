import Foundation

/// Ways to do something, measured in turns: whatever slows the machine for a while slows all of them.
package enum Rounds {
  /// How often each way has its turn where nothing else is said; odd, so that a median is one of the rounds.
  package static let usual = 7

  /// What each of `ways` gives in `rounds` rounds, in each of which every way has one turn, in their order.
  ///
  /// - Returns: for each way its figures, one a round.
  static func run(_ rounds: Int, _ ways: [() throws -> Double]) throws -> [[Double]] {
    var figures = [[Double]](repeating: [], count: ways.count)
    for _ in 0..<rounds {
      for (number, way) in ways.enumerated() { figures[number].append(try way()) }
    }
    return figures
  }

  /// How long each of `loops` takes for one item, in s of this thread's processor time.
  ///
  /// Before the rounds each loop warms up, where it is found out how many items fill a turn.
  ///
  /// - Parameters:
  ///   - seconds: how long a turn lasts.
  ///   - loops: each does as many items as it is told, one after the other.
  static func secondsEach(
    _ rounds: Int, turn seconds: Double, _ loops: [(Int) throws -> Void]
  ) throws -> [[Double]] {
    let counts = try loops.map { try itemsFilling(seconds, $0) }
    return try run(
      rounds,
      zip(loops, counts).map { loop, count in
        { try Rounds.threadSeconds { try loop(count) } / Double(count) }
      })
  }

  private static func itemsFilling(_ seconds: Double, _ loop: (Int) throws -> Void) throws -> Int {
    var count = 1
    while true {
      let taken = try threadSeconds { try loop(count) }
      if taken >= seconds / 2 { return max(1, Int(Double(count) * seconds / taken)) }
      count *= 2
    }
  }

  /// The processor time that `body` takes on this thread, in s: what other processes take does not count, as it doesn't with
  /// `openssl speed`.
  static func threadSeconds(_ body: () throws -> Void) rethrows -> Double {
    let start = threadClock
    try body()
    return max(1e-9, threadClock - start)
  }

  /// The time that passes while `body` runs, in s.
  static func wallSeconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return max(1e-9, (ContinuousClock.now - start) / .seconds(1))
  }

  private static var threadClock: Double {
    var time = timespec()
    guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else {
      preconditionFailure("a thread has a clock")
    }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
