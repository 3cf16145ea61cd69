public import LedgerCrypto

/// The peaks of a tree: the roots of the perfect subtrees that it splits into, one for each bit of its size.
///
/// It is all that is needed to append leaves and to know the root, in space O(log n) (a "compact range" from 0).
public struct Frontier: Sendable, Hashable {
  /// The number of leaves.
  public private(set) var size: UInt64
  /// The roots of the perfect subtrees, largest first; `peaks.count == size.nonzeroBitCount`.
  public private(set) var peaks: [Digest]

  /// The empty tree.
  public init() {
    size = 0
    peaks = []
  }

  /// The tree of `size` leaves with these peaks, or nil unless there is one for each bit that is set in `size`.
  public init?(size: UInt64, peaks: [Digest]) {
    guard peaks.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.peaks = peaks
  }

  /// The frontier of the first `size` leaves of the tree that `reader` gives.
  ///
  /// - Throws: what the reader throws: `missingHash` if a hash is not there.
  public init(size: UInt64, from reader: some HashReader) throws(LogError) {
    self.init()
    try peaks.appendSubtrees(of: 0..<size, from: reader)
    self.size = size
  }

  /// Adds one leaf, given by its leaf hash. Traps at 2^64 - 1 leaves, which no log reaches.
  public mutating func append(_ leaf: Digest, using hasher: inout TreeHasher) {
    append(subtree: leaf, level: 0, using: &hasher)
  }

  /// Adds `leaves`, which are leaf hashes, level by level: many at once are hashed in a fraction of the time that one after the
  /// other takes. Traps at 2^64 - 1 leaves.
  ///
  /// - Complexity: one copy of `leaves`, and as many node hashes as for one after the other.
  public mutating func append(contentsOf leaves: ArraySlice<Digest>, using hasher: inout TreeHasher) {
    append(contentsOf: leaves, using: &hasher) { _, _ in }
  }

  /// As `append(contentsOf:using:)`.
  ///
  /// - Parameter see: called with each level from 0 on, and the roots of the perfect subtrees of 2^level leaves that the tree
  ///   gains; with no empty ones, and not beyond the first level that gains none.
  mutating func append(
    contentsOf leaves: ArraySlice<Digest>, using hasher: inout TreeHasher,
    seeing see: (_ level: Int, _ gained: [Digest]) -> Void
  ) {
    var nodes: [Digest] = []
    nodes.reserveCapacity(leaves.count + 1)
    nodes.append(contentsOf: leaves)
    // Smallest first.
    var ends: [Digest] = []
    var level = 0
    while !nodes.isEmpty {
      see(level, nodes)
      // A peak of this level is the first left child, and a node without a sibling the new peak.
      if size >> UInt64(level) & 1 == 1 { nodes.insert(peaks.removeLast(), at: 0) }
      if !nodes.count.isMultiple(of: 2) { ends.append(nodes.removeLast()) }
      let pairs = nodes.count / 2
      hasher.hashPairs(&nodes, count: pairs)
      nodes.removeLast(pairs)
      level += 1
    }
    peaks.append(contentsOf: ends.reversed())
    size += UInt64(leaves.count)
  }

  /// Adds the 2^`level` leaves under the perfect subtree with root `subtree`.
  ///
  /// So parts of a run of leaves can be hashed side by side. Traps unless `size` is a multiple of 2^`level`,
  /// `level` is in 0...63 and the sum is below 2^64.
  public mutating func append(subtree: Digest, level: Int, using hasher: inout TreeHasher) {
    precondition((0...63).contains(level), "a subtree's level is in 0...63")
    precondition(size & ((1 << UInt64(level)) - 1) == 0, "a subtree begins at a multiple of its own size")
    var node = subtree
    // Each bit that the addition carries through is a peak that becomes a left child.
    for _ in 0..<(~(size >> UInt64(level))).trailingZeroBitCount {
      node = hasher.node(peaks.removeLast(), node)
    }
    peaks.append(node)
    size += 1 << UInt64(level)
  }

  /// The root of the tree.
  public func root(using hasher: inout TreeHasher) -> Digest { peaks.bagged(using: &hasher) }
}

extension [Digest] {
  /// The root over adjacent subtrees, largest first.
  func bagged(using hasher: inout TreeHasher) -> Digest {
    guard var node = last else { return Merkle.emptyRoot }
    for peak in dropLast().reversed() { node = hasher.node(peak, node) }
    return node
  }

  /// Appends the roots of the perfect subtrees that `leaves` split into, largest first.
  ///
  /// The lower bound must be a multiple of the largest power of two that is not above the count.
  mutating func appendSubtrees(of leaves: Range<UInt64>, from reader: some HashReader) throws(LogError) {
    var start = leaves.lowerBound
    for level in stride(from: 63, through: 0, by: -1)
    where (leaves.upperBound - leaves.lowerBound) >> UInt64(level) & 1 == 1 {
      append(try reader.hash(level: level, index: start >> UInt64(level)))
      start += 1 << UInt64(level)
    }
  }
}
