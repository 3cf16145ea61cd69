public import LedgerCrypto

/// Hashes what the state tree is made of, many at once where there are many.
///
/// Make one for a task and pass it along. Not for use from two threads at once.
public struct StateHasher: ~Copyable {
  private var lanes: LaneHasher

  /// A hasher. Traps if libcrypto has no SHA-256 or no memory.
  public init() { lanes = LaneHasher() }

  // MARK: One

  /// The path of the key with these bytes: SHA-256(0x10 || key).
  public mutating func path(of key: Span<UInt8>) -> Digest {
    lanes.sha256.digest(prefix: StateTree.pathPrefix, key)
  }

  /// The path of `key`.
  public mutating func path(of key: StateKey) -> Digest { path(of: key.bytes.span) }

  /// The hash of a value: its SHA-256.
  public mutating func valueHash(_ value: Span<UInt8>) -> Digest { lanes.sha256.digest(value) }

  /// The hash of a leaf: SHA-256(0x02 || path || SHA-256(value)).
  public mutating func leaf(path: Digest, valueHash: Digest) -> Digest {
    lanes.sha256.digest(prefix: StateTree.leafPrefix, path, valueHash)
  }

  /// The leaf of `key` with `value`.
  public mutating func leaf(of key: StateKey, _ value: [UInt8]) -> StateLeaf {
    let path = path(of: key)
    return StateLeaf(path: path, hash: leaf(path: path, valueHash: valueHash(value.span)))
  }

  /// The hash of an inner node: SHA-256(0x03 || left || right).
  public mutating func inner(_ left: Digest, _ right: Digest) -> Digest {
    lanes.sha256.digest(prefix: StateTree.innerPrefix, left, right)
  }

  /// The chain after a statement: SHA-256(0x11 || chain before || statement id); the first follows 32 zero bytes.
  public mutating func chain(after chain: Digest, _ statement: Digest) -> Digest {
    lanes.sha256.digest(prefix: StateTree.chainPrefix, chain, statement)
  }

  // MARK: Many

  /// Appends the paths of the keys at `ranges` of `bytes`, in their order. Traps unless the ranges are within
  /// `bytes`.
  public mutating func appendPaths(
    _ bytes: Span<UInt8>, at ranges: ArraySlice<Range<Int>>, to paths: inout [Digest]
  ) {
    lanes.hash(bytes, at: ranges, prefix: StateTree.pathPrefix, appendingTo: &paths)
  }

  /// The paths of `keys`, in their order.
  public mutating func paths(of keys: [StateKey]) -> [Digest] {
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    ranges.reserveCapacity(keys.count)
    for key in keys {
      ranges.append(bytes.count..<bytes.count + key.bytes.count)
      bytes += key.bytes
    }
    var paths: [Digest] = []
    appendPaths(bytes.span, at: ranges[...], to: &paths)
    return paths
  }

  /// Appends the hashes of the values at `ranges` of `bytes`, in their order. Traps unless the ranges are within
  /// `bytes`.
  public mutating func appendValueHashes(
    _ bytes: Span<UInt8>, at ranges: ArraySlice<Range<Int>>, to hashes: inout [Digest]
  ) {
    lanes.hash(bytes, at: ranges, prefix: nil, appendingTo: &hashes)
  }

  /// Replaces the first `count` hashes by those of the leaves made of the first 2 `count`, each a path and its
  /// value's hash.
  public mutating func hashLeaves(_ pairs: inout [Digest], count: Int) {
    lanes.hashPairs(&pairs, count: count, prefix: StateTree.leafPrefix)
  }

  /// Replaces the first `count` hashes by those of the chains after the first 2 `count`, each a chain before and a
  /// statement id.
  mutating func hashChains(_ pairs: inout [Digest], count: Int) {
    lanes.hashPairs(&pairs, count: count, prefix: StateTree.chainPrefix)
  }

  /// Replaces the first `count` hashes by those of the inner nodes over the first 2 `count`.
  mutating func hashInner(_ pairs: inout [Digest], count: Int) {
    lanes.hashPairs(&pairs, count: count, prefix: StateTree.innerPrefix)
  }
}
