import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Everything that is derived from the truth and follows it: tiles, offsets, index.
///
/// Tiles and offsets are written with each block; the index by a thread of its own, which may lag. What can't be written is held in
/// memory, and the truth goes on.
final class Derived {
  private(set) var tiles: TileFiles
  private(set) var offsets: OffsetsFile
  private(set) var indexer: Indexer
  /// The rule sets' state after the last block that was added.
  private(set) var ruleState: RuleState
  let rules: [any RuleSet]
  private var hasher = TreeHasher()
  /// Why the index is this process's own, where the ledger's can't be used.
  private var indexFailure: Failure?

  /// The derived files of the ledger in `directory`, made where they are not there, their tails mended to whole units.
  init(in directory: Directory, rules: [any RuleSet]) throws {
    tiles = try TileFiles(in: directory, writing: true)
    try tiles.mendTails()
    offsets = try OffsetsFile(in: directory, writing: true)
    try offsets.mendTail()
    self.rules = rules
    do throws(Failure) {
      let index = try Derived.openIndex(in: directory, rules)
      indexer = Indexer(index, lookups: try LedgerIndex(in: directory, writing: false))
    } catch  where [EBUSY, ENOSPC, EACCES, EIO].contains(error.errorNumber) {
      // It is in use, or there is no room for it: the ledger can be written all the same.
      (indexer, indexFailure) = (try Derived.ownIndexer(copying: nil, rules), error)
    }
    ruleState = RuleState(indexer.stateSnapshot)
  }

  /// What a reader works out in memory, beginning with what is stored; nothing is written.
  init(_ stored: StoredDerived, rules: [any RuleSet]) throws {
    (tiles, offsets, self.rules) = (stored.tiles, stored.offsets, rules)
    indexer = try Derived.ownIndexer(copying: stored.index, rules)
    ruleState = RuleState(indexer.stateSnapshot)
  }

  private static func ownIndexer(
    copying index: LedgerIndex?, _ rules: [any RuleSet]
  ) throws(Failure) -> Indexer {
    let own = try LedgerIndex(copying: index, views: rules.flatMap(\.views))
    return Indexer(own, lookups: own)
  }

  /// Goes on with an empty index of this process alone.
  func abandonIndex(_ failure: Failure) throws(Failure) {
    (indexer, indexFailure) = (try Derived.ownIndexer(copying: nil, rules), failure)
    ruleState = RuleState(indexer.stateSnapshot)
  }

  /// The index; one that is damaged is made anew, since that is all that it needs.
  private static func openIndex(
    in directory: Directory, _ rules: [any RuleSet]
  ) throws(Failure) -> LedgerIndex {
    let views = rules.flatMap(\.views)
    do throws(Failure) {
      let index = try LedgerIndex(in: directory, writing: true, views: views)
      do { _ = try index.head() } catch let failure as Failure { throw failure } catch {
        throw Failure("read", index.path, reason: "\(error)")
      }
      return index
    } catch  where error.errorNumber == 0 {
      let moment = LedgerIndex.lastMoment(in: directory)
      try LedgerIndex.remove(in: directory)
      let index = try LedgerIndex(in: directory, writing: true, views: views)
      guard let moment else { return index }
      do { try index.set(moment) } catch {
        throw error as? Failure ?? Failure("write", index.path, reason: "\(error)")
      }
      return index
    }
  }

  /// A connection to the index for searches.
  func searches(in directory: Directory) throws(Failure) -> LedgerIndex {
    indexFailure == nil ? try LedgerIndex(in: directory, writing: false) : indexer.index
  }

  /// Why files lack something that is in memory; nil where they lack nothing.
  var failure: (any Error)? { indexFailure ?? indexer.failure ?? tiles.failure ?? offsets.failure }

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
      offsets.append(begins)
      try tiles.append(leaves: leaves, using: &hasher)
      position += UInt64(frames.end)
      index += UInt64(frames.ranges.count)
    }
    return position
  }

  /// Adds a block that was committed, and whose changes the rule state has taken in.
  ///
  /// - Parameter obstacle: what a test wants the files to fail with.
  func add(_ block: CommittedBlock, unless obstacle: Failure? = nil) throws {
    try tiles.append(leaves: block.checked.map(\.leaf), using: &hasher, unless: obstacle)
    offsets.append(block.bundlePositions, unless: obstacle)
    indexer.add(block)
  }

  /// As `add`, but to the index alone.
  func addToIndex(_ block: CommittedBlock) {
    indexer.add(block)
    if isStateLarge { settleState() }
  }

  /// Whether many values of the rule sets' state are held beside the index.
  var isStateLarge: Bool { ruleState.recentCount > 1 << 16 }

  /// Waits until the index has everything that was added, or can't be written, and lets go of what the rule state holds beside it.
  /// Whatever the rule state has taken in must have been added.
  func settleState() {
    if indexer.flush() { ruleState.forgetRecent() }
  }
}

/// The derived files as a reader finds them: where one can't be used there is none.
struct StoredDerived {
  var tiles = TileFiles()
  var offsets = OffsetsFile()
  var index: LedgerIndex?
  /// The last block that is indexed.
  private(set) var head: BlockRow?
  /// Why a file can't be used, for people.
  private(set) var obstacles: [Failure] = []

  /// Nothing.
  init() {}

  /// Those of the ledger in `directory`.
  init(in directory: Directory) {
    tiles = opened { () throws(Failure) in try TileFiles(in: directory, writing: false) } ?? tiles
    offsets = opened { () throws(Failure) in try OffsetsFile(in: directory, writing: false) } ?? offsets
    index = opened { () throws(Failure) in try LedgerIndex(in: directory, writing: false) }
    guard let index else { return }
    do { head = try index.head() } catch {
      self.index = nil
      obstacles.append(error as? Failure ?? Failure("read", index.path, reason: "\(error)"))
    }
  }

  private mutating func opened<Value>(_ open: () throws(Failure) -> Value) -> Value? {
    do { return try open() } catch {
      obstacles.append(error)
      return nil
    }
  }

  /// Whether all of it reaches to `size` entries, or further.
  func reach(_ size: UInt64) -> Bool {
    index != nil && (head?.size ?? 0) >= size && tiles.reach(size)
      && offsets.count >= OffsetsFile.bundleCount(treeSize: size)
  }

  /// Fails where something reaches beyond a ledger of `size` entries: then the truth was shortened.
  func requireNotAhead(of size: UInt64) throws(Fault) {
    guard
      tiles.isAhead(of: size) || offsets.count > OffsetsFile.bundleCount(treeSize: size)
        || (head?.size ?? 0) > size
    else { return }
    throw Fault(
      .truncated,
      "what is derived reaches beyond the last checkpoint, at \(size) entries: the ledger was longer")
  }
}
