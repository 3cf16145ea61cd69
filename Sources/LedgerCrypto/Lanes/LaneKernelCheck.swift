internal import CSHA256Lanes

/// Compares a kernel with libcrypto.
package struct LaneKernelCheck {
  /// Replaces the first so many digests by the nodes over pairs of them, behind a prefix.
  package var hashPairs: (inout [Digest], Int, UInt8) -> Void
  /// The digests of messages, given by their ranges, each after a prefix if there is one.
  package var hash: ([UInt8], [Range<Int>], UInt8?) -> [Digest]

  /// A check of what these give.
  package init(
    hashPairs: @escaping (inout [Digest], Int, UInt8) -> Void,
    hash: @escaping ([UInt8], [Range<Int>], UInt8?) -> [Digest]
  ) {
    (self.hashPairs, self.hash) = (hashPairs, hash)
  }

  /// A check of kernel `number`, which this processor has the instructions for.
  init(_ number: Int) {
    self.init(
      hashPairs: { LaneHasher.hashPairs(&$0, count: $1, prefix: $2, kernel: number) },
      hash: { LaneHasher.hash($0.span, $1, prefix: $2, kernel: number) })
  }

  /// Whether the digests are libcrypto's.
  package var agrees: Bool {
    // Without randomness the fixed messages have to do.
    let random: [UInt8]
    do { random = try randomBytes(4096) } catch { random = [] }
    let fixed = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 0x9d &+ $0 >> 8) }
    let patterns = [[UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0xff, count: 4096), fixed, random]
    return patterns.allSatisfy {
      nodesAgree($0, [0x01, 0x03, 0xff]) && messagesAgree($0, LaneKernelCheck.lengths, [nil, 0x00, 0x01])
    } && messagesAgree(fixed, LaneKernelCheck.groups, [nil, 0x00])
  }

  private func nodesAgree(_ bytes: [UInt8], _ prefixes: [UInt8]) -> Bool {
    var sha256 = SHA256()
    let digests = stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap {
      Digest(bytes.span, at: $0)
    }
    // Not a multiple of the lanes, so that the last run is short.
    let pairs = max(0, digests.count / 2 - 1)
    return prefixes.allSatisfy { prefix in
      let expected = (0..<pairs).map { sha256.digest(prefix: prefix, digests[2 * $0], digests[2 * $0 + 1]) }
      var made = digests
      hashPairs(&made, pairs, prefix)
      return Array(made.prefix(pairs)) == expected
    }
  }

  /// Lengths about the ends of blocks, and others; in an order that lets lanes end at different times.
  private static let lengths: [Int] = {
    let ends = [55, 56, 63, 64, 119, 120, 127, 128, 183, 184, 255, 256, 1000]
    return [0, 1, 2, 17] + ends.flatMap { [$0 - 1, $0, $0 + 1] } + [512, 511, 700, 3, 300, 54]
  }()

  /// Every length of up to three blocks, so that wherever a block ends some lane has a message of that length; and messages of one
  /// length, which fill the lanes and go through them together. With or without a prefix of a byte, a last block that has nothing
  /// but padding ends those of 700, 252 and 255 bytes: lanes may keep that for the next ones of the same length, and for no others.
  private static let groups: [Int] =
    Array(0...200) + [(100, 35), (700, 16), (252, 32), (255, 16)].flatMap { [Int](repeating: $0, count: $1) }

  /// Whether the digests of messages of these lengths are libcrypto's, behind each of the prefixes.
  private func messagesAgree(_ bytes: [UInt8], _ lengths: [Int], _ prefixes: [UInt8?]) -> Bool {
    var sha256 = SHA256()
    let ranges = lengths.enumerated().filter { $1 + $0 <= bytes.count }.map { $0..<$0 + $1 }
    return prefixes.allSatisfy { prefix in
      hash(bytes, ranges, prefix)
        == ranges.map { range in
          let message = bytes.span.extracting(range)
          return prefix.map { sha256.digest(prefix: $0, message) } ?? sha256.digest(message)
        }
    }
  }
}
