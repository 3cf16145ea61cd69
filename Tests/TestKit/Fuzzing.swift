import Foundation

/// A small, fast, repeatable generator (SplitMix64), so that a failing run can be repeated from its seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that always gives the same numbers for the same `seed`.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
  }
}

/// Feeds a parser with random bytes and with mutations of good inputs.
public enum Fuzzing {
  /// How many inputs a parser gets: `ZHENG_FUZZ_INPUTS`, or 2,000; `make soak` asks for a million.
  public static let inputs =
    ProcessInfo.processInfo.environment["ZHENG_FUZZ_INPUTS"].flatMap(Int.init) ?? 2_000

  /// The seed of this run: `ZHENG_FUZZ_SEED`, or a fresh one. It is printed with each run.
  public static let seed =
    ProcessInfo.processInfo.environment["ZHENG_FUZZ_SEED"].flatMap { UInt64($0) }
    ?? UInt64.random(in: .min ... .max)

  /// Calls `parse` with `inputs` byte strings: one in eight random, the others mutations of `samples`.
  ///
  /// `parse` fails its test by itself; it must neither trap nor hang.
  public static func run(
    _ name: String, samples: [[UInt8]], inputs: Int = Fuzzing.inputs, parse: ([UInt8]) throws -> Void
  ) rethrows {
    print("fuzz \(name): \(inputs) inputs, ZHENG_FUZZ_SEED=\(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<inputs {
      if samples.isEmpty || UInt8.random(in: 0..<8, using: &generator) == 0 {
        try parse(generator.bytes(Int.random(in: 0...200, using: &generator)))
      } else {
        let first = samples.randomElement(using: &generator)!
        let second = samples.randomElement(using: &generator)!
        try parse(mutated(first, with: second, using: &generator))
      }
    }
  }

  /// One to four changes to `input`: a bit flipped, a byte set, a run removed, repeated, or taken from `other`.
  public static func mutated(_ input: [UInt8], with other: [UInt8], using generator: inout SeededGenerator)
    -> [UInt8]
  {
    var bytes = input
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard !bytes.isEmpty else { return generator.bytes(8) }
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(bytes.count, at + Int.random(in: 1...32, using: &generator))
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
      case 2: bytes.removeSubrange(at..<end)
      case 3: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 4: bytes.removeSubrange(at...)
      case 5:
        bytes[at] = [0x00, 0xff, 0x7f, 0x80, 0x0a, 0x20, 0x18, 0x1b, 0x5f, 0x9f].randomElement(
          using: &generator)!
      default:
        guard !other.isEmpty else { continue }
        let from = Int.random(in: 0..<other.count, using: &generator)
        bytes.replaceSubrange(at..<end, with: other[from..<min(other.count, from + 32)])
      }
    }
    return bytes
  }
}
