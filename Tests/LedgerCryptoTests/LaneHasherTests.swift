import LedgerCrypto
import TestKit
import Testing

@Suite("SHA-256 in lanes")
struct LaneHasherTests {
  /// The kernels that this machine has the instructions for, and nil for libcrypto alone.
  static let kernels: [LaneKernel?] =
    [nil] + LaneKernel.all.filter { $0.state == .used || $0.state == .spare }

  /// The digests that libcrypto gives, one message after the other.
  private static func expected(_ bytes: [UInt8], _ ranges: [Range<Int>], prefix: UInt8?) -> [Digest] {
    var sha256 = SHA256()
    return ranges.map { range in
      let message = bytes.span.extracting(range)
      return prefix.map { sha256.digest(prefix: $0, message) } ?? sha256.digest(message)
    }
  }

  private static func expectSame(
    _ bytes: [UInt8], _ ranges: [Range<Int>], prefix: UInt8?, _ hasher: inout LaneHasher,
    _ what: @autoclosure () -> String
  ) {
    var digests = [Digest.zero]
    hasher.hash(bytes.span, at: ranges[...], prefix: prefix, appendingTo: &digests)
    let same = digests == [.zero] + expected(bytes, ranges, prefix: prefix)
    #expect(same, "\(what())")
  }

  @Test(
    "every kernel that the processor has the instructions for agrees with libcrypto, and has a name of its own"
  )
  func states() {
    #expect(!LaneKernel.all.contains { $0.state == .faulty })
    #expect(Set(LaneKernel.all.map(\.name)).count == LaneKernel.all.count)
    #expect(LaneKernel.all.count { $0.state == .used } <= 2)
    #expect(LaneKernel.all.map(\.lanes) == LaneKernel.all.map(\.lanes).sorted(by: >))
  }

  @Test("a kernel that does not agree with libcrypto is said to be faulty, and is not used")
  func faulty() {
    let supported = LaneKernel.all.filter { $0.state != .unsupported }
    let none = LaneKernel.judged { _ in false }
    #expect(none.map(\.name) == LaneKernel.all.map(\.name))
    #expect(none.count { $0.state == .faulty } == supported.count)
    #expect(!none.contains { $0.state == .used || $0.state == .spare })
    for missing in supported {
      let others = LaneKernel.judged { $0 != missing.number }
      #expect(others.filter { $0.state == .faulty }.map(\.name) == [missing.name])
    }
  }

  @Test(
    "the check of a kernel notices a wrong digest, of any node or of messages of any of the lengths that it tries"
  )
  func check() {
    let kernel = LaneKernelCheck(
      hashPairs: { digests, count, prefix in
        var libcrypto = LaneHasher(forcing: nil)
        libcrypto.hashPairs(&digests, count: count, prefix: prefix)
      },
      hash: { bytes, ranges, prefix in Self.expected(bytes, ranges, prefix: prefix) })
    #expect(kernel.agrees)
    let wrong = Digest.zero
    for place in [0, 15, 16, 62] {
      var faulty = kernel
      faulty.hashPairs = { digests, count, prefix in
        kernel.hashPairs(&digests, count, prefix)
        if place < count { digests[place] = wrong }
      }
      #expect(!faulty.agrees, "node \(place)")
    }
    var blind = kernel
    blind.hashPairs = { digests, count, _ in kernel.hashPairs(&digests, count, 0x01) }
    #expect(!blind.agrees, "a kernel that takes every prefix for 0x01")
    let ofGroups = [30, 100, 191, 200, 252, 700]
    for length in [0, 55, 56, 63, 64, 119, 183, 512, 1000] + ofGroups {
      let prefixes: [UInt8?] = ofGroups.contains(length) ? [nil, 0x00] : [nil, 0x00, 0x01]
      for wrongPrefix in prefixes {
        var faulty = kernel
        faulty.hash = { bytes, ranges, prefix in
          zip(ranges, kernel.hash(bytes, ranges, prefix)).map { range, digest in
            range.count == length && prefix == wrongPrefix ? wrong : digest
          }
        }
        #expect(!faulty.agrees, "\(length) bytes")
      }
    }
  }

  @Test("messages of every length from 0 to 600 have libcrypto's digests", arguments: kernels)
  func lengths(kernel: LaneKernel?) {
    var generator = SeededGenerator(seed: 1)
    let bytes = generator.bytes(700)
    var hasher = LaneHasher(forcing: kernel)
    for prefix in [nil, 0x00, 0x01, 0xff] as [UInt8?] {
      for first in stride(from: 0, through: 300, by: 60) {
        // Each at a place of its own, aligned to nothing.
        let ranges = (first..<first + 60).map { $0 % 97..<$0 % 97 + $0 } + [13..<613]
        Self.expectSame(
          bytes, ranges, prefix: prefix, &hasher, "\(first)…, prefix \(prefix.map { Int($0) } ?? -1)")
      }
      for length in 0...600 {
        Self.expectSame(
          bytes, [length % 97..<length % 97 + length, 0..<length], prefix: prefix, &hasher, "twice \(length)")
      }
    }
  }

