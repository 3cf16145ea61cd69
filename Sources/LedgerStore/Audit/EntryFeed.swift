import Ledger
import LedgerCrypto
import TransparencyLog

/// The entries in order, read in chunks and checked on all cores, for an audit that takes them block by block.
struct EntryFeed {
  private let log: EntryLog
  private let tiles: TileFiles?
  private let options: LedgerAudit.Options
  /// The public keys by which signatures are checked ahead; those of later rosters are checked in their turn.
  var keys: [Digest: PublicKey]
  /// The tables of those that sign much.
  let knownKeys: KnownKeys

  /// The chunks at hand, one behind the other; only the first may be dropped in part.
  private var held: [HeldChunk] = []
  /// The index of the next entry.
  private(set) var index: UInt64 = 0
  /// How many entries lie before the end of the chunks at hand.
  private var reached: UInt64 = 0
  /// The position of the byte behind the chunks at hand.
  private var end: UInt64 = 0
  /// The headers at hand, by their indices.
  private var headers: [(index: UInt64, header: BlockAudit.Single)] = []
  /// Whether the chain of length prefixes breaks behind the chunks at hand.
  private var isBroken = false
  /// The entries at hand whose length prefix is not their length.
  private var misframed: [UInt64] = []
  /// The chunks that will be wanted next, being checked meanwhile.
  private let line: WorkLine<ChunkChecker, Work, Result<CheckedChunk, Failure>>
  /// Where the log is cut into them.
  private var plan: ChunkPlan
  /// Where the chunk behind them begins; nil where they reach the end.
  private var aheadPosition: UInt64?
  /// How many bytes a chunk has, or somewhat more.
  private let usual: Int
  /// For what must be checked in its turn.
  private let checker: ChunkChecker

  /// A chunk to read and check, with the keys known when it was put in line.
  private struct Work: Sendable {
    let position: UInt64
    let wanted: Int
    let keys: [Digest: PublicKey]
  }

  /// A chunk whose entries have their indices.
  private struct HeldChunk {
    /// The index of its first entry.
    let first: UInt64
    /// The position of its first byte.
    let position: UInt64
    /// Empty where only hashes are asked for, as is `checked`.
    let bytes: [UInt8]
    let ranges: [Range<Int>]
    let leaves: [Digest]
    let checked: [CheckedEntry]
    /// The leaf hashes that are stored for these entries, as many as there are.
    let stored: [Digest]

    /// The index behind its last entry.
    var end: UInt64 { first + UInt64(ranges.count) }

    /// Its entries from index `from` up to index `to`, as far as it has them.
    func run(_ from: UInt64, _ to: UInt64) -> BlockAudit.Run {
      let part = Int(max(from, first) - first)..<Int(max(max(from, first), min(to, end)) - first)
      return BlockAudit.Run(
        bytes: bytes, ranges: ranges[part], leaves: leaves[part],
        checked: checked.isEmpty ? [] : checked[part],
        stored: stored.prefix(part.upperBound).dropFirst(part.lowerBound))
    }
  }

  /// - Parameters:
  ///   - tiles: the stored leaf hashes, if there are any.
  ///   - offsets: the stored offsets, if there are any.
  init(
    _ log: EntryLog, _ tiles: TileFiles?, _ offsets: OffsetsFile?, _ options: LedgerAudit.Options,
    keys: [Digest: PublicKey]
  ) {
    (self.log, self.tiles, self.options, self.keys) = (log, tiles, options, keys)
    // Without tiles a guess: a statement takes some 250 bytes before it says anything.
    let knownKeys = KnownKeys(expecting: Int(clamping: tiles?.count(level: 0) ?? log.byteCount / 400))
    self.knownKeys = knownKeys
    let depth = options.depth
    // Hashing alone is best done within a core's own cache; signatures in large batches. Four of the largest entries at least:
    // a walk that is guided by hashes must see two at once.
    usual = max(depth == .everything ? options.chunkByteCount : options.chunkByteCount / 2, 4 * 65_537)
    plan = ChunkPlan(log, offsets, usual: usual)
    checker = ChunkChecker(log, depth, knownKeys)
    line = WorkLine(threads: max(1, options.threads)) {
      ChunkChecker(log, depth, knownKeys)
    } work: { checker, work in
      Result { () throws(Failure) in
        try checker.chunk(at: work.position, wanted: work.wanted, keys: work.keys)
      }
    }
  }

  /// The position of entry `index`, which is at hand, or of the byte behind all that is at hand.
  func position(of index: UInt64) -> UInt64 {
    guard let chunk = held.first(where: { index < $0.end }) else { return end }
    return chunk.position + UInt64(chunk.ranges[Int(index - chunk.first)].lowerBound - 2)
  }

  // MARK: Blocks

  /// The number of entries of the next block: up to the next header, or to the entry where a signed checkpoint ends.
  ///
  /// - Returns: nil where the entries end, or can't be followed, before that.
  mutating func blockLength(promised: UInt64?) throws -> Int? {
    while true {
      let header = headers.first.map { $0.index + 1 }
      let signed = promised.flatMap { $0 > index ? $0 : nil }
      if let end = [header, signed].compactMap({ $0 }).min(), end <= reached { return Int(end - index) }
      guard try fill() else { return nil }
    }
  }

