import Ledger
import LedgerCrypto

extension StateFiles {
  static let folderName = "state"
  private static let topName = "top"
  private static let newTopName = "top.new"

  static func leavesName(_ generation: UInt64) -> String { "leaves-\(generation)" }

  // MARK: Opening

  /// An empty state, in files of its own, in the place of whatever was there.
  package static func make(in ledger: Directory) throws(Failure) -> StateFiles {
    let directory = try ledger.makeFolder(folderName)
    for name in try directory.names() { try directory.remove(name) }
    let top = StateTop(depth: minimumDepth)
    let file = try File(leavesName(0), in: directory, .create)
    let header = StateFrame.fileHeader(depth: top.depth)
    try file.write(header, at: 0)
    return StateFiles(
      top, [StateSpot](repeating: .none, count: top.bucketCount), in: directory, isWriting: true, file,
      generation: 0, byteCount: UInt64(header.count), isSound: true)
  }

  /// The state that is stored, as of the last block of which it fits what was signed.
  ///
  /// It has read `state/top` and what was written behind it. A writer drops what lies behind the last frame that fits.
  ///
  /// - Parameter signed: the state root in the header at a height; nil where the ledger does not reach that far.
  /// - Returns: nil where nothing is stored that fits: then it is to be made anew.
  /// - Throws: `Failure` where a file that is there can't be read.
  package static func open(
    in ledger: Directory, writing: Bool, using hasher: inout StateHasher, signed: (UInt64) throws -> Digest?
  ) throws -> StateFiles? {
    guard ledger.exists(folderName) else { return nil }
    let directory = try ledger.folder(folderName)
    var state: StateFiles
    if let stored = try stored(in: directory, writing: writing, using: &hasher, signed: signed) {
      state = stored
    } else if let first = try first(in: directory, writing: writing) {
      state = first
    } else {
      return nil
    }
    try state.replay(signed, using: &hasher)
    guard state.height != nil else { return nil }
    if writing {
      try state.file.truncate(to: state.byteCount)
      // What was being written when a process ended.
      let living = [topName, leavesName(state.generation), ValuesFile.name]
      for name in try directory.names() where !living.contains(name) { try directory.remove(name) }
    }
    return state
  }

  /// The state that `top` is of.
  private static func stored(
    in directory: Directory, writing: Bool, using hasher: inout StateHasher,
    signed: (UInt64) throws -> Digest?
  ) throws -> StateFiles? {
    guard directory.exists(topName) else { return nil }
    let topFile = try File(topName, in: directory, .read)
    guard let head = try StateTopHead(topFile) else { return nil }
    guard directory.exists(leavesName(head.generation)) else { return nil }
    let file = try File(leavesName(head.generation), in: directory, writing ? .write : .read)
    guard try file.size() >= head.byteCount else { return nil }
    var spots = [StateSpot](repeating: .none, count: 1 << head.depth)
    var leaves = [UInt64](repeating: 0, count: StateTop.wordCount(depth: head.depth))
    var hashes = [Digest](repeating: .zero, count: 2 << head.depth)
    var offset = UInt64(StateTopHead.byteCount)
    func fill<Item: BitwiseCopyable>(_ items: inout [Item]) throws(Failure) -> Bool {
      let count = items.count * MemoryLayout<Item>.stride
      defer { offset += UInt64(count) }
      return try topFile.read(at: offset, intoMemoryOf: &items, 0..<count) == count
    }
    guard try fill(&spots), spots.reduce(0, { $0 + $1.count }) == head.count, try fill(&leaves),
      try fill(&hashes),
      let top = StateTop(depth: head.depth, hashes: hashes, leaves: leaves)
    else { return nil }
    hashes = []
    var state = StateFiles(
      top, spots, in: directory, isWriting: writing, file, generation: head.generation,
      byteCount: head.byteCount, isSound: false)
    (state.count, state.height) = (head.count, head.height)
    guard try signed(head.height) == state.root,
      state.top.isSound(below: 0, sections: [0], from: state.sectionDepth, using: &hasher)
    else { return nil }
    return state
  }

  /// The state before the first frame of a file of leaves that no `top` is of, where there is one and it begins as it
  /// must.
  private static func first(in directory: Directory, writing: Bool) throws -> StateFiles? {
    let prefix = leavesName(0).dropLast()
    let generations = try directory.names().filter { $0.hasPrefix(prefix) }
      .compactMap { UInt64($0.dropFirst(prefix.count)) }
    guard let generation = generations.max() else { return nil }
    let file = try File(leavesName(generation), in: directory, writing ? .write : .read)
    let header = try file.read(at: 0, upTo: StateFrame.fileHeaderByteCount)
    guard header.count == StateFrame.fileHeaderByteCount, header.starts(with: StateFrame.mark) else {
      return nil
    }
    let depth = header.number(at: StateFrame.mark.count)
    guard (UInt64(minimumDepth)...UInt64(maximumDepth)).contains(depth) else { return nil }
    let top = StateTop(depth: Int(depth))
    return StateFiles(
      top, [StateSpot](repeating: .none, count: top.bucketCount), in: directory, isWriting: writing, file,
      generation: generation, byteCount: UInt64(header.count), isSound: true)
  }

