import Ledger
import LedgerCrypto

/// The statements of one block.
struct BlockStatements {
  private let first: UInt64
  private let height: UInt64
  private var ids: [Digest] = []
  /// Where the first of `ids` stand: mostly nobody asks.
  private var places: [Digest: EntryPlace] = [:]

  /// Those of the block upon `state`.
  init(of state: LedgerState) { (first, height) = (state.frontier.size, state.height) }

  mutating func append(_ id: Digest) { ids.append(id) }

  mutating func place(of id: Digest) -> EntryPlace? {
    for number in places.count..<ids.count {
      places[ids[number]] = EntryPlace(index: first + UInt64(number), block: height)
    }
    return places[id]
  }
}

/// Looks for duplicates among what is committed, indexed or not, what is being put on the disk, and what stands in the block at
/// hand.
struct WriterRegistry: StatementRegistry {
  /// How many statements are looked up before they are judged: a look-up may fail, a judgement may not.
  static let most = 4096

  private let derived: Derived
  private let recent: RecentStatements
  /// Those of the block before, which may not be committed yet.
  private var before: BlockStatements
  /// Those that were accepted into the block at hand.
  private(set) var here: BlockStatements
  private var committed: [Digest: EntryPlace] = [:]
  /// Says whether one of the newest blocks ended with a tree, once those under way are committed.
  private let isRecentTree: (UInt64, Digest) -> Bool
  /// The place that the last look-up found.
  private(set) var lastPlace: EntryPlace?
  /// Whether what is accepted will be committed, unless the disk fails; otherwise `recent` learns nothing of it.
  private let isDecided: Bool

  init(
    _ derived: Derived, _ recent: RecentStatements, after before: BlockStatements,
    upon state: LedgerState, isDecided: Bool, isRecentTree: @escaping (UInt64, Digest) -> Bool
  ) {
    (self.derived, self.recent, self.before) = (derived, recent, before)
    (self.isDecided, self.isRecentTree) = (isDecided, isRecentTree)
    here = BlockStatements(of: state)
  }

  /// Finds out which of the statements `ids`, those of the next to be judged that may be there, were accepted before this block.
  mutating func lookUp(_ ids: [Digest]) throws {
    committed = [:]
    var unknown: Set<Digest> = []
    for id in ids {
      if let place = before.place(of: id) { committed[id] = place } else { unknown.insert(id) }
    }
    let asked = Array(unknown)
    for (id, value) in zip(asked, try derived.state.values(of: asked.map(StateKey.statement))) {
      guard let value else { continue }
      committed[id] = EntryPlace(index: try StatementPlace(decoding: value).index, block: nil)
    }
  }

  mutating func index(of id: Digest) -> UInt64? {
    // Whatever stands in a block that is decided is remembered as recent.
    lastPlace =
      (committed.isEmpty ? nil : committed[id])
      ?? (!isDecided || recent.remembers(id) ? here.place(of: id) : nil)
    return lastPlace?.index
  }

  func isRecent(size: UInt64, root: Digest) -> Bool { isRecentTree(size, root) }

  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) {
    here.append(id)
    if isDecided { recent.remember(id, issuedAt: issuedAt) }
  }
}
