import Dispatch
import Ledger
import LedgerCrypto
import Statements
import Synchronization
import TransparencyLog

/// The entries in order, read in chunks and checked on all cores, for an audit that takes them block by block.
struct EntryFeed {
  private let log: EntryLog
  private let tiles: TileFiles?
  private let options: LedgerAudit.Options
  /// The public keys by which signatures are checked ahead; those of later rosters are checked in their turn.
  var keys: [Digest: PublicKey]

  /// The chunk at hand; ranges lie in it.
  private(set) var bytes: [UInt8] = []
  private var ranges: [Range<Int>] = []
  private var checked: [CheckedEntry] = []
  /// The leaf hashes that are stored for these entries, as many as there are.
  private var stored: [Digest] = []
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

  init(_ log: EntryLog, _ tiles: TileFiles?, _ options: LedgerAudit.Options, keys: [Digest: PublicKey]) {
    (self.log, self.tiles, self.options, self.keys) = (log, tiles, options, keys)
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
    var count = 0
    while true {
      if dropped + count >= ranges.count {
        guard try fill() else { return nil }
        continue
      }
      let range = ranges[dropped + count]
      let entry = checked[dropped + count]
      count += 1
      if case .decoded(let decoded) = entry.content,
        BlockHeader.isHeader(decoded.view, of: bytes.span.extracting(range))
      {
        return count
      }
      if let promised, index + UInt64(count) == promised { return count }
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
  mutating func drop(_ count: Int) { dropped += count }

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

    bytes.removeSubrange(walked...)
    // Four of the largest entries: a walk that is guided by hashes must see two at once.
    var wanted = max(options.chunkByteCount, 4 * 65_537)
    var isLast = false
    while !isLast {
      bytes.removeSubrange(walked...)
      bytes += try log.read(at: start + UInt64(walked), upTo: wanted)
      isLast = bytes.count - walked < wanted
      if try walk(isLast: isLast) { return true }
      wanted *= 2
    }
    if walked < bytes.count { isBroken = true }
    return false
  }

  /// Walks on over what was read, and checks it. False where that gives no entry.
  private mutating func walk(isLast: Bool) throws -> Bool {
    let (new, end) = EntryFrames.split(bytes.span, from: walked)
    let index = first + UInt64(ranges.count)
    var added = check(new)
    var addedRanges = new
    let known = try storedLeaves(index, count: UInt64(new.count) + 65_536)
    walked = end
    if let wrong = zip(added, known).enumerated().first(where: { $1.0.leaf != $1.1 })?.offset
      ?? (end < bytes.count && isLast ? new.count : nil)
    {
      // An altered length prefix throws the walk off its track: walk on by the leaves that were stored.
      let from = wrong < new.count ? new[wrong].lowerBound - 2 : end
      let guided = GuidedWalk.split(bytes.span, from: from, leaves: known.dropFirst(wrong), isLast: isLast)
      addedRanges = new[..<wrong] + guided.ranges
      added = added[..<wrong] + check(guided.ranges)
      walked = guided.end
      for (offset, range) in addedRanges.enumerated() where !isFramed(range) {
        misframed.append(index + UInt64(offset))
      }
    }
    ranges += addedRanges
    checked += added
    stored = try storedLeaves(first, count: UInt64(ranges.count))
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

  /// Checks the entries at `ranges`, shared out among the threads.
  private func check(_ ranges: [Range<Int>]) -> [CheckedEntry] {
    guard !ranges.isEmpty else { return [] }
    let (bytes, keys, depth) = (bytes, keys, options.depth)
    let parts = min(options.threads, ranges.count)
    let share = (ranges.count + parts - 1) / parts
    let results = Mutex([[CheckedEntry]](repeating: [], count: parts))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let mine = ranges[min(part * share, ranges.count)..<min((part + 1) * share, ranges.count)]
      var checker = EntryChecker()
      var done: [CheckedEntry] = []
      done.reserveCapacity(mine.count)
      for range in mine {
        let entry = bytes.span.extracting(range)
        done.append(depth == .everything ? checker.check(entry, keys: keys) : checker.hash(entry, keys: keys))
      }
      results.withLock { $0[part] = done }
    }
    return results.withLock { Array($0.joined()) }
  }
}

/// Finds where entries lie when a length prefix can't be believed, by the leaf hashes that were stored for them.
enum GuidedWalk {
  /// The entries from byte `start` on; `leaves` are the stored hashes of the first and the following ones.
  ///
  /// An entry whose own bytes were altered still has its place: the next one is where its hash says.
  /// - Returns: the walk ends where neither prefixes nor hashes lead on, or where it can't be told without more bytes.
  static func split(
    _ bytes: Span<UInt8>, from start: Int, leaves: ArraySlice<Digest>, isLast: Bool
  ) -> (ranges: [Range<Int>], end: Int) {
    var checker = EntryChecker()
    var ranges: [Range<Int>] = []
    var at = start
    for (number, leaf) in leaves.enumerated() {
      let next = leaves.dropFirst(number + 1).first
      // Without the bytes of the next entry at hand nothing can be told; the next chunk has them.
      if !isLast, bytes.count - at < 2 * 65_537 { break }
      guard at + 2 < bytes.count else { break }
      if let natural = frame(bytes, at) {
        if checker.leaf(bytes.extracting(natural)) == leaf || leads(natural.upperBound, bytes, next, &checker)
        {
          ranges.append(natural)
          at = natural.upperBound
          continue
        }
      }
      guard let end = nextFrame(bytes, behind: at, next, &checker) else {
        // Two in a row: where this one still has the shape of an entry, its prefix is believed.
        guard let natural = frame(bytes, at), bytes[natural.lowerBound] == 0xd2 else { break }
        ranges.append(natural)
        at = natural.upperBound
        continue
      }
      ranges.append(at + 2..<end)
      at = end
    }
    return (ranges, at)
  }

  private static func frame(_ bytes: Span<UInt8>, _ at: Int) -> Range<Int>? {
    guard at + 2 <= bytes.count else { return nil }
    let count = Int(bytes[at]) << 8 | Int(bytes[at + 1])
    guard count > 0, at + 2 + count <= bytes.count else { return nil }
    return at + 2..<at + 2 + count
  }

  /// Whether the entry with hash `next` begins at `at`; where there is none, whether the bytes end there.
  private static func leads(
    _ at: Int, _ bytes: Span<UInt8>, _ next: Digest?, _ checker: inout EntryChecker
  ) -> Bool {
    guard let next else { return at == bytes.count }
    guard let range = frame(bytes, at) else { return false }
    return checker.leaf(bytes.extracting(range)) == next
  }

  private static func nextFrame(
    _ bytes: Span<UInt8>, behind at: Int, _ next: Digest?, _ checker: inout EntryChecker
  ) -> Int? {
    let limit = min(bytes.count, at + 2 + 65_535)
    guard at + 3 <= limit else { return nil }
    for end in at + 3...limit {
      // Every entry begins with the same two bytes: few places need to be hashed.
      let begins = end + 3 < bytes.count && bytes[end + 2] == 0xd2 && bytes[end + 3] == 0x84
      if begins || end == bytes.count, leads(end, bytes, next, &checker) { return end }
    }
    return nil
  }
}