  /// The next `count` entries, which are at hand, for the validation core.
  func block(_ count: Int) throws -> BlockAudit.Entries {
    let behind = index + UInt64(count)
    let runs = held.prefix { $0.first < behind }.map { $0.run(index, behind) }
    return BlockAudit.Entries(runs: runs, last: count > 0 ? try single(behind - 1) : nil)
  }

  /// Entry `index`, which is at hand.
  private func single(_ index: UInt64) throws -> BlockAudit.Single? {
    if let known = headers.first(where: { $0.index == index }) { return known.header }
    guard let chunk = held.first(where: { index < $0.end }) else { return nil }
    let range = chunk.ranges[Int(index - chunk.first)]
    return checker.check(
      try log.read(at: chunk.position + UInt64(range.lowerBound), upTo: range.count), keys: keys)
  }

  /// The faults of the length prefixes of the next `count` entries.
  func framing(_ count: Int, block: UInt64) -> [Fault] {
    misframed.filter { index <= $0 && $0 < index + UInt64(count) }.map {
      Fault(
        .malformedEntry, block: block, entry: $0,
        "the length prefix is not the entry's length; its hash shows where it ends")
    }
  }

  /// Lets go of the next `count` entries, which are at hand.
  mutating func drop(_ count: Int) {
    let next = index + UInt64(count)
    index = next
    headers.removeAll { $0.index < next }
    misframed.removeAll { $0 < next }
    held.removeFirst(held.prefix { $0.end <= next }.count)
  }

  /// Why there is no further block.
  func end(block: UInt64, promised: UInt64?) -> Fault {
    if isBroken {
      return Fault(
        .malformedEntry, block: block, entry: reached,
        "from this entry on (byte \(end)) the length prefixes can't be followed")
    }
    let covered = promised.map { "; the checkpoint covers \($0) entries" } ?? ""
    return Fault(.missing, block: block, entry: reached, "the entries end at byte \(end)\(covered)")
  }

  // MARK: Chunks

  /// Reads and checks another chunk behind what is at hand. False where there is none.
  private mutating func fill() throws -> Bool {
    guard !isBroken else { return false }
    let chunk = try nextChunk()
    var (checks, ranges, walked) = (chunk.checks, chunk.ranges, chunk.end)
    var stored = try storedLeaves(reached, count: UInt64(ranges.count))
    let wrong = zip(checks.leaves, stored).enumerated().first { $1.0 != $1.1 }?.offset
    if wrong != nil || chunk.isStuck {
      // An altered length prefix throws the walk off its track: walk on by the leaves that were stored.
      let good = wrong ?? ranges.count
      let bytes = try chunk.bytes.isEmpty ? log.read(at: end, upTo: chunk.byteCount) : chunk.bytes
      let leaves = try storedLeaves(reached, count: UInt64(ranges.count) + 65_536)
      let guided = GuidedWalk.split(
        bytes.span, from: good < ranges.count ? ranges[good].lowerBound - 2 : walked,
        leaves: leaves.dropFirst(good), isLast: chunk.isLast)
      checks.replace(behind: good, with: checker.check(bytes, guided.ranges, keys: keys))
      ranges = ranges[..<good] + guided.ranges
      walked = guided.end
      stored = Array(leaves.prefix(ranges.count))
      for (offset, range) in ranges.enumerated() where !EntryFrames.isFramed(range, in: bytes) {
        misframed.append(reached + UInt64(offset))
      }
      // With bytes for two of the largest entries the walk goes on if it can at all.
      isBroken = chunk.isLast ? walked < bytes.count : ranges.isEmpty
    }
    guard !ranges.isEmpty else { return false }
    headers += checks.headers.map { (reached + UInt64($0.offset), $0.header) }
    held.append(
      HeldChunk(
        first: reached, position: end, bytes: chunk.bytes, ranges: ranges, leaves: checks.leaves,
        checked: checks.checked, stored: stored))
    reached += UInt64(ranges.count)
    end += UInt64(walked)
    return true
  }

  /// The chunk behind what is at hand; the next ones are begun with while the audit, which goes entry by entry, is busy with
  /// this one.
  private mutating func nextChunk() throws -> CheckedChunk {
    if line.count == 0 { aheadPosition = end }
    while true {
      while line.count < 4 * max(1, options.threads), let position = aheadPosition {
        let next = try plan.end(ofChunkAt: position)
        line.put(Work(position: position, wanted: max(Int(next - position), 1), keys: keys))
        aheadPosition = next < log.byteCount ? next : nil
      }
      if let made = try line.take()?.get(), made.position == end { return made }
      // The walk has left the track that they are on.
      line.drop()
      plan.distrust()
      aheadPosition = end
    }
  }

  private func storedLeaves(_ index: UInt64, count: UInt64) throws -> [Digest] {
    guard let tiles else { return [] }
    let end = min(tiles.count(level: 0), index + count)
    guard index < end else { return [] }
    return try tiles.tileHashes(level: 0, positions: index..<end)
  }
}
