import LedgerCrypto
import TransparencyLog

/// A way to hash: one that we have, or one of libcrypto's own to compare with.
enum HashContender: Hashable {
  case reusedContext
  case oneShot
  case digest
  case leaf
  case node
  case digestOf
  case lanes(Lanes)

  /// What `LaneHasher` hashes with.
  enum Lanes: Hashable {
    /// What it chooses on this machine.
    case chosen
    /// One kernel alone.
    case kernel(LaneKernel)

    var hasher: LaneHasher {
      switch self {
      case .chosen: LaneHasher()
      case .kernel(let kernel): LaneHasher(forcing: kernel)
      }
    }
  }

  /// Every one that this machine has, `reusedContext` first.
  static let all: [HashContender] =
    [.reusedContext, .oneShot, .digest, .leaf, .node, .digestOf, .lanes(.chosen)]
    + LaneKernel.all.filter { $0.state == .used || $0.state == .spare }.map { .lanes(.kernel($0)) }

  /// Its name in JSON.
  var id: String {
    switch self {
    case .reusedContext: "evp-reused"
    case .oneShot: "evp-one-shot"
    case .digest: "digest"
    case .leaf: "leaf"
    case .node: "node"
    case .digestOf: "digest-of"
    case .lanes(.chosen): "lanes"
    case .lanes(.kernel(let kernel)): "lanes-\(kernel.name)"
    }
  }

  /// What it is, for people.
  var name: String {
    switch self {
    case .reusedContext: "OpenSSL EVP, context reused"
    case .oneShot: "OpenSSL SHA256(), one shot"
    case .digest: "SHA256.digest, context reused"
    case .leaf: "TreeHasher.leaf"
    case .node: "TreeHasher.node"
    case .digestOf: "SHA256.digest(of:), one shot"
    case .lanes(.chosen): "LaneHasher, many at once"
    case .lanes(.kernel(let kernel)): "  by \(kernel.name) alone"
    }
  }

  /// Whether it hashes messages of `byteCount` bytes: a node is 65 bytes, always, and no entry is longer than 64 KiB.
  func hashes(_ byteCount: Int) -> Bool {
    switch self {
    case .node: byteCount == HashContender.nodeByteCount
    case .lanes: byteCount <= 1 << 16
    default: true
    }
  }

  /// Whether it hashes many messages at once.
  var isOfLanes: Bool { if case .lanes = self { true } else { false } }

  /// A prefix and two digests.
  static let nodeByteCount = 65

  /// What hashes a given number of messages of as many bytes as `message`. A leaf's and a node's prefix are among the bytes of the
  /// message: they take its place's first byte.
  func prepared(_ message: [UInt8]) -> (_ count: Int) -> Digest {
    switch self {
    case .reusedContext: { Yardsticks.reusedContext(message, count: $0) }
    case .oneShot: { Yardsticks.oneShot(message, count: $0) }
    case .digest: { HashContender.digest(message, $0) }
    case .leaf: { HashContender.leaf(message, $0) }
    case .node: { HashContender.node(message, $0) }
    case .digestOf: { HashContender.digestOf(message, $0) }
    case .lanes(let lanes):
      message.count == HashContender.nodeByteCount
        ? HashContender.nodes(lanes) : HashContender.leaves(like: message, lanes)
    }
  }

  private static func digest(_ message: [UInt8], _ count: Int) -> Digest {
    var hasher = SHA256()
    var digest = Digest.zero
    for _ in 0..<count { digest = hasher.digest(message.span) }
    return digest
  }

  private static func leaf(_ message: [UInt8], _ count: Int) -> Digest {
    var hasher = TreeHasher()
    var digest = Digest.zero
    for _ in 0..<count { digest = hasher.leaf(message.span.extracting(1..<message.count)) }
    return digest
  }

  private static func node(_ message: [UInt8], _ count: Int) -> Digest {
    guard let left = Digest(message.span, at: 1), let right = Digest(message.span, at: 33) else {
      preconditionFailure("a node is 65 bytes")
    }
    var hasher = TreeHasher()
    var digest = Digest.zero
    for _ in 0..<count { digest = hasher.node(left, right) }
    return digest
  }

  /// How many messages are handed over at once, as a chunk of a ledger's entries is.
  private static let batch = 256

  /// Distinct messages one behind the other, as many as a batch of lanes takes, or fewer where they are long.
  private static func messages(like message: [UInt8]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    let count = max(16, min(batch, (1 << 19) / message.count))
    var bytes: [UInt8] = []
    for number in 0..<count {
      bytes += message
      bytes[bytes.count - 1] = UInt8(truncatingIfNeeded: number)
    }
    // The prefix takes the first byte's place.
    return (bytes, (0..<count).map { $0 * message.count + 1..<($0 + 1) * message.count })
  }

  private static func leaves(like message: [UInt8], _ kernel: Lanes) -> (Int) -> Digest {
    let (bytes, ranges) = messages(like: message)
    return { count in
      var hasher = kernel.hasher
      var digests: [Digest] = []
      digests.reserveCapacity(ranges.count)
      var left = count
      while left > 0 {
        digests.removeAll(keepingCapacity: true)
        hasher.hash(bytes.span, at: ranges.prefix(left), prefix: 0x00, appendingTo: &digests)
        left -= ranges.count
      }
      return digests.last ?? .zero
    }
  }

  private static func nodes(_ kernel: Lanes) -> (Int) -> Digest {
    let level = (0..<2 * batch).map { SHA256.digest(of: [UInt8($0 & 0xff), UInt8($0 >> 8)]) }
    return { count in
      var hasher = kernel.hasher
      var level = level
      var left = count
      while left > 0 {
        hasher.hashPairs(&level, count: min(left, batch))
        left -= batch
      }
      return level[0]
    }
  }

  private static func digestOf(_ message: [UInt8], _ count: Int) -> Digest {
    var digest = Digest.zero
    for _ in 0..<count { digest = SHA256.digest(of: message) }
    return digest
  }
}