  @Test(
    "batches of 0 to 40 messages have libcrypto's digests, whatever the order of the lengths",
    arguments: kernels)
  func counts(kernel: LaneKernel?) {
    var generator = SeededGenerator(seed: 2)
    let bytes = generator.bytes(9000)
    var hasher = LaneHasher(forcing: kernel)
    for count in 0...40 {
      for lengths in [
        0...0, 0...64, 50...70, 183...184, 256...256, 440...520, 0...4200, 1000...1100,
      ] {
        var ranges = (0..<count).map { _ in
          let length = Int.random(in: lengths, using: &generator)
          let start = Int.random(in: 0...bytes.count - length, using: &generator)
          return start..<start + length
        }
        Self.expectSame(bytes, ranges, prefix: 0, &hasher, "\(count) of \(lengths)")
        ranges.sort { $0.count < $1.count }
        Self.expectSame(bytes, ranges, prefix: nil, &hasher, "\(count) of \(lengths), short ones first")
      }
    }
  }

  @Test(
    "messages of one length, fewer and more than there are lanes, have libcrypto's digests wherever a block ends",
    arguments: kernels)
  func groups(kernel: LaneKernel?) {
    var generator = SeededGenerator(seed: 5)
    let bytes = generator.bytes(1500)
    var hasher = LaneHasher(forcing: kernel)
    for blocks in 1...6 {
      for length in max(0, 64 * blocks - 74)...64 * blocks + 1 {
        for count in [15, 16, 17, 33] {
          let ranges = (0..<count).map { $0 * 61..<$0 * 61 + length }.filter { $0.upperBound <= bytes.count }
          let prefix: UInt8? = length % 3 == 0 ? nil : UInt8(length % 3 - 1)
          Self.expectSame(bytes, ranges, prefix: prefix, &hasher, "\(count) of \(length)")
        }
      }
    }
    // As many blocks, and not the same length: shuffled, so that each lane gets any of them.
    for blocks in 1...6 {
      for prefix in [nil, 0x00] as [UInt8?] {
        let lengths = (64 * blocks - 74...64 * blocks - 9).filter { $0 >= 0 }.shuffled(using: &generator)
        Self.expectSame(
          bytes, lengths.map { $0 % 7..<$0 % 7 + $0 }, prefix: prefix, &hasher, "\(blocks) blocks")
      }
    }
  }

  @Test(
    "messages of one length and then of another have libcrypto's digests where a block of padding ends them",
    arguments: kernels)
  func paddings(kernel: LaneKernel?) {
    var generator = SeededGenerator(seed: 7)
    let bytes = generator.bytes(1500)
    var hasher = LaneHasher(forcing: kernel)
    for blocks in 1...6 {
      for prefix in [nil, 0x00] as [UInt8?] {
        // One more at both ends, which the padding shares a block with.
        let all = (64 * blocks - 9...64 * blocks + 1).map { prefix == nil ? $0 : $0 - 1 }
        for first in all {
          // Groups of the same length, of another with as many blocks, and of more blocks and fewer.
          let others = [first - 64, first, all[1] + 64, first + 64].filter { $0 > 0 }
          let lengths = all.flatMap { [first, first, $0] } + others
          let ranges = lengths.flatMap { length in (0..<16).map { $0 * 61..<$0 * 61 + length } }
          Self.expectSame(bytes, ranges, prefix: prefix, &hasher, "\(first) bytes and others")
        }
      }
    }
  }

  @Test(
    "nothing is read beyond the messages: neither before the first byte of a page nor behind the last one",
    arguments: kernels)
  func pageEdges(kernel: LaneKernel?) throws {
    var generator = SeededGenerator(seed: 6)
    let bytes = generator.bytes(2 * GuardedBytes.pageByteCount)
    let guarded = try GuardedBytes(bytes)
    var hasher = LaneHasher(forcing: kernel)
    for length in Array(0...330) + [1000, 4095, 4096, 4097, 8191, 8192] {
      // All at both ends, by turns, so that any lane comes to either.
      let ends = [0..<length, bytes.count - length..<bytes.count]
      for count in [2, 16, 37] {
        let ranges = (0..<count).map { ends[($0 + $0 / 16) % 2] }
        for prefix in [nil, 0x00] as [UInt8?] {
          var digests: [Digest] = []
          guarded.withSpan { hasher.hash($0, at: ranges[...], prefix: prefix, appendingTo: &digests) }
          #expect(digests == Self.expected(bytes, ranges, prefix: prefix), "\(count) of \(length)")
        }
      }
    }
    // Of all lengths at once, so that lanes end at different times.
    let mixed = (0...600).flatMap { [0..<$0, bytes.count - $0..<bytes.count] }
    for prefix in [nil, 0x00] as [UInt8?] {
      var digests: [Digest] = []
      guarded.withSpan { hasher.hash($0, at: mixed[...], prefix: prefix, appendingTo: &digests) }
      #expect(digests == Self.expected(bytes, mixed, prefix: prefix))
    }
  }

