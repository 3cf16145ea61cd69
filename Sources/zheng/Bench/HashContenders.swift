import LedgerCrypto
import TransparencyLog

/// A way to hash: one that we have, or one of libcrypto's own to compare with.
enum HashContender: String, CaseIterable {
  case reusedContext = "evp-reused"
  case oneShot = "evp-one-shot"
  case digest = "digest"
  case leaf = "leaf"
  case node = "node"
  case digestOf = "digest-of"

  /// What it is, for people.
  var name: String {
    switch self {
    case .reusedContext: "OpenSSL EVP, context reused"
    case .oneShot: "OpenSSL SHA256(), one shot"
    case .digest: "SHA256.digest, context reused"
    case .leaf: "TreeHasher.leaf"
    case .node: "TreeHasher.node"
    case .digestOf: "SHA256.digest(of:), one shot"
    }
  }

  /// Whether it hashes messages of `byteCount` bytes: a node is 65 bytes, always.
  func hashes(_ byteCount: Int) -> Bool { self != .node || byteCount == HashContender.nodeByteCount }

  /// A prefix and two digests.
  static let nodeByteCount = 65

  /// Hashes `message` `count` times. A leaf's and a node's prefix are among the bytes of the message: they take its
  /// place's first byte.
  func run(_ message: [UInt8], count: Int) -> Digest {
    switch self {
    case .reusedContext: Yardsticks.reusedContext(message, count: count)
    case .oneShot: Yardsticks.oneShot(message, count: count)
    case .digest: HashContender.digest(message, count)
    case .leaf: HashContender.leaf(message, count)
    case .node: HashContender.node(message, count)
    case .digestOf: HashContender.digestOf(message, count)
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

  private static func digestOf(_ message: [UInt8], _ count: Int) -> Digest {
    var digest = Digest.zero
    for _ in 0..<count { digest = SHA256.digest(of: message) }
    return digest
  }
}
