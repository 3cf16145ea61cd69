public import LedgerCrypto

/// The way from the root of a state tree to the place of a path: the siblings that it passes, and what is at its end.
public struct StateProofPath: Hashable, Sendable {
  /// Bit i, the most significant first, says that the sibling at depth i + 1 is not empty. No zero byte ends it.
  public private(set) var bitmap: [UInt8] = []
  /// The siblings that are not empty, from the root on.
  public private(set) var siblings: [Digest] = []
  /// How many siblings are passed, empty ones too: the depth at which the way ends.
  public private(set) var depth = 0
  /// The leaf at its end: that of the path, or another one that is alone there; nil if the place is empty.
  public internal(set) var end: StateLeaf?

  /// The way that has not left the root.
  init() {}

  /// A way read from a proof.
  ///
  /// - Throws: `malformed` unless the bitmap has at most 256 bits, no zero byte at its end and as many bits as there
  ///   are siblings, and no sibling is zero.
  init(bitmap: [UInt8], siblings: [Digest]) throws(StateProofError) {
    guard bitmap.count <= 32, bitmap.last != 0 else {
      throw StateProofError(.malformed, "a bitmap of more than 32 bytes, or with a zero byte at its end")
    }
    guard bitmap.reduce(0, { $0 + $1.nonzeroBitCount }) == siblings.count, !siblings.contains(.zero) else {
      throw StateProofError(.malformed, "the siblings are not those that the bitmap names, or one is zero")
    }
    (self.bitmap, self.siblings) = (bitmap, siblings)
    depth = 8 * bitmap.count - (bitmap.last?.trailingZeroBitCount ?? 0)
  }

  /// Passes one more sibling.
  mutating func add(_ sibling: Digest) {
    if sibling != .zero {
      while bitmap.count <= depth / 8 { bitmap.append(0) }
      bitmap[depth / 8] |= 0x80 >> UInt8(depth % 8)
      siblings.append(sibling)
    }
    depth += 1
  }

  /// The root of the tree in which this is the way to `path` and the subtree at its end has the hash `end`.
  ///
  /// - Complexity: a hash for each sibling passed.
  public func root(from end: Digest, at path: Digest, using hasher: inout StateHasher) -> Digest {
    var (hash, left) = (end, siblings.count)
    for level in stride(from: depth - 1, through: 0, by: -1) {
      var sibling = Digest.zero
      if bitmap[level / 8] & 0x80 >> UInt8(level % 8) != 0 {
        left -= 1
        sibling = siblings[left]
      }
      hash = path.bit(level) ? hasher.inner(sibling, hash) : hasher.inner(hash, sibling)
    }
    return hash
  }
}
