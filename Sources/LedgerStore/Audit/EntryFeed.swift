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

  /// The chunk at hand; ranges lie in it.
  private(set) var bytes: [UInt8] = []
  private var ranges: [Range<Int>] = []
  private var checked: [CheckedEntry] = []
  /// The leaf hashes that are stored for these entries, as many as there are.
  private var stored: [Digest] = []
  /// The indices of the headers among them.
  private var headers: [UInt64] = []
  /// The number of the entries of the chunk that were dropped.
  private var dropped = 0
  /// The index of the chunk's first entry.
  private var first: UInt64 = 0
  /// The position of the chunk's first byte.
  private var start: UInt64 = 0
  /// How many bytes of the chunk are whole frames.
  private var walked = 0
  /// Whether the chain of length prefixes breaks behind what was walked.
  private var isBroken = false
  /// The entries at hand whose length prefix is not their length.
  private var misframed: [UInt64] = []
  /// The chunks that will be wanted next, being checked meanwhile.
  private let line: WorkLine<ChunkChecker, Work, CheckedChunk>
  /// Where the chunk behind them begins; nil where they reach the end.
  private var aheadPosition: UInt64?
  /// For what must be checked in its turn.
  private let checker: ChunkChecker

  /// A chunk to check, with the keys known when it was read.
  private struct Work: Sendable {
    let chunk: EntryChunk
    let keys: [Digest: PublicKey]
  }

  init(_ log: EntryLog, _ tiles: TileFiles?, _ options: LedgerAudit.Options, keys: [Digest: PublicKey]) {
    (self.log, self.tiles, self.options, self.keys) = (log, tiles, options, keys)
    // Without tiles a guess: a statement takes some 250 bytes before it says anything.
    let knownKeys = KnownKeys(expecting: Int(clamping: tiles?.count(level: 0) ?? log.byteCount / 400))
    self.knownKeys = knownKeys
    let depth = options.depth
    checker = ChunkChecker(depth, knownKeys)
    line = WorkLine(threads: max(1, options.threads)) {
      ChunkChecker(depth, knownKeys)
    } work: { checker, work in
      let made = checker.check(work.chunk.bytes, work.chunk.ranges, keys: work.keys)
      return CheckedChunk(chunk: work.chunk, checked: made.checked, headers: made.headers)
    }
  }

  /// The index of the next entry.
  var index: UInt64 { first + UInt64(dropped) }

  /// The position of the next entry.
  var position: UInt64 {
    start + UInt64(dropped < ranges.count ? ranges[dropped].lowerBound - 2 : walked)
  }

  // MARK: Blocks

  /// The number of entries of the next block: up to the next header, or to the entry where a signed checkpoint ends.
  ///
  /// - Returns: nil where the entries end, or can't be followed, before that.
  mutating func blockLength(promised: UInt64?) throws -> Int? {
    while true {
      let header = headers.first.map { $0 + 1 }
      let signed = promised.flatMap { $0 > index ? $0 : nil }
      let reached = first + UInt64(ranges.count)
      if let end = [header, signed].compactMap({ $0 }).min(), end <= reached { return Int(end - index) }
      guard try fill() else { return nil }
    }
  }

  /// The next `count` entries, for the validation core.
  func block(_ count: Int) -> BlockAudit.Entries {
    let part = dropped..<dropped + count
    return BlockAudit.Entries(
      ranges: ranges[part], checked: checked[part],
      stored: stored.prefix(part.upperBound).dropFirst(part.lowerBound))
  }

  /// The position of entry number `offset` of what is at hand.
  func position(of range: Range<Int>) -> UInt64 { start + UInt64(range.lowerBound - 2) }

  /// The faults of the length prefixes of the next `count` entries.
  func framing(_ count: Int, block: UInt64) -> [Fault] {
    misframed.filter { index <= $0 && $0 < index + UInt64(count) }.map {
      Fault(
        .malformedEntry, block: block, entry: $0,
        "the length prefix is not the entry's length; its hash shows where it ends")
    }
  }

  /// Lets go of the next `count` entries.
  mutating func drop(_ count: Int) {
    dropped += count
    let next = index
    headers.removeAll { $0 < next }
  }

  /// Why there is no further block.
  func end(block: UInt64, promised: UInt64?) -> Fault {
    let reached = first + UInt64(ranges.count)
    let at = start + UInt64(walked)
    if isBroken {
      return Fault(
        .malformedEntry, block: block, entry: reached,
        "from this entry on (byte \(at)) the length prefixes can't be followed")
    }
    let covered = promised.map { "; the checkpoint covers \($0) entries" } ?? ""
    return Fault(.missing, block: block, entry: reached, "the entries end at byte \(at)\(covered)")
  }

  // MARK: Chunks

  /// Reads and checks another chunk behind what is at hand. False where there is none.
  private mutating func fill() throws -> Bool {
    guard !isBroken else { return false }
    let kept = dropped < ranges.count ? ranges[dropped].lowerBound - 2 : walked
    bytes.removeSubrange(..<kept)
    ranges = ranges.dropFirst(dropped).map { $0.lowerBound - kept..<$0.upperBound - kept }
    checked.removeFirst(dropped)
    stored.removeFirst(min(dropped, stored.count))
    first += UInt64(dropped)
    start += UInt64(kept)
    walked -= kept
    dropped = 0

    // Four of the largest entries: a walk that is guided by hashes must see two at once.
    let usual = max(options.chunkByteCount, 4 * 65_537)
    var wanted = usual
    var isLast = false
    while !isLast {
      let chunk = try nextChunk(wanted)
      bytes.removeSubrange(walked...)
      bytes += chunk.chunk.bytes
      isLast = chunk.chunk.isLast
      if try walk(chunk, isLast: isLast) { return true }
      wanted *= 2
    }
    if walked < bytes.count { isBroken = true }
    return false
  }

  /// The chunk of `wanted` bytes behind what was walked; the next ones are begun with while the audit, which goes entry by
  /// entry, is busy with this one.
  private mutating func nextChunk(_ wanted: Int) throws -> CheckedChunk {
    let position = start + UInt64(walked)
    if line.count == 0 { aheadPosition = position }
    while true {
      while line.count < 4 * max(1, options.threads), let next = aheadPosition {
        let chunk = try EntryChunk(log, at: next, wanted: wanted)
        aheadPosition = chunk.isLast || chunk.end == 0 ? nil : next + UInt64(chunk.end)
        line.put(Work(chunk: chunk, keys: keys))
      }
      if let made = line.take(), made.chunk.position == position, made.chunk.wanted == wanted { return made }
      // The walk has left the track that they are on.
      line.drop()
      aheadPosition = position
    }
  }

  /// Walks on over what was read. False where that gives no entry.
  private mutating func walk(_ chunk: CheckedChunk, isLast: Bool) throws -> Bool {
    let index = first + UInt64(ranges.count)
    let (base, end) = (walked, walked + chunk.chunk.end)
    var added = chunk.checked
    var addedHeaders = chunk.headers
    var addedRanges = chunk.chunk.ranges.map { base + $0.lowerBound..<base + $0.upperBound }
    walked = end
    var known = try storedLeaves(index, count: UInt64(added.count))
    if let wrong = zip(added, known).enumerated().first(where: { $1.0.leaf != $1.1 })?.offset
      ?? (end < bytes.count && isLast ? added.count : nil)
    {
      // An altered length prefix throws the walk off its track: walk on by the leaves that were stored.
      let from = wrong < added.count ? addedRanges[wrong].lowerBound - 2 : end
      let leaves = try storedLeaves(index, count: UInt64(added.count) + 65_536)
      let guided = GuidedWalk.split(bytes.span, from: from, leaves: leaves.dropFirst(wrong), isLast: isLast)
      let made = checker.check(bytes, guided.ranges, keys: keys)
      addedRanges = addedRanges[..<wrong] + guided.ranges
      added = added[..<wrong] + made.checked
      addedHeaders = addedHeaders.filter { $0 < wrong } + made.headers.map { wrong + $0 }
      known = Array(leaves.prefix(added.count))
      walked = guided.end
      for (offset, range) in addedRanges.enumerated() where !isFramed(range) {
        misframed.append(index + UInt64(offset))
      }
    }
    // Where the stored leaves end, none follow.
    if stored.count == ranges.count { stored += known }
    ranges += addedRanges
    checked += added
    headers += addedHeaders.map { index + UInt64($0) }
    if isLast, walked < bytes.count { isBroken = true }
    return !addedRanges.isEmpty
  }

  private func isFramed(_ range: Range<Int>) -> Bool {
    Int(bytes[range.lowerBound - 2]) << 8 | Int(bytes[range.lowerBound - 1]) == range.count
  }

  private func storedLeaves(_ index: UInt64, count: UInt64) throws -> [Digest] {
    guard let tiles else { return [] }
    let end = min(tiles.count(level: 0), index + count)
    guard index < end else { return [] }
    return try tiles.tileHashes(level: 0, positions: index..<end)
  }
}