  /// Takes in the frames behind `byteCount`, up to the last that fits.
  private mutating func replay(_ signed: (UInt64) throws -> Digest?, using hasher: inout StateHasher) throws {
    let size = try file.size()
    while true {
      guard let frame = try StoredFrame(file, at: byteCount, size: size, depth: top.depth),
        height.map({ frame.height > $0 }) ?? true, try signed(frame.height) == frame.root
      else { return }
      var read = Buckets()
      (read.bytes, read.bounds) = (frame.records, frame.bounds)
      read.hash(using: &hasher)
      guard read.isOrdered(frame.buckets, depth: top.depth) else { return }
      var subtrees = StateSubtrees()
      let nodes = subtrees.nodes(over: read.leaves, bounds: read.bounds, depth: top.depth, using: &hasher)
      top.remember()
      top.update(frame.buckets, nodes, using: &hasher)
      guard top.root == frame.root else {
        top.restore()
        return
      }
      top.forget()
      for (number, bucket) in frame.buckets.enumerated() {
        let made = frame.bounds[number + 1] - frame.bounds[number]
        count += made - spots[bucket].count
        spots[bucket] = StateSpot(byteCount + UInt64(frame.starts[number]), made)
        unsaved += made
      }
      height = frame.height
      byteCount += UInt64(frame.byteCount)
    }
  }

  // MARK: Saving

  /// Writes `state/top` durably, so that opening need not go through what was written since the last one. Traps where
  /// changes wait.
  package mutating func save() throws(Failure) {
    precondition(open == nil, "the block before is not kept")
    guard isWriting, let height else { return }
    // What the top says of the leaves must be on the disk before it.
    try file.sync()
    try directory.remove(StateFiles.newTopName)
    let topFile = try File(StateFiles.newTopName, in: directory, .create)
    let head = StateTopHead(
      generation: generation, byteCount: byteCount, height: height, depth: top.depth, count: count)
    try topFile.write(contentsOf: head.words, at: 0)
    var offset = UInt64(StateTopHead.byteCount)
    try topFile.write(contentsOf: spots, at: offset)
    offset += UInt64(spots.count * MemoryLayout<StateSpot>.stride)
    let stored = top.stored
    try topFile.write(contentsOf: stored.leaves, at: offset)
    offset += UInt64(stored.leaves.count * 8)
    try topFile.write(contentsOf: stored.hashes, at: offset)
    try topFile.sync()
    try directory.rename(StateFiles.newTopName, to: StateFiles.topName)
    unsaved = 0
  }
}

/// What `state/top` begins with: eight numbers in the byte order of the machine that wrote it, which is the only one
/// that reads it.
struct StateTopHead {
  static let byteCount = 64
  /// Read on a machine of the other byte order, it is another number.
  private static let mark: UInt64 = 0x7a68_656e_6701_0002

  let generation: UInt64
  let byteCount: UInt64
  let height: UInt64
  let depth: Int
  let count: Int

  var words: [UInt64] {
    [StateTopHead.mark, generation, byteCount, height, UInt64(depth), UInt64(count), 0, 0]
  }
}

extension StateTopHead {
  /// The head of `file`; nil where that is none.
  init?(_ file: File) throws(Failure) {
    var words = [UInt64](repeating: 0, count: 8)
    guard try file.read(at: 0, intoMemoryOf: &words, 0..<StateTopHead.byteCount) == StateTopHead.byteCount,
      words[0] == StateTopHead.mark, words[2] < 1 << 40, words[4] <= UInt64(StateFiles.maximumDepth),
      words[4] >= UInt64(StateFiles.minimumDepth), words[5] < 1 << 40, words[6] == 0, words[7] == 0
    else { return nil }
    (generation, byteCount, height) = (words[1], words[2], words[3])
    (depth, count) = (Int(words[4]), Int(words[5]))
  }
}

/// A frame that was read, whole and of the right form; whether it is true is another matter.
struct StoredFrame {
  let height: UInt64
  let root: Digest
  let byteCount: Int
  /// Ascending.
  private(set) var buckets: [Int] = []
  /// Where the records of each bucket begin in the frame.
  private(set) var starts: [Int] = []
  private(set) var records: [UInt8] = []
  private(set) var bounds: [Int] = [0]

  /// The frame at `offset` of a file of `size` bytes; nil where none is whole there.
  init?(_ file: File, at offset: UInt64, size: UInt64, depth: Int) throws(Failure) {
    guard size >= offset, size - offset >= UInt64(StateFrame.headByteCount) else { return nil }
    let head = try file.read(at: offset, exactly: StateFrame.headByteCount)
    let bodyCount = head.number(at: 40)
    let bucketCount = head.number(at: 48)
    guard let root = Digest(head.span, at: 8), bodyCount <= size - offset - UInt64(StateFrame.headByteCount),
      bucketCount <= 1 << UInt64(depth), bucketCount * UInt64(StateFrame.bucketHeadByteCount) <= bodyCount
    else { return nil }
    (height, self.root) = (head.number(at: 0), root)
    byteCount = StateFrame.headByteCount + Int(bodyCount)
    let body = try file.read(at: offset + UInt64(StateFrame.headByteCount), exactly: Int(bodyCount))
    records.reserveCapacity(body.count)
    var place = 0
    for _ in 0..<bucketCount {
      guard body.count - place >= StateFrame.bucketHeadByteCount else { return nil }
      let bucket = Int(body.number(at: place, as: UInt32.self))
      let count = Int(body.number(at: place + 4, as: UInt32.self))
      place += StateFrame.bucketHeadByteCount
      guard bucket < 1 << depth, buckets.last.map({ $0 < bucket }) ?? true, count <= StateSpot.maximumCount,
        count * StateFrame.recordByteCount <= body.count - place
      else { return nil }
      buckets.append(bucket)
      starts.append(StateFrame.headByteCount + place)
      records += body[place..<place + count * StateFrame.recordByteCount]
      place += count * StateFrame.recordByteCount
      bounds.append(bounds[bounds.count - 1] + count)
    }
    guard place == body.count else { return nil }
  }
}
