import Foundation
import LedgerCrypto

/// Measures ways to hash side by side, in rounds: whatever slows the machine for a while slows all of them.
struct HashRace {
  /// What one way took for messages of one size.
  struct Result {
    let contender: HashContender
    let byteCount: Int
    /// The median of the rounds, for one message.
    let nanoseconds: Double
    /// The median of the rounds' ratios to `HashContender.reusedContext`.
    let ratio: Double
    /// The median over the rounds of how many times as fast it is as `HashContender.oneShot`.
    let oneShots: Double
    /// The median over the rounds of how many times as fast it is, by the byte, as `HashContender.reusedContext` on messages of
    /// `yardstickByteCount`.
    let yardsticks: Double

    var megabytesPerSecond: Double { Double(byteCount) * 1000 / nanoseconds }
  }

  /// How often each is measured; odd, so that a median is one of them.
  static let rounds = 7
  /// A node, small and large records, files.
  static let byteCounts = [HashContender.nodeByteCount, 256, 1024, 4096, 16_384, 1 << 20]

  /// Long enough that what it takes to begin a message does not count.
  static let yardstickByteCount = 16_384

  /// How long one way runs in one round.
  private let slot: Double

  /// A race that takes about `seconds`.
  init(seconds: Double) {
    let slots = HashRace.byteCounts.map { size in HashContender.all.count { $0.hashes(size) } + 1 }.reduce(
      0, +)
    // A slot for each to warm up in, where it is found out how many messages fill one.
    slot = seconds / Double(slots * (HashRace.rounds + 1))
  }

  /// The results for messages of `byteCount` bytes, in the order of `HashContender.all`.
  func results(_ byteCount: Int) -> [Result] {
    let contenders = HashContender.all.filter { $0.hashes(byteCount) }
    let message = HashRace.message(byteCount)
    var ways = contenders.map { $0.prepared(message) }
    ways.append(HashContender.reusedContext.prepared(HashRace.message(HashRace.yardstickByteCount)))
    let counts = ways.map(count)
    var taken = [[Double]](repeating: [], count: ways.count)
    for _ in 0..<HashRace.rounds {
      for (number, way) in ways.enumerated() {
        taken[number].append(HashRace.seconds(way, counts[number]) / Double(counts[number]))
      }
    }
    let oneShots = contenders.firstIndex(of: .oneShot).map { taken[$0] } ?? taken[0]
    let yardstick = taken[ways.count - 1].map { $0 / Double(HashRace.yardstickByteCount) }
    return zip(contenders, taken).map { contender, times in
      Result(
        contender: contender, byteCount: byteCount, nanoseconds: HashRace.median(times) * 1e9,
        ratio: HashRace.median(zip(times, taken[0]).map { $0 / $1 }),
        oneShots: HashRace.median(zip(oneShots, times).map { $0 / $1 }),
        yardsticks: HashRace.median(zip(yardstick, times).map { $0 * Double(byteCount) / $1 }))
    }
  }

  private static func message(_ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 0x9d &+ $0 >> 8) }
  }

  /// How many messages fill a slot.
  private func count(_ way: (Int) -> Digest) -> Int {
    var count = 1
    while true {
      let taken = HashRace.seconds(way, count)
      if taken >= slot / 2 { return max(1, Int(Double(count) * slot / taken)) }
      count *= 2
    }
  }

  private static func seconds(_ way: (Int) -> Digest, _ count: Int) -> Double {
    let start = HashRace.threadSeconds
    let digest = way(count)
    let taken = HashRace.threadSeconds - start
    precondition(digest != .zero, "a digest is not zero")
    return max(1e-9, taken)
  }

  /// The processor time of this thread: what other processes take does not count, as it doesn't with `openssl speed`.
  static var threadSeconds: Double {
    var time = timespec()
    guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else {
      preconditionFailure("a thread has a clock")
    }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The middle one.
  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
