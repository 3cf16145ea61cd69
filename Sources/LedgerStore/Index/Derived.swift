import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Everything that is derived from the truth and follows it: tiles, offsets, index.
///
/// Tiles and offsets are written with each block; the index by a thread of its own, which may lag.
final class Derived {
  private(set) var tiles: TileFiles
  private(set) var offsets: OffsetsFile
  let indexer: Indexer
  /// The rule sets' state after the last block that was added.
  let ruleState: RuleState
  let rules: [any RuleSet]
  private var hasher = TreeHasher()

  /// The derived files of `folder`, made where they are not there, their tails mended to whole units.
  init(_ folder: LedgerFolder) throws {
    try FileSystem.makeFolder(folder.tiles)
    tiles = try TileFiles(folder, writing: true)
    try tiles.mendTails()
    offsets = try OffsetsFile(folder.offsets, writing: true)
    try offsets.mendTail()
    rules = folder.rules
    indexer = try Indexer(Derived.openIndex(folder))
    ruleState = RuleState(indexer.stateSnapshot)
  }

  /// The index; one that can't be opened is made anew, since that is all that a damaged index needs.
  private static func openIndex(_ folder: LedgerFolder) throws -> LedgerIndex {
    do {
      let index = try LedgerIndex(folder.index, writing: true, views: folder.rules.flatMap(\.views))
      _ = try index.head()
      return index
    } catch is Failure {
      let moment = LedgerIndex.lastMoment(at: folder.index)
      for suffix in ["", "-journal", "-wal", "-shm"] { try FileSystem.remove(folder.index + suffix) }
      let index = try LedgerIndex(folder.index, writing: true, views: folder.rules.flatMap(\.views))
      if let moment { try index.set(moment) }
      return index
    }
  }

  /// Fails where something derived reaches beyond a tree of `size` entries: then the truth was shortened.
  func requireNotAhead(of size: UInt64) throws {
    if tiles.isAhead(of: size) || offsets.count > OffsetsFile.bundleCount(treeSize: size) {
      throw Fault(
        .truncated,
        "tiles or offsets reach beyond the last checkpoint, at \(size) entries: the ledger was longer")
    }
    if let indexed = try indexer.index.head()?.size, indexed > size {
      throw Fault(
        .truncated,
        "the index reaches to \(indexed) entries and the last checkpoint to \(size): the ledger was longer")
    }
  }

  /// Adds what tiles and offsets lack of the first `size` entries of `log`.
  ///
  /// - Returns: the position behind entry `size - 1`.
  func catchUp(_ log: EntryLog, to size: UInt64) throws -> UInt64 {
    let known = offsets.count == 0 ? 0 : offsets.count - 1
    let bundle = min(known, tiles.count(level: 0) / 256)
    var position = offsets.count == 0 ? 0 : try offsets.positions(bundle..<bundle + 1)[0]
    var index = bundle * 256
    while index < size {
      let bytes = try log.read(at: position, upTo: 4 << 20)
      let frames = EntryFrames.split(bytes.span, limit: Int(clamping: size - index))
      guard frames.end > 0 else { throw Fault(.missing, entry: index, "the entries end at byte \(position)") }
      var leaves: [Digest] = []
      var begins: [UInt64] = []
      for (offset, range) in frames.ranges.enumerated() {
        let entry = index + UInt64(offset)
        if entry.isMultiple(of: 256), entry / 256 >= offsets.count {
          begins.append(position + UInt64(range.lowerBound - 2))
        }
        if entry >= tiles.count(level: 0) { leaves.append(hasher.leaf(bytes.span.extracting(range))) }
      }
      try offsets.append(begins)
      try tiles.append(leaves: leaves, using: &hasher)
      position += UInt64(frames.end)
      index += UInt64(frames.ranges.count)
    }
    return position
  }

  /// Adds a block that was committed, and whose changes the rule state has taken in.
  func add(_ block: CommittedBlock) throws {
    try tiles.append(leaves: block.checked.map(\.leaf), using: &hasher)
    try offsets.append(block.bundlePositions)
    try indexer.add(block)
  }

  /// As `add`, but to the index alone.
  func addToIndex(_ block: CommittedBlock) throws {
    try indexer.add(block)
    if isStateLarge { try settleState() }
  }

  /// Whether many values of the rule sets' state are held beside the index.
  var isStateLarge: Bool { ruleState.recentCount > 1 << 16 }

  /// Waits until the index has everything that was added, and lets go of what the rule state holds beside it. Whatever the rule
  /// state has taken in must have been added.
  func settleState() throws {
    try indexer.flush()
    ruleState.forgetRecent()
  }
}
