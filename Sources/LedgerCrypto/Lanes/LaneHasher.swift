internal import CSHA256Lanes

/// SHA-256 of many independent messages at once: by the fastest kernels that this machine has, and where it has none, one
/// after the other by libcrypto. Digests are the same either way.
///
/// Make one for a task and pass it along; its buffers are used again. Not for use from two threads at once.
@safe public struct LaneHasher: ~Copyable {
  /// For a message that comes alone.
  package var sha256 = SHA256()
  private let choice: LaneKernel.Choice?
  private var messages: [ZhengSHA256Message] = unsafe []
  private var order: [UInt32] = []

  /// A hasher. Traps if libcrypto has no SHA-256 or no memory.
  public init() { choice = LaneKernel.current }

  /// A hasher that uses `kernel` for whatever it can, and libcrypto for the rest; libcrypto alone where it is nil. Traps unless
  /// the kernel agrees with libcrypto on this machine.
  package init(forcing kernel: LaneKernel?) {
    choice = kernel.map { LaneKernel.Choice(checking: $0, and: $0) }
  }

  /// A hasher that uses `wide`, and `narrow` for what is too few for it.
  package init(forcing wide: LaneKernel, and narrow: LaneKernel) {
    choice = LaneKernel.Choice(checking: wide, and: narrow)
  }

  // MARK: Nodes

  /// Replaces the first `count` digests of `digests` by the nodes over the pairs of the first 2 `count`:
  /// SHA-256(prefix || left || right), which with the prefix 0x01 are those of RFC 6962. Traps unless there are as many.
  public mutating func hashPairs(_ digests: inout [Digest], count: Int, prefix: UInt8 = 0x01) {
    precondition(count >= 0 && count <= digests.count / 2, "a pair is two digests")
    guard let choice else { return hashPairsSingly(&digests, 0..<count, prefix) }
    // What is left over by the lanes goes to the fewer ones, or fills the lanes in part.
    let rest = count % choice.wide.lanes
    let whole = rest > choice.few && rest > 1 ? count : count - rest
    LaneHasher.hashPairs(&digests, count: whole, prefix: prefix, kernel: choice.wide.number)
    guard whole < count else { return }
    if choice.isForSingles {
      LaneHasher.hashPairs(
        &digests, from: whole, count: count - whole, prefix: prefix, kernel: choice.narrow.number)
    } else {
      hashPairsSingly(&digests, whole..<count, prefix)
    }
  }

  private mutating func hashPairsSingly(_ digests: inout [Digest], _ pairs: Range<Int>, _ prefix: UInt8) {
    for pair in pairs {
      digests[pair] = sha256.digest(prefix: prefix, digests[2 * pair], digests[2 * pair + 1])
    }
  }

  /// As `hashPairs` does, from pair `first` on, by one kernel.
  static func hashPairs(
    _ digests: inout [Digest], from first: Int = 0, count: Int, prefix: UInt8, kernel: Int
  ) {
    guard count > 0 else { return }
    precondition(first >= 0 && 2 * (first + count) <= digests.count, "a pair is two digests")
    unsafe digests.withUnsafeMutableBytes { bytes in
      guard let words = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt64.self) else { return }
      unsafe zheng_sha256_nodes(kernel, prefix, words + 8 * first, count, words + 4 * first)
    }
  }

  // MARK: Messages

  /// Appends to `digests` those of the messages at `ranges` of `bytes`, in their order, each behind the byte `prefix` where that is
  /// not nil. Traps unless the ranges lie in `bytes`.
  ///
  /// Long messages and short ones may be mixed; the more there are, the better they fill the lanes.
  public mutating func hash(
    _ bytes: Span<UInt8>, at ranges: ArraySlice<Range<Int>>, prefix: UInt8? = nil,
    appendingTo digests: inout [Digest]
  ) {
    guard let choice, ranges.count > 1 else {
      for range in ranges {
        let message = bytes.extracting(range)
        digests.append(prefix.map { sha256.digest(prefix: $0, message) } ?? sha256.digest(message))
      }
      return
    }
    let first = digests.count
    digests.append(addingCapacity: ranges.count) { span in
      span.append(repeating: .zero, count: ranges.count)
    }
    if order.count < ranges.count {
      order = [UInt32](repeating: 0, count: ranges.count)
      unsafe messages = LaneHasher.noMessages(ranges.count)
    }
    unsafe LaneHasher.hash(
      bytes, ranges, prefix: prefix, wide: choice.wide.number, narrow: choice.narrow.number, few: choice.few,
      &messages, &order, into: &digests, from: first)
  }

  /// The digests by one kernel.
  static func hash(_ bytes: Span<UInt8>, _ ranges: [Range<Int>], prefix: UInt8?, kernel: Int) -> [Digest] {
    var messages = unsafe noMessages(ranges.count)
    var order = [UInt32](repeating: 0, count: ranges.count)
    var digests = [Digest](repeating: .zero, count: ranges.count)
    unsafe hash(
      bytes, ranges[...], prefix: prefix, wide: kernel, narrow: kernel, few: 0, &messages, &order,
      into: &digests, from: 0)
    return digests
  }

  private static func noMessages(_ count: Int) -> [ZhengSHA256Message] {
    unsafe [ZhengSHA256Message](repeating: ZhengSHA256Message(start: nil, count: 0), count: count)
  }

  /// - Parameters:
  ///   - messages: as many as there are ranges, or more; what is left in it has no meaning.
  ///   - order: as many numbers as there are messages.
  private static func hash(
    _ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>, prefix: UInt8?, wide: Int, narrow: Int, few: Int,
    _ messages: inout [ZhengSHA256Message], _ order: inout [UInt32], into digests: inout [Digest],
    from first: Int
  ) {
    precondition(ranges.count <= digests.count - first, "room for each digest")
    precondition(unsafe ranges.count <= min(order.count, messages.count), "room for each message")
    precondition(UInt64(ranges.count) < 1 << 32, "so many messages are not hashed at once")
    let byteCount = bytes.count
    unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe messages.withUnsafeMutableBufferPointer { messages in
        var place = 0
        for range in ranges {
          precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a message lies in the bytes")
          unsafe messages[place] = ZhengSHA256Message(
            start: buffer.baseAddress.map { unsafe $0 + range.lowerBound }, count: range.count)
          place += 1
        }
      }
      unsafe digests.withUnsafeMutableBytes { digests in
        let words = unsafe digests.baseAddress?.assumingMemoryBound(to: UInt64.self)
        unsafe zheng_sha256_messages(
          wide, narrow, few, prefix.map(Int32.init) ?? -1, messages, ranges.count, &order,
          words.map { unsafe $0 + 4 * first })
      }
    }
  }
}
