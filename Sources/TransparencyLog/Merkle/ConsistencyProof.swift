public import LedgerCrypto

/// A proof that the tree of `newSize` leaves begins with the tree of `oldSize` leaves (RFC 9162 §2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
  /// The number of leaves of the older tree; at least 1, since from the empty tree there is nothing to prove.
  public var oldSize: UInt64
  /// The number of leaves of the newer tree; not below `oldSize`.
  public var newSize: UInt64
  /// The hashes, in the order of RFC 9162 §2.1.4.1; none if the sizes are equal.
  public var path: [Digest]

  /// A proof as it was received. Nothing is checked until it is verified.
  public init(oldSize: UInt64, newSize: UInt64, path: [Digest]) {
    self.oldSize = oldSize
    self.newSize = newSize
    self.path = path
  }

  /// The proof between two sizes of the tree that `reader` gives.
  ///
  /// - Throws: `malformedProof` unless `1 <= oldSize <= newSize`; `missingHash` if the reader lacks a hash.
  public init(
    oldSize: UInt64, newSize: UInt64, from reader: some HashReader, using hasher: inout TreeHasher
  ) throws(LogError) {
    try ConsistencyProof.check(oldSize, newSize)
    var path: [Digest] = []
    if oldSize < newSize {
      // The largest subtree that both trees have and that ends at `oldSize`. Where it is the whole older tree,
      // the verifier knows its root.
      let level = oldSize.trailingZeroBitCount
      let node = oldSize >> UInt64(level) - 1
      if node > 0 { path.append(try reader.hash(level: level, index: node)) }
      try path.appendSiblings(level: level, node: node, size: newSize, from: reader, using: &hasher)
    }
    self.init(oldSize: oldSize, newSize: newSize, path: path)
  }

  /// Checks that the tree with `newRoot` begins with the tree with `oldRoot` (RFC 9162 §2.1.4.2).
  ///
  /// - Throws: `malformedProof` unless `1 <= oldSize <= newSize` and the path has as many hashes as such a proof
  ///   has; `consistency` if it leads to other roots.
  public func verify(oldRoot: Digest, newRoot: Digest, using hasher: inout TreeHasher) throws(LogError) {
    try ConsistencyProof.check(oldSize, newSize)
    let refusal = LogError(
      .consistency, "the tree of \(newSize) leaves does not begin with that of \(oldSize)")
    let level = oldSize.trailingZeroBitCount
    var (node, last) = ((oldSize - 1) >> UInt64(level), (newSize - 1) >> UInt64(level))
    let startsAtOldRoot = node == 0
    let expected =
      oldSize == newSize ? 0 : Path.count(node: node, last: last) + (startsAtOldRoot ? 0 : 1)
    guard path.count == expected else {
      throw LogError(
        .malformedProof, "\(path.count) hashes where \(oldSize) to \(newSize) takes \(expected)")
    }
    guard oldSize < newSize else {
      guard oldRoot == newRoot else { throw refusal }
      return
    }
    var old = startsAtOldRoot ? oldRoot : path[0]
    var new = old
    for sibling in startsAtOldRoot ? path[...] : path.dropFirst() {
      if node & 1 == 1 || node == last {
        old = hasher.node(sibling, old)
        new = hasher.node(sibling, new)
        Path.climb(&node, &last)
      } else {
        new = hasher.node(new, sibling)
      }
      node >>= 1
      last >>= 1
    }
    guard old == oldRoot, new == newRoot else { throw refusal }
  }

  private static func check(_ oldSize: UInt64, _ newSize: UInt64) throws(LogError) {
    guard oldSize >= 1, oldSize <= newSize else {
      throw LogError(.malformedProof, "no consistency proof leads from \(oldSize) leaves to \(newSize)")
    }
  }
}
