public import LedgerCrypto

/// The hashes of a state tree from its buckets up to the root: 64 bytes a bucket, in memory.
public struct StateTop: Sendable {
  /// How many first bits of a path tell its bucket: 0...28.
  public let depth: Int
  /// The node at depth d over the bits p is number 2^d + p; number 0 is none.
  private var hashes: [Digest]
  /// Whether each is a single leaf, a bit for each.
  private var leaves: [UInt64]
  /// What was replaced since `remember`, the oldest first; nil where nothing is remembered.
  private var replaced: [(number: Int, node: StateNode)]?
  private var numbers: [Int] = []
  private var pairs: [Digest] = []
  private var hashed: [Int] = []

  /// The most bits that tell a bucket.
  public static let maximumDepth = 28

  /// The top of an empty tree with 2^depth buckets. Traps where that are more than 2^28.
  public init(depth: Int) {
    precondition((0...StateTop.maximumDepth).contains(depth), "so many buckets are not kept")
    self.depth = depth
    hashes = [Digest](repeating: .zero, count: 2 << depth)
    leaves = [UInt64](repeating: 0, count: StateTop.wordCount(depth: depth))
  }

  /// The number of buckets.
  public var bucketCount: Int { 1 << depth }

  /// The root.
  public var root: Digest { hashes[1] }

  /// The node at `depth`, at most that of the buckets, over the paths whose first bits are the number `bits`.
  public func node(depth: Int, bits: Int) -> StateNode {
    precondition((0...self.depth).contains(depth) && (0..<1 << depth).contains(bits), "a node of the top")
    return self[1 << depth + bits]
  }

  private subscript(number: Int) -> StateNode {
    get { StateNode(hash: hashes[number], isLeaf: leaves[number >> 6] >> UInt64(number & 63) & 1 == 1) }
    set {
      let old = self[number]
      replaced?.append((number, old))
      hashes[number] = newValue.hash
      let bit = UInt64(1) << UInt64(number & 63)
      if newValue.isLeaf { leaves[number >> 6] |= bit } else { leaves[number >> 6] &= ~bit }
    }
  }

  // MARK: Changing

  /// Gives each of `buckets`, in ascending order, its node, and hashes anew what is above them, level by level.
  public mutating func update(_ buckets: [Int], _ nodes: [StateNode], using hasher: inout StateHasher) {
    precondition(buckets.count == nodes.count, "a node for each bucket")
    numbers.removeAll(keepingCapacity: true)
    for (bucket, node) in zip(buckets, nodes) {
      precondition((0..<bucketCount).contains(bucket), "a bucket of this tree")
      self[1 << depth + bucket] = node
      numbers.append(1 << depth + bucket)
    }
    for _ in 0..<depth { _ = raise(isCheck: false, using: &hasher) }
  }

  /// Makes the parents of `numbers`, which then are these; or, for a check, says whether they are as they must be.
  private mutating func raise(isCheck: Bool, using hasher: inout StateHasher) -> Bool {
    var (count, previous, isRight) = (0, 0, true)
    pairs.removeAll(keepingCapacity: true)
    hashed.removeAll(keepingCapacity: true)
    func put(_ node: StateNode, at number: Int, in top: inout StateTop) {
      if isCheck { isRight = isRight && top[number] == node } else { top[number] = node }
    }
    for number in numbers where number >> 1 != previous {
      previous = number >> 1
      numbers[count] = previous
      count += 1
      let (left, right) = (self[2 * previous], self[2 * previous + 1])
      if left.hash == .zero, right.isLeaf || right.hash == .zero {
        put(right, at: previous, in: &self)
      } else if right.hash == .zero, left.isLeaf {
        put(left, at: previous, in: &self)
      } else {
        pairs.append(left.hash)
        pairs.append(right.hash)
        hashed.append(previous)
      }
    }
    numbers.removeLast(numbers.count - count)
    hasher.hashInner(&pairs, count: hashed.count)
    for (place, number) in hashed.enumerated() {
      put(StateNode(hash: pairs[place], isLeaf: false), at: number, in: &self)
    }
    return isRight
  }

