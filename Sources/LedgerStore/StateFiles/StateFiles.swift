import Ledger
import LedgerCrypto

/// What is stored of the state does not fit what was signed: it is not believed, and is to be made anew from the
/// entries.
package struct StateMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  package let path: String
  /// What does not fit.
  package let reason: String

  /// `path: reason`.
  package var description: String { "\(path): \(reason)" }
}

/// The leaves of the state tree in files, and the hashes above them in memory: from it comes the root after a block,
/// and the proof of what a key has. Derived: it may be deleted at any time.
///
/// A leaf is 72 bytes: its path, its value's hash, and a number, its *place*, by which whoever stores the values
/// finds that of this key. Leaves lie in buckets, by the first bits of their paths: as many buckets as there are
/// keys, or twice as many, and at most 2^20.
///
/// - `state/leaves-N` is append-only. It begins with `StateFrame.fileHeader`, and then has a frame for each block:
///   the block's height, the root after it, and every bucket that the block has changed, whole. What lies behind the
///   last whole frame is dropped.
/// - `state/top` is written now and then, in the place of the one before: how far `leaves-N` reached, where each
///   bucket lies in it, and the hashes of the tree above the buckets.
///
/// *The policy*: `leaves-N` is written anew, as `leaves-N+1` and with its buckets in order, when it is four times as
/// long as what lives in it and longer than 1 MiB, or when there are more keys than buckets.
///
/// Nothing read is believed: the root is that of a header which the caller names, hashes of the top are checked
/// against it when they are first used, and a bucket is hashed, leaves and all, whenever it is read. Where something
/// does not fit `StateMismatch` is thrown.
///
/// A block's changes are first applied, which gives the root, and then kept. Not for use from two threads
/// at once. One process writes; others may read at the same time.
package struct StateFiles: Sendable {
  /// The hashes from the buckets up.
  var top: StateTop
  /// Where each bucket lies in the file of leaves, and how many leaves it has.
  var spots: [StateSpot]
  /// The number of leaves.
  package internal(set) var count = 0
  /// The height of the block after which this is the state; nil before the first.
  package internal(set) var height: UInt64?
  /// Which sections of the top agree with its root: those below the nodes at depth `sectionDepth`.
  var sound: [Bool]
  let directory: Directory
  /// Whether what is kept is written; not any more after a failure.
  var isWriting: Bool
  /// Why nothing is written any more, or `state/top` was not.
  var failure: Failure?
  var file: File
  var generation: UInt64
  /// Where the next frame goes.
  var byteCount: UInt64
  /// Frames behind the end of the file, held in memory because this process does not write or a write failed.
  var tail: [UInt8] = []
  /// How many leaves were written since `state/top`.
  var unsaved = 0
  var open: OpenStep?
  private var subtrees = StateSubtrees()

  /// What a block has changed and nobody has decided upon.
  struct OpenStep: Sendable {
    var frame: StateFrame
    var buckets: [Int]
    /// How many leaves each bucket has from now on.
    var counts: [Int]
    var count: Int
  }

  /// After so many changed keys the top is written again.
  static let saveInterval = 1 << 17
  /// The most bits that tell a bucket.
  static let maximumDepth = 20
  static let minimumDepth = 6

  /// The depth with room for `count` keys.
  static func depth(for count: Int) -> Int {
    var depth = minimumDepth
    while depth < maximumDepth, count > 1 << depth { depth += 1 }
    return depth
  }

  /// How far above the buckets the top is checked in sections.
  var sectionDepth: Int { max(0, top.depth - 6) }

  init(
    _ top: StateTop, _ spots: [StateSpot], in directory: Directory, isWriting: Bool, _ file: File,
    generation: UInt64, byteCount: UInt64, isSound: Bool
  ) {
    (self.top, self.spots, self.directory, self.isWriting) = (top, spots, directory, isWriting)
    (self.file, self.generation, self.byteCount) = (file, generation, byteCount)
    sound = [Bool](repeating: isSound, count: 1 << max(0, top.depth - 6))
  }

  /// The root of the state, with what was applied and is not kept yet.
  package var root: Digest { top.root }

  // MARK: A block

  /// The leaf of a key before a block.
  package struct OldLeaf: Sendable {
    /// The hash of its value.
    package let valueHash: Digest
    /// The place of its value, which no hash covers.
    package let place: UInt64
  }

  /// Applies what the block at `height` does at `paths`, which ascend, each once, and gives the root after it; `keep` must follow.
  ///
  /// Traps where changes wait already.
  ///
  /// - Parameter change: given the leaf that each path had, the batch of these paths, and for each the number by which its
  ///   value will be found; any for one that is removed.
  /// - Throws: `StateMismatch`, `Failure`, what `change` throws; then nothing is changed.
  /// - Complexity: one read for each bucket touched.
  package mutating func apply(
    _ paths: [Digest], height: UInt64, using hasher: inout StateHasher,
    _ change: ([OldLeaf?], inout StateHasher) throws -> (batch: StateBatch, places: [UInt64])
  ) throws -> Digest {
    precondition(open == nil, "the block before is not kept")
    let (touched, ends) = buckets(of: paths)
    let old = try read(touched, using: &hasher)
    let (batch, places) = try change(old.find(paths, ends), &hasher)
    precondition(places.count == batch.changes.count && places.count == paths.count, "a place for each path")
    var frame = StateFrame(height: height)
    var (leaves, bounds, counts): ([StateLeaf], [Int], [Int]) = ([], [0], [])
    leaves.reserveCapacity(old.leaves.count + batch.changes.count)
    var (start, newCount) = (0, count)
    for (number, bucket) in touched.enumerated() {
      frame.begin(bucket)
      old.merge(number, batch, start..<ends[number], places, into: &leaves, &frame)
      frame.end()
      let made = leaves.count - bounds[number]
      guard made <= StateSpot.maximumCount else {
        throw mismatch("bucket \(bucket) has no room for more leaves")
      }
      counts.append(made)
      bounds.append(leaves.count)
      newCount += made - (old.bounds[number + 1] - old.bounds[number])
      start = ends[number]
    }
    try readNeighbours(ofEmptied: zip(touched, counts).filter { $0.1 == 0 }.map(\.0), touched, using: &hasher)
    let nodes = subtrees.nodes(over: leaves, bounds: bounds, depth: top.depth, using: &hasher)
    top.update(touched, nodes, using: &hasher)
    open = OpenStep(frame: frame, buckets: touched, counts: counts, count: newCount)
    return top.root
  }

  /// Sees whether the bucket beside one that becomes empty holds a single leaf, which then rises: for as long as both
  /// hold something the root does not say.
  private mutating func readNeighbours(
    ofEmptied emptied: [Int], _ touched: [Int], using hasher: inout StateHasher
  ) throws {
    guard !emptied.isEmpty else { return }
    let known = Set(touched)
    _ = try read(emptied.map { $0 ^ 1 }.filter { !known.contains($0) }, using: &hasher)
  }

  /// Lets what is applied next be taken back. Traps where changes wait already.
  mutating func beginTrial() {
    precondition(open == nil, "the block before is not kept")
    top.remember()
  }

  /// Takes back what was applied since `beginTrial`, if anything was.
  mutating func endTrial() {
    top.restore()
    open = nil
  }

  /// Keeps what was applied: writes it, without waiting for the disk, or holds it in memory where this process does not write or a
  /// write failed.
  package mutating func keep() {
    guard var step = open else { preconditionFailure("nothing was applied") }
    let bytes = step.frame.finish(root: top.root)
    if isWriting {
      do { try file.write(bytes, at: byteCount) } catch { (isWriting, failure) = (false, error) }
    }
    if !isWriting { tail += bytes }
    open = nil
    take(step.buckets, step.counts, of: step.frame, at: byteCount)
    (count, height) = (step.count, step.frame.height)
    byteCount += UInt64(bytes.count)
  }

  /// Does what is due of the upkeep of the files, which is nothing after most blocks: writes the leaves anew, or the
  /// top. Traps where changes wait. What can't be written stays as it was.
  ///
  /// - Throws: `StateMismatch`; the state and what was stored of it stay as they were.
  package mutating func maintain(using hasher: inout StateHasher) throws {
    guard isWriting else { return }
    do {
      if isCrowded {
        try rewrite(using: &hasher)
      } else if unsaved >= StateFiles.saveInterval {
        try save()
      } else {
        return
      }
      failure = nil
    } catch let error as Failure { failure = error }
  }

  /// Keeps everything in memory from now on.
  mutating func stopWriting(_ reason: Failure) {
    if isWriting { (isWriting, failure) = (false, reason) }
  }

  /// Whether upkeep is due.
  var needsUpkeep: Bool { isWriting && (isCrowded || unsaved >= StateFiles.saveInterval) }

  /// Notes where the buckets of a frame lie, which begins at `start` of the file.
  mutating func take(_ buckets: [Int], _ counts: [Int], of frame: StateFrame, at start: UInt64) {
    for (number, bucket) in buckets.enumerated() {
      spots[bucket] = StateSpot(start + UInt64(frame.starts[number]), counts[number])
      unsaved += counts[number]
    }
  }

  // MARK: Reading

  /// The leaves of buckets, as they lie in the file, and hashed.
  struct Buckets {
    /// The records, one behind the other.
    var bytes: [UInt8] = []
    var leaves: [StateLeaf] = []
    /// Where each bucket's leaves begin, and behind them the number of leaves.
    var bounds: [Int] = [0]
  }

  /// The leaves of `buckets`, which ascend; each is what the root says of it.
  mutating func read(_ buckets: [Int], using hasher: inout StateHasher) throws -> Buckets {
    var read = try readUnchecked(buckets)
    read.hash(using: &hasher)
    try requireSound(buckets, using: &hasher)
    guard read.isOrdered(buckets, depth: top.depth) else { throw mismatch("a bucket is not in order") }
    let nodes = subtrees.nodes(over: read.leaves, bounds: read.bounds, depth: top.depth, using: &hasher)
    for (number, bucket) in buckets.enumerated() {
      guard nodes[number] == top.node(depth: top.depth, bits: bucket) else {
        throw mismatch("bucket \(bucket) is not what the root of the state says")
      }
    }
    return read
  }

  /// Reads every leaf once, on all cores, compares it with the root, and calls `body` with many of them at a time, on several
  /// threads at once.
  ///
  /// - Throws: `StateMismatch`, `Failure`, what `body` throws.
  func readAll(_ body: @Sendable ([OldLeaf], inout StateHasher) throws -> Void) throws {
    let share = 1 << 12
    let failures: [(any Error)?] = Cores.make((top.bucketCount + share - 1) / share, share: 1) {
      runs, failures in
      var files = self
      var hasher = StateHasher()
      for run in runs {
        var failure: (any Error)?
        do {
          let read = try files.read(
            Array(run * share..<min((run + 1) * share, top.bucketCount)), using: &hasher)
          let leaves = read.leaves.indices.compactMap { number in
            let (hash, place) = read.value(number)
            return hash.map { OldLeaf(valueHash: $0, place: place) }
          }
          try body(leaves, &hasher)
        } catch { failure = error }
        (failures + run).initialize(to: failure)
      }
    }
    for case let failure? in failures { throw failure }
  }

  /// The bytes of the leaves of `buckets`, as they lie in the file.
  func readUnchecked(_ buckets: [Int]) throws -> Buckets {
    let size = StateFrame.recordByteCount
    var read = Buckets()
    read.bounds.reserveCapacity(buckets.count + 1)
    var total = 0
    for bucket in buckets {
      total += spots[bucket].count
      read.bounds.append(total)
    }
    // What a spot says is not believed: a bucket that is not there must not make room for itself.
    guard total <= max(count, 0) else { throw mismatch("buckets with more leaves than there are") }
    read.bytes = [UInt8](repeating: 0, count: total * size)
    for (number, bucket) in buckets.enumerated() where spots[bucket].count > 0 {
      let range = read.bounds[number] * size..<read.bounds[number + 1] * size
      guard try readRecords(at: spots[bucket].start, into: &read.bytes, range) else {
        throw mismatch("it ends within bucket \(bucket)")
      }
    }
    return read
  }

  private func readRecords(
    at start: UInt64, into bytes: inout [UInt8], _ range: Range<Int>
  ) throws(Failure) -> Bool {
    let fileByteCount = byteCount - UInt64(tail.count)
    guard start >= fileByteCount, !tail.isEmpty else {
      return try file.read(at: start, into: &bytes, range) == range.count
    }
    let place = Int(clamping: start - fileByteCount)
    guard place + range.count <= tail.count else { return false }
    bytes.replaceSubrange(range, with: tail[place..<place + range.count])
    return true
  }

  func mismatch(_ reason: String) -> StateMismatch { StateMismatch(path: file.path, reason: reason) }

  /// Sees that the hashes between `buckets` and the root agree, where that was not seen before.
  private mutating func requireSound(_ buckets: [Int], using hasher: inout StateHasher) throws {
    let shift = top.depth - sectionDepth
    var sections: [Int] = []
    for bucket in buckets where !sound[bucket >> shift] && sections.last != bucket >> shift {
      sections.append(bucket >> shift)
    }
    guard !sections.isEmpty else { return }
    guard top.isSound(below: sectionDepth, sections: sections, from: top.depth, using: &hasher) else {
      throw mismatch("the hashes of the state do not agree with their root")
    }
    for section in sections { sound[section] = true }
  }

  /// The buckets of `paths`, which ascend, and how many of the paths lie in each and those before it.
  private func buckets(of paths: [Digest]) -> (touched: [Int], ends: [Int]) {
    var (touched, ends): ([Int], [Int]) = ([], [])
    touched.reserveCapacity(paths.count)
    ends.reserveCapacity(paths.count)
    for (number, path) in paths.enumerated() {
      let bucket = path.bucket(depth: top.depth)
      if touched.last == bucket {
        ends[ends.count - 1] = number + 1
      } else {
        touched.append(bucket)
        ends.append(number + 1)
      }
    }
    return (touched, ends)
  }

  /// The leaf at each of `paths`, which ascend, each once; nil where there is none. Traps where changes wait.
  ///
  /// - Throws: `StateMismatch`, `Failure`.
  /// - Complexity: one read for each bucket.
  package mutating func leaves(at paths: [Digest], using hasher: inout StateHasher) throws -> [OldLeaf?] {
    precondition(open == nil, "the block before is not kept")
    let (touched, ends) = buckets(of: paths)
    return try read(touched, using: &hasher).find(paths, ends)
  }

  /// What the state has at a path.
  package struct Found: Sendable {
    /// The way to it, for a proof. Its end is the leaf at that place, of this path or another.
    package let way: StateProofPath
    /// The hash of the value of the leaf at the end; nil where there is none.
    package let valueHash: Digest?
    /// The place of that value: a hint, since no hash covers it. What is found there is to have `valueHash`.
    package let place: UInt64?
  }

  /// Looks `path` up, checked against the root. Traps where changes wait.
  ///
  /// - Throws: `StateMismatch`, `Failure`.
  /// - Complexity: one read, and a hash for each bit of the depth at first.
  package mutating func look(_ path: Digest, using hasher: inout StateHasher) throws -> Found {
    precondition(open == nil, "the block before is not kept")
    try requireSound([path.bucket(depth: top.depth)], using: &hasher)
    guard let bucket = top.bucket(onWayTo: path) else {
      return Found(way: top.way(to: path, among: [], using: &hasher), valueHash: nil, place: nil)
    }
    let read = try read([bucket], using: &hasher)
    let way = top.way(to: path, among: read.leaves, using: &hasher)
    guard let end = way.end, let number = read.leaves.firstIndex(of: end) else {
      return Found(way: way, valueHash: nil, place: nil)
    }
    let (valueHash, place) = read.value(number)
    return Found(way: way, valueHash: valueHash, place: place)
  }
}

/// Where a bucket lies: a byte offset of 40 bits and a number of leaves of 24.
struct StateSpot: BitwiseCopyable, Hashable, Sendable {
  let bits: UInt64

  static let none = StateSpot(0, 0)
  static let maximumCount = 1 << 24 - 1

  init(_ start: UInt64, _ count: Int) { bits = start << 24 | UInt64(count) }

  var start: UInt64 { bits >> 24 }
  var count: Int { Int(bits & 0xff_ffff) }
}
