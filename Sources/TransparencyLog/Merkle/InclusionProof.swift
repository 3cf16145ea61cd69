public import LedgerCrypto

/// A proof that a leaf is at `index` in the tree of `size` leaves (RFC 9162 §2.1.3).
public struct InclusionProof: Hashable, Sendable {
  /// The leaf's index, from 0.
  public var index: UInt64
  /// The number of leaves of the tree.
  public var size: UInt64
  /// The siblings on the way from the leaf to the root, the leaf's own first.
  public var path: [Digest]

  /// A proof as it was received. Nothing is checked until it is verified.
  public init(index: UInt64, size: UInt64, path: [Digest]) {
    self.index = index
    self.size = size
    self.path = path
  }

  /// The proof for leaf `index` in the first `size` leaves of the tree that `reader` gives.
  ///
  /// - Throws: `malformedProof` unless `index < size`; `missingHash` if the reader lacks a hash.
  /// - Complexity: at most one read for each level, and one more for each bit of `size`.
  public init(
    index: UInt64, size: UInt64, from reader: some HashReader, using hasher: inout TreeHasher
  ) throws(LogError) {
    guard index < size else {
      throw LogError(.malformedProof, "leaf \(index) is not in a tree of \(size) leaves")
    }
    var path: [Digest] = []
    try path.appendSiblings(level: 0, node: index, size: size, from: reader, using: &hasher)
    self.init(index: index, size: size, path: path)
  }

  /// The root that the proof leads to from `leaf`, a leaf hash (RFC 9162 §2.1.3.2).
  ///
  /// - Throws: `malformedProof` unless `index < size` and the path has as many hashes as such a proof has.
  public func root(leaf: Digest, using hasher: inout TreeHasher) throws(LogError) -> Digest {
    guard index < size else {
      throw LogError(.malformedProof, "leaf \(index) is not in a tree of \(size) leaves")
    }
    let expected = Path.count(node: index, last: size - 1)
    guard path.count == expected else {
      throw LogError(
        .malformedProof, "\(path.count) hashes where leaf \(index) of \(size) takes \(expected)")
    }
    var (node, last, root) = (index, size - 1, leaf)
    for sibling in path {
      if node & 1 == 1 || node == last {
        root = hasher.node(sibling, root)
        // At the ragged right edge a node without a sibling goes up as it is.
        Path.climb(&node, &last)
      } else {
        root = hasher.node(root, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return root
  }

  /// Checks that `leaf`, a leaf hash, is where the proof says in the tree with this root.
  ///
  /// - Throws: `malformedProof` as `root` does; `inclusion` if the proof leads to another root.
  public func verify(leaf: Digest, root: Digest, using hasher: inout TreeHasher) throws(LogError) {
    guard try self.root(leaf: leaf, using: &hasher) == root else {
      throw LogError(.inclusion, "the proof for leaf \(index) of \(size) leads to another root")
    }
  }
}

/// What inclusion and consistency proofs share: the way from a node of some level up to the root.
enum Path {
  /// The number of siblings on the way from `node` to the root, where `last` is the last node of the same level.
  static func count(node: UInt64, last: UInt64) -> Int {
    // Below the level where both meet, each level has a sibling; above it, only if there is one to the left.
    let inner = UInt64.bitWidth - (node ^ last).leadingZeroBitCount
    return inner + (node >> inner).nonzeroBitCount
  }

  /// Goes up from `node` to the first level where it is a right child, or is the root.
  static func climb(_ node: inout UInt64, _ last: inout UInt64) {
    let levels = node == 0 ? UInt64.bitWidth : node.trailingZeroBitCount
    node >>= levels
    last >>= levels
  }
}

extension [Digest] {
  /// Appends the siblings on the way from `node` at `level` to the root of the tree of `size` leaves.
  mutating func appendSiblings(
    level: Int, node: UInt64, size: UInt64, from reader: some HashReader, using hasher: inout TreeHasher
  ) throws(LogError) {
    var (level, node) = (level, node)
    while true {
      let last = (size - 1) >> UInt64(level)
      guard last > 0 else { return }
      if node & 1 == 1 {
        append(try reader.hash(level: level, index: node - 1))
      } else if node + 1 < last || node + 1 == last && size.trailingZeroBitCount >= level {
        append(try reader.hash(level: level, index: node + 1))
      } else if node + 1 == last {
        var subtrees: [Digest] = []
        try subtrees.appendSubtrees(of: last << UInt64(level)..<size, from: reader)
        append(subtrees.bagged(using: &hasher))
      }
      level += 1
      node >>= 1
    }
  }
}
