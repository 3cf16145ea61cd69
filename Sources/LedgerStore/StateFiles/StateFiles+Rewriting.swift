import Ledger
import LedgerCrypto

extension StateFiles {
  /// Four times what lives in the file, and no less than 1 MiB, is when it is written anew.
  static let leastCrowdedByteCount: UInt64 = 1 << 20
  private static let together = 1 << 12

  /// Whether the file of leaves is to be written anew.
  var isCrowded: Bool {
    let living = count * StateFrame.recordByteCount + top.bucketCount * StateFrame.bucketHeadByteCount
    return byteCount > max(UInt64(4 * living), StateFiles.leastCrowdedByteCount)
      || count > top.bucketCount && top.depth < StateFiles.maximumDepth
  }

  /// Writes the leaves anew, as the next generation, its buckets in order and as many as there should be; then the top.
  ///
  /// Where it fails the old files stay as they were, and so does this.
  mutating func rewrite(using hasher: inout StateHasher) throws {
    guard let height else { return }
    precondition(open == nil, "the block before is not kept")
    let depth = max(top.depth, StateFiles.depth(for: count + 1))
    let next = generation + 1
    try directory.remove(StateFiles.leavesName(next))
    let made = try File(StateFiles.leavesName(next), in: directory, .create)
    var writer = RewritingFile(made, self, depth: depth, height: height)
    for start in stride(from: 0, to: top.bucketCount, by: StateFiles.together) {
      let run = Array(start..<min(start + StateFiles.together, top.bucketCount))
      try writer.add(readUnchecked(run), from: start, using: &hasher)
    }
    guard writer.spots.reduce(0, { $0 + $1.count }) == count else {
      throw mismatch("not as many leaves as there were")
    }
    let newTop = try writer.top(using: &hasher)
    guard newTop.root == root else { throw mismatch("the leaves are not those of the root of the state") }
    try made.sync()
    let old = self
    (file, generation, byteCount) = (made, next, writer.byteCount)
    (top, spots) = (newTop, writer.spots)
    if depth > old.top.depth { sound = [Bool](repeating: true, count: 1 << sectionDepth) }
    do { try save() } catch {
      self = old
      throw error
    }
    try directory.remove(StateFiles.leavesName(old.generation))
  }
}

/// The next file of leaves while it is written: one frame with every bucket.
private struct RewritingFile {
  private let file: File
  private let depth: Int
  /// How many bits more than before tell a bucket.
  private let moreBits: Int
  private let oldTop: StateTop
  private(set) var spots: [StateSpot] = []
  private(set) var byteCount: UInt64 = 0
  private var bytes: [UInt8]
  private var subtrees = StateSubtrees()
  private var nodes: [StateNode] = []

  init(_ file: File, _ old: StateFiles, depth: Int, height: UInt64) {
    (self.file, self.depth, oldTop) = (file, depth, old.top)
    moreBits = depth - old.top.depth
    bytes = StateFrame.fileHeader(depth: depth)
    bytes.appendNumber(height)
    old.root.append(to: &bytes)
    let bodyCount = old.count * StateFrame.recordByteCount + StateFrame.bucketHeadByteCount << depth
    bytes.appendNumber(UInt64(bodyCount))
    bytes.appendNumber(UInt64(1 << depth))
    spots.reserveCapacity(1 << depth)
  }

  /// Adds the old buckets from number `first` on, each as one of this file or several, and writes them.
  ///
  /// Where there are no more buckets than before they are copied as they are: each is looked at again whenever it is
  /// read.
  mutating func add(_ read: StateFiles.Buckets, from first: Int, using hasher: inout StateHasher) throws {
    let size = StateFrame.recordByteCount
    var read = read
    if moreBits > 0 { read.hash(using: &hasher) }
    var bounds = [0]
    for number in 0..<(read.bounds.count - 1) << moreBits {
      let bucket = first << moreBits + number
      let start = bounds[number]
      var end = start
      if moreBits == 0 {
        end = read.bounds[number + 1]
      } else {
        while end < read.leaves.count, read.leaves[end].path.bucket(depth: depth) == bucket { end += 1 }
      }
      bounds.append(end)
      bytes.appendNumber(UInt32(bucket))
      bytes.appendNumber(UInt32(end - start))
      spots.append(StateSpot(byteCount + UInt64(bytes.count), end - start))
      bytes += read.bytes[start * size..<end * size]
    }
    if moreBits > 0 {
      let buckets = Array(first << moreBits..<spots.count)
      guard bounds.last == read.leaves.count, read.isOrdered(buckets, bounds, depth: depth) else {
        throw StateMismatch(path: file.path, reason: "a bucket is not in order")
      }
      nodes += subtrees.nodes(over: read.leaves, bounds: bounds, depth: depth, using: &hasher)
    }
    try file.write(bytes, at: byteCount)
    byteCount += UInt64(bytes.count)
    bytes.removeAll(keepingCapacity: true)
  }

  /// The hashes above the buckets, when all are written.
  mutating func top(using hasher: inout StateHasher) throws -> StateTop {
    guard moreBits > 0 else { return oldTop }
    var top = StateTop(depth: depth)
    top.update(Array(spots.indices), nodes, using: &hasher)
    return top
  }
}
