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
  /// What follows into the index.
  private(set) var follower: any BlockFollower
  /// The state after the last block that was judged. Empty until `catchUpIndex`.
  private(set) var state = StateStore()
  /// What judgements read of it.
  private(set) var ruleState: RuleState
  let rules: [any RuleSet]
  private let kind: any IndexKind
  private var hasher = TreeHasher()
  /// Why the index is this process's own, where the ledger's can't be used.
  private var indexFailure: Failure?
  /// Why the state is this process's own.
  private var stateFailure: Failure?
  /// Where the state lies, and whether this process writes it; nil where nothing is stored.
  let stateFolder: (ledger: Directory, isWriting: Bool)?

  /// The derived files of the ledger in `directory`, made where they are not there, their tails mended to whole units.
  init(in directory: Directory, index kind: any IndexKind, rules: [any RuleSet]) throws {
    tiles = try TileFiles(in: directory, writing: true)
    try tiles.mendTails()
    offsets = try OffsetsFile(in: directory, writing: true)
    try offsets.mendTail()
    (self.kind, self.rules, stateFolder) = (kind, rules, (directory, true))
    do throws(Failure) { follower = try kind.follower(in: directory, for: rules) } catch
      where [EBUSY, ENOSPC, EACCES, EIO].contains(error.errorNumber)
    {
      // It is in use, or there is no room for it: the ledger can be written all the same.
      (follower, indexFailure) = (try kind.followerInMemory(for: rules), error)
    }
    ruleState = RuleState(state)
  }

  /// What a reader works out in memory, beginning with what is stored; nothing is written.
  ///
  /// - Parameter ledger: where a state is stored that may fit; nil to do without.
  init(
    _ stored: StoredDerived, in ledger: Directory?, index kind: any IndexKind, rules: [any RuleSet]
  ) throws {
    (tiles, offsets, self.kind, self.rules) = (stored.tiles, stored.offsets, kind, rules)
    stateFolder = ledger.map { ($0, false) }
    follower = try stored.index?.copied(for: rules) ?? kind.followerInMemory(for: rules)
    ruleState = RuleState(state)
  }

  /// Goes on with an empty index of this process alone.
  func abandonIndex(_ failure: Failure) throws(Failure) {
    (follower, indexFailure) = (try kind.followerInMemory(for: rules), failure)
  }

  /// Judges by `state` from now on.
  func use(_ state: StateStore) { (self.state, ruleState) = (state, RuleState(state)) }

  /// An empty state, in the place of the stored one where this process writes it; one of this process alone where it can't.
  func newState() -> StateStore {
    guard let stateFolder, stateFolder.isWriting else { return StateStore() }
    do { return try .make(in: stateFolder.ledger) } catch {
      stateFailure = error
      return StateStore()
    }
  }

  /// Why files lack something that is in memory; nil where they lack nothing.
  var failure: (any Error)? {
    indexFailure ?? follower.failure ?? tiles.failure ?? offsets.failure ?? stateFailure ?? state.failure
  }

  /// Fails where something derived reaches beyond a tree of `size` entries: then the truth was shortened.
  func requireNotAhead(of size: UInt64) throws {
    if tiles.isAhead(of: size) || offsets.count > OffsetsFile.bundleCount(treeSize: size) {
      throw Fault(
        .truncated,
        "tiles or offsets reach beyond the last checkpoint, at \(size) entries: the ledger was longer")
    }
    if let indexed = try follower.head()?.size, indexed > size {
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
    follower.add(block)
  }

  /// Does what is due of the upkeep of the state, and lets go of what judgements hold of it in memory where that is much.
  ///
  /// - Throws: `StateMismatch`.
  func maintainState() throws {
    try state.maintain()
    if ruleState.recentCount > 1 << 16 { ruleState.forgetRecent() }
  }
}