  /// From now on remembers what is replaced, until `restore` or `forget`.
  public mutating func remember() { replaced = [] }

  /// Puts back what was replaced since `remember`.
  public mutating func restore() {
    let former = replaced ?? []
    replaced = nil
    for (number, node) in former.reversed() { self[number] = node }
  }

  /// Lets go of what was replaced since `remember`.
  public mutating func forget() { replaced = nil }

  // MARK: Stored tops

  /// The hashes of all nodes, from number 1 on, and a bit for each that says whether it is a single leaf.
  package var stored: (hashes: [Digest], leaves: [UInt64]) { (hashes, leaves) }

  /// The top that was stored so, of which nothing is believed before `isSound` has said so; nil where it is not as
  /// long as one must be.
  package init?(depth: Int, hashes: [Digest], leaves: [UInt64]) {
    guard (0...StateTop.maximumDepth).contains(depth), hashes.count == 2 << depth,
      leaves.count == StateTop.wordCount(depth: depth)
    else { return nil }
    (self.depth, self.hashes, self.leaves) = (depth, hashes, leaves)
  }

  /// The number of 64-bit words that say which nodes are single leaves.
  package static func wordCount(depth: Int) -> Int { (2 << depth) / 64 + 1 }

  /// Whether the nodes between two depths are those over the ones at the lower depth.
  ///
  /// - Parameters:
  ///   - upper: the depth at which the check ends.
  ///   - sections: the bits of nodes at the upper depth, ascending: what is below these is looked at.
  ///   - lower: the depth at which it begins, at most that of the buckets.
  package mutating func isSound(
    below upper: Int, sections: [Int], from lower: Int, using hasher: inout StateHasher
  ) -> Bool {
    precondition((0...lower).contains(upper) && lower <= depth, "depths of the top")
    numbers.removeAll(keepingCapacity: true)
    for section in sections {
      let first = 1 << lower + section << (lower - upper)
      numbers += first..<first + 1 << (lower - upper)
    }
    for _ in upper..<lower where !raise(isCheck: true, using: &hasher) { return false }
    return true
  }

  // MARK: Ways

  /// The bucket in which the way to `path` ends: that of the path, or that of the single leaf which has risen to
  /// where the path's would be; nil where the place is empty above the buckets.
  public func bucket(onWayTo path: Digest) -> Int? {
    var number = 1
    for level in 0..<depth {
      let here = self[number]
      if here.hash == .zero { return nil }
      let isRight = here.isLeaf ? self[2 * number].hash == .zero : path.bit(level)
      number = 2 * number + (isRight ? 1 : 0)
    }
    return number - bucketCount
  }

  /// The way from the root to the place of `path`.
  ///
  /// - Parameter bucket: all leaves of the bucket in which the way ends, in ascending order; none where there is no
  ///   such bucket.
  public func way(to path: Digest, among bucket: [StateLeaf], using hasher: inout StateHasher) -> StateWay {
    var way = StateWay()
    for level in 0..<depth {
      let here = self[1 << level + path.bucket(depth: level)]
      guard here.hash != .zero, !here.isLeaf else {
        way.end = bucket.first
        return way
      }
      way.add(self[1 << (level + 1) + path.bucket(depth: level + 1) ^ 1].hash)
    }
    var rest = bucket[...]
    while rest.count > 1 {
      let level = way.depth
      let split = rest.firstIndex { $0.path.bit(level) } ?? rest.endIndex
      let (zeros, ones) = (rest[..<split], rest[split...])
      let aside = path.bit(level) ? zeros : ones
      way.add(StateSubtrees.node(over: aside, depth: level + 1, using: &hasher).hash)
      rest = path.bit(level) ? ones : zeros
    }
    way.end = rest.first
    return way
  }
}
