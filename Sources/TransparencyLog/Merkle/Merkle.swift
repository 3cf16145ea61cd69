public import LedgerCrypto

/// The Merkle tree hash of RFC 6962 §2.1 (RFC 9162 §2.1.1) over SHA-256.
public enum Merkle {
  /// The root of the tree without leaves: the SHA-256 of nothing.
  public static let emptyRoot = SHA256.digest(of: [])

  /// The root of the tree over `leaves`, which are leaf hashes, any number of them.
  ///
  /// - Complexity: one copy of the array, and `leaves.count - 1` node hashes.
  public static func root(of leaves: [Digest], using hasher: inout TreeHasher) -> Digest {
    var level = leaves
    return fold(&level, using: &hasher)
  }

  /// The root of the tree of `size` leaves whose perfect subtrees `reader` gives.
  ///
  /// - Throws: what the reader throws: `missingHash` if a hash is not there.
  /// - Complexity: a read and a node hash for each bit of `size` that is set.
  public static func root(
    size: UInt64, from reader: some HashReader, using hasher: inout TreeHasher
  ) throws(LogError) -> Digest {
    try Frontier(size: size, from: reader).root(using: &hasher)
  }

  /// The root over `level`, whose storage it uses up.
  static func fold(_ level: inout [Digest], using hasher: inout TreeHasher) -> Digest {
    guard !level.isEmpty else { return emptyRoot }
    var count = level.count
    while count > 1 {
      hasher.hashPairs(&level, count: count / 2)
      // The odd one out goes up as it is: that is the split at the largest power of two, seen from below.
      if !count.isMultiple(of: 2) { level[count / 2] = level[count - 1] }
      count = (count + 1) / 2
    }
    return level[0]
  }
}
