public import LedgerCrypto

/// A tree's stored hashes, from which proofs are read.
public protocol HashReader {
  /// The root of the perfect subtree over the leaves `index * 2^level ..< (index + 1) * 2^level`; at level 0,
  /// that is the hash of leaf `index`.
  ///
  /// - Parameter level: 0...63.
  /// - Throws: `missingHash` if it is not stored or not wholly in the tree; never gives a wrong hash.
  func hash(level: Int, index: UInt64) throws(LogError) -> Digest
}
