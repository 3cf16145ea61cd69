public import LedgerCrypto

/// Hashes the leaves and nodes of a Merkle tree (RFC 6962 §2.1), one at a time or many at once.
///
/// Make one for a task and pass it along: making one costs as much as several hashes.
public struct TreeHasher: ~Copyable {
  private var lanes: LaneHasher

  /// A hasher. Traps if libcrypto has no SHA-256 or no memory.
  public init() { lanes = LaneHasher() }

  /// A hasher that hashes many at once by `lanes`.
  package init(_ lanes: consuming LaneHasher) { self.lanes = lanes }

  // MARK: One

  /// The leaf hash of `entry`, of any length: SHA-256(0x00 || entry).
  public mutating func leaf(_ entry: Span<UInt8>) -> Digest { lanes.sha256.digest(prefix: 0x00, entry) }

  /// The hash of the node over `left` and `right`: SHA-256(0x01 || left || right).
  public mutating func node(_ left: Digest, _ right: Digest) -> Digest {
    lanes.sha256.digest(prefix: 0x01, left, right)
  }

  // MARK: Many

  /// Appends to `leaves` the leaf hashes of the entries at `ranges` of `bytes`, in their order. Traps unless the ranges lie in
  /// `bytes`.
  public mutating func appendLeaves(
    _ bytes: Span<UInt8>, at ranges: ArraySlice<Range<Int>>, to leaves: inout [Digest]
  ) {
    lanes.hash(bytes, at: ranges, prefix: 0x00, appendingTo: &leaves)
  }

  /// Replaces the first `count` hashes of `level` by the nodes over the pairs of the first 2 `count`: so a level of a tree becomes
  /// the one above. Traps unless there are as many.
  public mutating func hashPairs(_ level: inout [Digest], count: Int) {
    lanes.hashPairs(&level, count: count)
  }
}