  @Test(
    "one message of a million bytes among short ones, and alone, has libcrypto's digest", arguments: kernels)
  func long(kernel: LaneKernel?) {
    // FIPS 180-4's example: a million times "a".
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    let ranges = [0..<3, 0..<1_000_000, 0..<64, 0..<56]
    var hasher = LaneHasher(forcing: kernel)
    var digests: [Digest] = []
    hasher.hash(bytes.span, at: ranges[...], appendingTo: &digests)
    hasher.hash(bytes.span, at: ranges[1...1], appendingTo: &digests)
    #expect(digests[1].hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(digests[4] == digests[1])
    #expect(digests.dropLast() == Self.expected(bytes, ranges, prefix: nil)[...])
  }

  @Test("nodes over 0 to 70 pairs are libcrypto's, and what lies behind them stays", arguments: kernels)
  func nodes(kernel: LaneKernel?) {
    var generator = SeededGenerator(seed: 3)
    let digests = (0..<150).map { _ in SHA256.digest(of: generator.bytes(8)) }
    var sha256 = SHA256()
    var hasher = LaneHasher(forcing: kernel)
    for prefix: UInt8 in [0x01, 0x02, 0x03, 0xff] {
      let expected = (0..<75).map { sha256.digest(prefix: prefix, digests[2 * $0], digests[2 * $0 + 1]) }
      for count in 0...70 {
        var level = digests
        hasher.hashPairs(&level, count: count, prefix: prefix)
        #expect(level == Array(expected[..<count]) + Array(digests[count...]), "\(count) pairs, \(prefix)")
      }
    }
  }

  @Test("nodes over digests of all zeros, all ones, and every last byte are libcrypto's", arguments: kernels)
  func edges(kernel: LaneKernel?) throws {
    var digests: [Digest] = []
    for byte in 0...255 {
      // The last byte of the right digest is in the second block.
      digests.append(try #require(Digest([UInt8](repeating: byte % 2 == 0 ? 0xff : 0, count: 32))))
      digests.append(try #require(Digest([UInt8](repeating: 0, count: 31) + [UInt8(byte)])))
    }
    var sha256 = SHA256()
    let expected = (0..<256).map { sha256.digest(prefix: 0x01, digests[2 * $0], digests[2 * $0 + 1]) }
    var hasher = LaneHasher(forcing: kernel)
    hasher.hashPairs(&digests, count: 256)
    #expect(digests.prefix(256) == expected[...])
  }

  @Test("any two kernels that work together give libcrypto's digests: the one finishes what the other began")
  func together() {
    var generator = SeededGenerator(seed: 4)
    let bytes = generator.bytes(6000)
    let usable = Self.kernels.compactMap(\.self)
    for wide in usable {
      for narrow in usable where narrow.lanes < wide.lanes {
        var hasher = LaneHasher(forcing: wide, and: narrow)
        for count in 2...40 {
          let ranges = (0..<count).map { _ in
            let length = Int.random(in: 0...3000, using: &generator)
            return length..<2 * length
          }
          Self.expectSame(bytes, ranges, prefix: 0, &hasher, "\(count) by \(wide.name) and \(narrow.name)")
        }
        let digests = (0..<80).map { _ in SHA256.digest(of: generator.bytes(8)) }
        for count in 0...40 {
          var (made, single) = (digests, digests)
          var libcrypto = LaneHasher(forcing: nil)
          hasher.hashPairs(&made, count: count)
          libcrypto.hashPairs(&single, count: count)
          #expect(made == single, "\(count) pairs by \(wide.name) and \(narrow.name)")
        }
      }
    }
  }

  @Test("messages of any lengths, places and number have libcrypto's digests: fuzz")
  func fuzz() {
    print("fuzz LaneHasher: \(Fuzzing.inputs / 100) batches, ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    var generator = SeededGenerator(seed: Fuzzing.seed)
    let bytes = generator.bytes(12_000)
    var hasher = LaneHasher()
    for batch in 0..<Fuzzing.inputs / 100 {
      let most = [80, 300, 1000, 5000].randomElement(using: &generator) ?? 80
      let ranges = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        let length = Int.random(in: 0...most, using: &generator)
        let start = Int.random(in: 0...bytes.count - length, using: &generator)
        return start..<start + length
      }
      let prefix: UInt8? =
        Bool.random(using: &generator) ? .random(in: .min ... .max, using: &generator) : nil
      Self.expectSame(bytes, ranges, prefix: prefix, &hasher, "batch \(batch)")
    }
  }

  @Test("ranges that do not lie in the bytes, and pairs that are not there, are bugs that trap")
  func bugs() async {
    await #expect(processExitsWith: .failure) {
      var hasher = LaneHasher()
      var digests: [Digest] = []
      hasher.hash([1, 2, 3].span, at: [0..<2, 2..<4], appendingTo: &digests)
    }
    await #expect(processExitsWith: .failure) {
      var hasher = LaneHasher(forcing: nil)
      var digests: [Digest] = []
      hasher.hash([1, 2, 3].span, at: [0..<2, 2..<4], appendingTo: &digests)
    }
    await #expect(processExitsWith: .failure) {
      var hasher = LaneHasher()
      var digests = [Digest.zero, .zero, .zero]
      hasher.hashPairs(&digests, count: 2)
    }
  }
}
