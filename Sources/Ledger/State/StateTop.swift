public import LedgerCrypto

/// The hashes of a state tree from its buckets up to the root: 64 bytes a bucket, in memory.
public struct StateTop: Sendable {
  /// How many leading bits of a path give its bucket: 0...28.
  public let depth: Int
  /// The node at depth d over the bits p is number 2^d + p; number 0 is none.
  private var hashes: [Digest]
  /// Whether each is a single leaf, a bit for each.
  private var leaves: [UInt64]
  /// What was replaced since `remember`, the oldest first: numbers, and the nodes that they had.
  private var replaced: [Int] = []
  private var former: [Digest] = []
  private var formerLeaves: [Bool] = []
  private var remembers = false
  /// What `touch` has read, so that it is read.
  private var touched: UInt64 = 0
  private var numbers: [Int] = []
  private var pairs: [Digest] = []
  private var hashed: [Int] = []
  private var raised: [(number: Int, child: Int)] = []

  /// The most bits that give a bucket.
  public static let maximumDepth = 28

  /// The top of an empty tree with 2^depth buckets. Traps if that are more than 2^28.
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
    return node(1 << depth + bits)
  }

  private func node(_ number: Int) -> StateNode { StateNode(hash: hashes[number], isLeaf: isLeaf(number)) }

  @inline(__always)
  private func isLeaf(_ number: Int) -> Bool { leaves[number >> 6] >> UInt64(number & 63) & 1 == 1 }

  @inline(__always)
  private mutating func set(_ number: Int, _ hash: Digest, isLeaf: Bool) {
    let wasLeaf = self.isLeaf(number)
    if remembers {
      replaced.append(number)
      former.append(hashes[number])
      formerLeaves.append(wasLeaf)
    }
    hashes[number] = hash
    if wasLeaf != isLeaf { leaves[number >> 6] ^= 1 << UInt64(number & 63) }
  }

  // MARK: Changing

  /// Gives each of `buckets`, in ascending order, its node, and hashes anew what is above them, level by level.
  public mutating func update(_ buckets: [Int], _ nodes: [StateNode], using hasher: inout StateHasher) {
    precondition(buckets.count == nodes.count, "a node for each bucket")
    touch(buckets)
    numbers.removeAll(keepingCapacity: true)
    for (bucket, node) in zip(buckets, nodes) {
      precondition((0..<bucketCount).contains(bucket), "a bucket of this tree")
      set(1 << depth + bucket, node.hash, isLeaf: node.isLeaf)
      numbers.append(1 << depth + bucket)
    }
    for _ in 0..<depth {
      hashParents(using: &hasher)
      for (number, child) in raised { set(number, hashes[child], isLeaf: isLeaf(child)) }
      for (place, number) in hashed.enumerated() { set(number, pairs[place], isLeaf: false) }
    }
  }

  /// Reads what an update of `buckets` will look at. No read waits for another one here, so that memory answers many
  /// at once; below a dozen levels all of it is near anyway.
  private mutating func touch(_ buckets: [Int]) {
    var sum: UInt64 = 0
    for level in stride(from: depth, to: 12, by: -1) {
      for bucket in buckets { sum &+= hashes[(1 << level + bucket >> (depth - level)) ^ 1].fingerprint }
    }
    touched = sum
  }

  /// Replaces `numbers` by their parents: `hashed`, whose hashes are `pairs`, and `raised`, which are as a child.
  private mutating func hashParents(using hasher: inout StateHasher) {
    var (count, previous) = (0, 0)
    pairs.removeAll(keepingCapacity: true)
    hashed.removeAll(keepingCapacity: true)
    raised.removeAll(keepingCapacity: true)
    for place in 0..<numbers.count where numbers[place] >> 1 != previous {
      previous = numbers[place] >> 1
      numbers[count] = previous
      count += 1
      let (left, right) = (hashes[2 * previous], hashes[2 * previous + 1])
      if left.isZero, right.isZero || isLeaf(2 * previous + 1) {
        raised.append((previous, 2 * previous + 1))
      } else if right.isZero, isLeaf(2 * previous) {
        raised.append((previous, 2 * previous))
      } else {
        pairs.append(left)
        pairs.append(right)
        hashed.append(previous)
      }
    }
    numbers.removeLast(numbers.count - count)
    hasher.hashInner(&pairs, count: hashed.count)
  }

  /// From now on remembers what is replaced, until `restore` or `forget`.
  public mutating func remember() {
    forget()
    remembers = true
  }

  /// Puts back what was replaced since `remember`.
  public mutating func restore() {
    remembers = false
    for place in replaced.indices.reversed() {
      set(replaced[place], former[place], isLeaf: formerLeaves[place])
    }
    forget()
  }

  /// Lets go of what was replaced since `remember`.
  public mutating func forget() {
    remembers = false
    replaced.removeAll(keepingCapacity: true)
    former.removeAll(keepingCapacity: true)
    formerLeaves.removeAll(keepingCapacity: true)
  }

  // MARK: Stored tops

  /// The hashes of all nodes, from number 1 on, and a bit for each that says whether it is a single leaf.
  package var stored: (hashes: [Digest], leaves: [UInt64]) { (hashes, leaves) }

  /// The top that was stored so, of which nothing is believed before `isSound` has said so; nil if it is not as
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
    for _ in upper..<lower {
      hashParents(using: &hasher)
      for (number, child) in raised where node(number) != node(child) { return false }
      for (place, number) in hashed.enumerated() where isLeaf(number) || hashes[number] != pairs[place] {
        return false
      }
    }
    return true
  }

  // MARK: Ways

  /// The bucket in which the way to `path` ends: that of the path, or that of the single leaf which has risen to
  /// where the path's would be; nil if the place is empty above the buckets.
  public func bucket(onWayTo path: Digest) -> Int? {
    var number = 1
    for level in 0..<depth {
      if hashes[number].isZero { return nil }
      let isRight = isLeaf(number) ? hashes[2 * number].isZero : path.bit(level)
      number = 2 * number + (isRight ? 1 : 0)
    }
    return number - bucketCount
  }

  /// The way from the root to the place of `path`.
  ///
  /// - Parameter bucket: all leaves of the bucket in which the way ends, in ascending order; none if there is no
  ///   such bucket.
  public func way(to path: Digest, among bucket: [StateLeaf], using hasher: inout StateHasher)
    -> StateProofPath
  {
    var way = StateProofPath()
    for level in 0..<depth {
      let here = 1 << level + path.bucket(depth: level)
      guard !hashes[here].isZero, !isLeaf(here) else {
        way.end = bucket.first
        return way
      }
      way.add(hashes[(1 << (level + 1) + path.bucket(depth: level + 1)) ^ 1])
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
