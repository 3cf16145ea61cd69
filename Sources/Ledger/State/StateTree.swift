public import LedgerCrypto

/// The state tree: what is true after a block, as one root, and short proofs of what is there and what is not (DESIGN
/// §2).
///
/// The state is a set of pairs of byte strings, each key once. This is all that another implementation needs:
///
/// ```
/// path(key)         = SHA-256(0x10 || key), read from the most significant bit of its first byte
/// leaf(key, value)  = SHA-256(0x02 || path(key) || SHA-256(value))
/// inner(l, r)       = SHA-256(0x03 || l || r)
/// subtree(S, depth) = 32 zero bytes                                           where S is empty
///                   = leaf(key, value)                                        where S is one pair, whatever the depth
///                   = inner(subtree(S0, depth + 1), subtree(S1, depth + 1))   otherwise
/// root(S)           = subtree(S, 0)
/// ```
///
/// S0 and S1 are the pairs of S whose paths have a 0 or a 1 at bit `depth`, counted from 0. So a single leaf rises to
/// where it is alone, and an inner node of which one side is empty is hashed like any other. Before height 0 the root
/// is 32 zero bytes.
///
/// Keys are parts joined by a zero byte (`StateKey`). The first part is the owner's: `subject`, `digest`,
/// `statement`, `roster` and `proposal` are the core's, and a scenario's name is that scenario's. Values are
/// canonical CBOR; those of the core are `RecordList`, `StatementPlace`, `RosterInForce` and `OpenProposal`. A proof
/// is a `StateProof`.
///
/// How the tree is kept: the leaves are in 2^depth *buckets* by the first bits of their paths, and `StateTop` holds
/// the hashes from the buckets up to the root. A batch of changes hashes the touched buckets anew (`StateSubtrees`)
/// and then what is above them, level by level, many nodes at once. `StateMemory` has its buckets in memory; the
/// store has them in files.
public enum StateTree {
  /// The prefix of a leaf, before the path and the value's hash.
  static let leafPrefix: UInt8 = 0x02
  /// The prefix of an inner node, before its two sides.
  static let innerPrefix: UInt8 = 0x03
  /// The prefix of a path, before the key.
  static let pathPrefix: UInt8 = 0x10
  /// The prefix of a chain, before the previous chain and the statement id.
  static let chainPrefix: UInt8 = 0x11

  /// The root of the empty tree, and the hash of every empty subtree: 32 zero bytes.
  public static let emptyRoot = Digest.zero

  /// The root over `pairs`, given in any order: worked out from the definition, for small sets and for tests.
  ///
  /// Traps if a key occurs twice.
  public static func root(of pairs: [StateKey: [UInt8]], using hasher: inout StateHasher) -> Digest {
    var leaves: [StateLeaf] = []
    for (key, value) in pairs { leaves.append(hasher.leaf(of: key, value)) }
    leaves.sort { $0.path < $1.path }
    return StateSubtrees.node(over: leaves[...], depth: 0, using: &hasher).hash
  }
}

/// A leaf: its path and its hash, 64 bytes.
public struct StateLeaf: Hashable, Sendable {
  /// The path of its key.
  public let path: Digest
  /// Its hash, which is made of the path and the value's hash.
  public let hash: Digest

  public init(path: Digest, hash: Digest) { (self.path, self.hash) = (path, hash) }
}

/// What a batch does at one path.
public struct StateLeafChange: Sendable {
  /// The path of the key.
  public let path: Digest
  /// The leaf's hash from now on; nil if the key is removed.
  public let hash: Digest?

  public init(path: Digest, hash: Digest?) { (self.path, self.hash) = (path, hash) }
}

/// A subtree, as what is above it sees it.
public struct StateNode: Hashable, Sendable {
  /// Its hash; 32 zero bytes where it is empty.
  public let hash: Digest
  /// Whether it holds exactly one leaf, whose hash it then has: such a one rises.
  public let isLeaf: Bool

  public init(hash: Digest, isLeaf: Bool) { (self.hash, self.isLeaf) = (hash, isLeaf) }

  /// The subtree without leaves.
  public static let empty = StateNode(hash: .zero, isLeaf: false)
}

extension Digest {
  /// Whether it is that of an empty subtree.
  @inline(__always)
  var isZero: Bool { fingerprint == 0 && self == .zero }

  /// Bit `depth` of a path, from 0 to 255, the most significant bit of the first byte first.
  package func bit(_ depth: Int) -> Bool {
    let word =
      switch depth >> 6 {
      case 0: words.0
      case 1: words.1
      case 2: words.2
      default: words.3
      }
    return word >> UInt64(63 - depth & 63) & 1 == 1
  }

  /// How many bits two paths share from the first on: 256 where they are the same.
  package func sharedBits(with other: Digest) -> Int {
    var (difference, count) = (words.0 ^ other.words.0, 0)
    if difference == 0 { (difference, count) = (words.1 ^ other.words.1, 64) }
    if difference == 0 { (difference, count) = (words.2 ^ other.words.2, 128) }
    if difference == 0 { (difference, count) = (words.3 ^ other.words.3, 192) }
    return count + difference.leadingZeroBitCount
  }

  /// The first `depth` bits as a number, at most 32.
  package func bucket(depth: Int) -> Int { depth == 0 ? 0 : Int(words.0 >> UInt64(64 - depth)) }
}
