public import LedgerCrypto

/// The hashes of a state tree from its buckets up to the root: 64 bytes a bucket, in memory.
public struct StateTop: Sendable {
  /// How many first bits of a path tell its bucket: 0...28.
  public let depth: Int
  /// The node at depth d over the bits p is number 2^d + p; number 0 is none.
  private var hashes: [Digest]
  /// Whether each is a single leaf, a bit for each.
  private var leaves: [UInt64]
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
    leaves = [UInt64](repeating: 0, count: (2 << depth) / 64 + 1)
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
      hashes[number] = newValue.hash
      let bit = UInt64(1) << UInt64(number & 63)
      if newValue.isLeaf { leaves[number >> 6] |= bit } else { leaves[number >> 6] &= ~bit }
    }
  }

  /// Gives each of `buckets`, in ascending order, its node, and hashes anew what is above them, level by level.
  public mutating func update(_ buckets: [Int], _ nodes: [StateNode], using hasher: inout StateHasher) {
    precondition(buckets.count == nodes.count, "a node for each bucket")
    numbers.removeAll(keepingCapacity: true)
    for (bucket, node) in zip(buckets, nodes) {
      precondition((0..<bucketCount).contains(bucket), "a bucket of this tree")
      self[1 << depth + bucket] = node
      numbers.append(1 << depth + bucket)
    }
    for _ in 0..<depth { raise(using: &hasher) }
  }

  /// Makes the parents of `numbers`, which then are these.
  private mutating func raise(using hasher: inout StateHasher) {
    var (count, previous) = (0, 0)
    pairs.removeAll(keepingCapacity: true)
    hashed.removeAll(keepingCapacity: true)
    for number in numbers where number >> 1 != previous {
      previous = number >> 1
      numbers[count] = previous
      count += 1
      let (left, right) = (self[2 * previous], self[2 * previous + 1])
      if left.hash == .zero, right.isLeaf || right.hash == .zero {
        self[previous] = right
      } else if right.hash == .zero, left.isLeaf {
        self[previous] = left
      } else {
        pairs.append(left.hash)
        pairs.append(right.hash)
        hashed.append(previous)
      }
    }
    numbers.removeLast(numbers.count - count)
    hasher.hashInner(&pairs, count: hashed.count)
    for (place, number) in hashed.enumerated() { self[number] = StateNode(hash: pairs[place], isLeaf: false) }
  }

  // MARK: Ways

  /// The bucket in which the way to `path` ends: that of the path, or that of the single leaf which has risen to where the path's
  /// would be; nil where the place is empty above the buckets.
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
  /// - Parameter bucket: all leaves of the bucket in which the way ends, in ascending order; none where there is no such bucket.
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
