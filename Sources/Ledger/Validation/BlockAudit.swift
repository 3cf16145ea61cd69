public import LedgerCrypto
import Statements
import TransparencyLog

/// Follows a ledger block by block and reports every fault with its place, not only the first.
///
/// Pure: it gets bytes, what `EntryChecker` says of them, and what was stored beside them.
public struct BlockAudit: ~Copyable {
  /// How deep an audit goes.
  public enum Depth: Sendable {
    /// Everything: statements' signatures, issuers, times and rules too.
    case everything
    /// Leaf hashes, roots, checkpoints' signatures and the chain of headers.
    case hashes
  }

  /// The state after the last block that was audited.
  public private(set) var state: LedgerState
  private let depth: Depth
  private let rules: [any RuleSet]
  /// The rule sets' state after the last block that was audited.
  public let ruleState: RuleState
  private var hasher = TreeHasher()
  /// The roster that the last header named, where that is not the one that the state holds.
  private var lostRoster: Digest?

  /// An audit from `state` on.
  ///
  /// - Parameter ruleState: the rule sets' state after the same block; each audited block's changes are applied to it.
  public init(
    from state: LedgerState, depth: Depth, rules: [any RuleSet], ruleState: RuleState = RuleState()
  ) {
    (self.state, self.depth, self.rules, self.ruleState) = (state, depth, rules, ruleState)
  }

  /// Entries in one run of bytes, and what is known of each; all slices but `stored` have as many elements.
  public struct Run: Sendable {
    /// The run of bytes; may be empty for an audit with `Depth.hashes`.
    public let bytes: [UInt8]
    /// The range of each entry in it, without its length prefix.
    public let ranges: ArraySlice<Range<Int>>
    /// The leaf hashes of the entries.
    public let leaves: ArraySlice<Digest>
    /// What the checks of single entries say; empty for an audit with `Depth.hashes`.
    public let checked: ArraySlice<CheckedEntry>
    /// The leaf hashes that were stored when the block was committed, as many as there are; may be shorter.
    public let stored: ArraySlice<Digest>

    /// A run. Traps unless there are as many leaves as ranges, and as many checks or none.
    public init(
      bytes: [UInt8], ranges: ArraySlice<Range<Int>>, leaves: ArraySlice<Digest>,
      checked: ArraySlice<CheckedEntry>, stored: ArraySlice<Digest>
    ) {
      precondition(ranges.count == leaves.count, "each entry has a place and a leaf hash")
      precondition(checked.isEmpty || checked.count == ranges.count, "each entry has a check, or none has")
      (self.bytes, self.ranges, self.leaves, self.checked, self.stored) =
        (bytes, ranges, leaves, checked, stored)
    }
  }

  /// An entry by itself.
  public struct Single: Sendable {
    /// Its bytes.
    public let entry: [UInt8]
    /// What its check says.
    public let checked: CheckedEntry

    /// An entry and its check.
    public init(_ entry: [UInt8], _ checked: CheckedEntry) { (self.entry, self.checked) = (entry, checked) }
  }

  /// The entries of one block.
  public struct Entries: Sendable {
    /// The entries in their order, the last one among them; no run is empty.
    public let runs: [Run]
    /// The last entry, which should be the header; nil if there is none.
    public let last: Single?

    /// The entries of one block. Traps if the runs have entries and `last` is nil, or the other way round.
    public init(runs: [Run], last: Single?) {
      self.runs = runs.filter { !$0.ranges.isEmpty }
      precondition(self.runs.isEmpty == (last == nil), "the last entry of a block is checked")
      self.last = last
    }

    /// Entries at `ranges` of `bytes`, all checked. Traps unless there are as many checks as ranges.
    public init(_ bytes: [UInt8], _ ranges: [Range<Int>], _ checked: [CheckedEntry], stored: [Digest] = []) {
      let run = Run(
        bytes: bytes, ranges: ranges[...], leaves: checked.map(\.leaf)[...], checked: checked[...],
        stored: stored[...])
      self.init(runs: [run], last: zip(ranges, checked).suffix(1).first.map { Single(Array(bytes[$0]), $1) })
    }

    /// How many there are.
    public var count: Int { runs.reduce(0) { $0 + $1.ranges.count } }
  }

  /// What the audit of one block gives.
  public struct Outcome: Sendable {
    /// Every fault: the checkpoint's, then in the order of the entries, then of the times.
    public var faults: [Fault] = []
    /// Whether the blocks behind it can be judged: false if the tree itself can't be followed any further.
    public var canGoOn = true
    /// The header, where it can be read.
    public var header: BlockHeader?
    /// How many seconds after the block's time the quorum had cosigned; negative before.
    public var lag: Int64?
    /// Whether the block has its parent's time, because the clock by which it was cosigned was behind that.
    public var isTimeStanding = false
    /// What the block's statements have changed in the state. Whoever follows the state compares its root with the
    /// header's.
    public var changes = StateChanges()
    /// What each tile level gains by the block. Level 0 is the leaf hashes with which the tree goes on: an altered entry's is
    /// the one that was stored.
    public var tiles: [[Digest]] = []
    /// Whether the checkpoint's signatures are good.
    public var isSigned = false
  }

  /// The largest distance between a block's time and its cosignatures' that needs no explanation, in s.
  public static let clockTolerance: Int64 = 60

  /// Audits the next block.
  ///
  /// A block without any entry is a fault and leaves the state as it was.
  ///
  /// - Parameters:
  ///   - entries: the block's; the last one should be the header.
  ///   - checkpoint: the block's checkpoint, or nil if it is missing, which the caller reports.
  ///   - signatures: what `StoredCheckpoint.check` gives for it, where that is known already.
  ///   - earlier: the statements before this block; those of this block are remembered there.
  public mutating func audit(
    _ entries: Entries, checkpoint: StoredCheckpoint?, signatures known: StoredCheckpoint.Signatures? = nil,
    earlier: inout some StatementRegistry
  ) -> Outcome {
    let height = state.height
    let first = state.frontier.size
    let count = entries.count
    var outcome = Outcome()
    var signatures = StoredCheckpoint.Signatures()
    if let checkpoint {
      signatures = known ?? checkpoint.check(state.roster, height: height)
      outcome.faults += signatures.faults
      outcome.isSigned = signatures.faults.isEmpty
    }
    let end = first + UInt64(count)
    if let size = checkpoint?.checkpoint.size, size != end {
      outcome.faults.append(
        Fault(
          .brokenChain, block: height, "the checkpoint covers \(size) entries; the block ends at \(end)"))
    }
    guard count > 0 else {
      outcome.faults.append(
        Fault(.brokenChain, block: height, entry: first, "a block without entries, not even a header"))
      return outcome
    }

    // A root that nobody signed proves nothing against the entries: only a signed one is compared.
    guard let tree = tree(entries, under: outcome.isSigned ? checkpoint?.checkpoint : nil) else {
      outcome.faults.append(cannotGoOn(entries, first))
      outcome.canGoOn = false
      return outcome
    }
    outcome.tiles = tree.tiles
    outcome.header = tree.isAltered(count - 1) ? nil : readHeader(entries)
    let parentTime = state.parentTime
    var block = blockInProgress(outcome.header, signatures)
    judge(entries, but: count - 1, tree, in: &block, earlier: &earlier, into: &outcome)
    block.state.frontier = tree.beforeHeader
    block.endStatements()
    outcome.changes = block.changes
    ruleState.apply(block.changes)
    close(block, entries, tree, into: &outcome)
    compareTimes(signatures.cosigned, height: height, after: parentTime, into: &outcome)
    return outcome
  }

  private func blockInProgress(
    _ header: BlockHeader?, _ signatures: StoredCheckpoint.Signatures
  ) -> BlockInProgress {
    // Without its header a block's time is not known; what the validators signed is the nearest to it.
    let cosigned = signatures.cosigned.map(\.seconds).max()
      .map { min($0, BlockHeader.maximumTime / 1000) * 1000 }
    var block = BlockInProgress(
      upon: state, time: header?.time ?? cosigned ?? state.parentTime ?? 0, rules: rules,
      ruleState: ruleState)
    block.isTimeKnown = header != nil
    return block
  }

  /// Judges all entries but the one at `header`.
  private func judge(
    _ entries: Entries, but header: Int, _ tree: BlockTree, in block: inout BlockInProgress,
    earlier: inout some StatementRegistry, into outcome: inout Outcome
  ) {
    var offset = 0
    for run in entries.runs {
      let bytes = run.bytes.span
      for (number, range) in run.ranges.enumerated() where offset < header {
        if tree.isAltered(offset) {
          outcome.faults.append(Outcome.altered(block: block.state.height, entry: block.nextIndex))
          block.skip()
        } else if depth == .everything {
          let checked = run.checked[run.checked.startIndex + number]
          judge(checked, bytes.extracting(range), in: &block, earlier: &earlier, into: &outcome)
        } else {
          block.skip()
        }
        offset += 1
      }
    }
  }

  private func judge(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, in block: inout BlockInProgress,
    earlier: inout some StatementRegistry, into outcome: inout Outcome
  ) {
    do {
      try block.take(checked, entry, earlier: &earlier)
    } catch {
      let (height, index) = (block.state.height, block.nextIndex)
      outcome.faults.append(
        checked.isMalformed
          ? Fault(.malformedEntry, block: height, entry: index, error.reason)
          : Fault(error, block: height, entry: index))
      block.skip()
    }
  }

  private mutating func close(
    _ block: consuming BlockInProgress, _ entries: Entries, _ tree: BlockTree, into outcome: inout Outcome
  ) {
    guard let last = entries.last else { return }
    let (height, index) = (state.height, block.nextIndex)
    guard !tree.isAltered(tree.leaves.count - 1) else {
      outcome.faults.append(Outcome.altered(block: height, entry: index))
      state = block.closed(with: tree.leaves[tree.leaves.count - 1], time: nil, using: &hasher)
      return
    }
    let named = outcome.header?.roster
    // That the roster could not be followed to this one has been reported where it came up first.
    let isLost = lostRoster != nil && named == lostRoster
    lostRoster = depth == .everything && named != state.roster.root ? named : nil
    let closed = block.close(
      last.checked, last.entry.span, state: nil, isRosterKnown: depth == .everything && !isLost,
      using: &hasher)
    outcome.faults += closed.faults
    state = closed.state
  }

  // MARK: The tree

  /// The tree before a block's header, and what tile levels gain by the block.
  private struct BlockTree {
    var beforeHeader: Frontier
    var tiles: [[Digest]] = []
    var root = Merkle.emptyRoot
    /// Which of the block's entries, counted from 0, have the leaf that was stored and not their own.
    var altered: Set<Int> = []

    /// The block's leaves.
    var leaves: [Digest] { tiles[0] }

    func isAltered(_ offset: Int) -> Bool { !altered.isEmpty && altered.contains(offset) }
  }

  /// The tree to go on with: of the computed leaves, or, where `signed` says otherwise, of those stored leaves that
  /// restore its root; nil if nothing restores it.
  private mutating func tree(_ entries: Entries, under signed: Checkpoint?) -> BlockTree? {
    let comparable = signed?.size == state.frontier.size + UInt64(entries.count) ? signed : nil
    let computed = tree(entries.runs.map(\.leaves))
    guard let comparable, computed.root != comparable.root else { return computed }
    guard entries.runs.allSatisfy({ $0.stored.count == $0.leaves.count }) else { return nil }
    var stored = tree(entries.runs.map(\.stored))
    guard stored.root == comparable.root else { return nil }
    stored.altered = Set(
      zip(computed.leaves, stored.leaves).enumerated().filter { $1.0 != $1.1 }.map(\.offset))
    return stored
  }

  /// - Parameter leaves: those of the block, in runs that are not empty; at least one.
  private mutating func tree(_ leaves: [ArraySlice<Digest>]) -> BlockTree {
    var tree = BlockTree(beforeHeader: state.frontier)
    tree.tiles = [[]]
    tree.tiles[0].reserveCapacity(leaves.reduce(0) { $0 + $1.count })
    for run in leaves.dropLast() {
      tree.beforeHeader.append(contentsOf: run, addingTilesTo: &tree.tiles, using: &hasher)
    }
    let last = leaves[leaves.count - 1]
    tree.beforeHeader.append(contentsOf: last.dropLast(), addingTilesTo: &tree.tiles, using: &hasher)
    var whole = tree.beforeHeader
    whole.append(contentsOf: last.suffix(1), addingTilesTo: &tree.tiles, using: &hasher)
    tree.root = whole.root(using: &hasher)
    return tree
  }

  private func cannotGoOn(_ entries: Entries, _ first: UInt64) -> Fault {
    var (begin, differing) = (first, UInt64?.none)
    for run in entries.runs where differing == nil {
      differing = zip(run.leaves, run.stored).enumerated().first { $1.0 != $1.1 }.map {
        begin + UInt64($0.offset)
      }
      begin += UInt64(run.leaves.count)
    }
    let hint = differing.map { "; the first leaf that was stored otherwise is \($0)" } ?? ""
    return Fault(
      .rootMismatch, block: state.height,
      "from this block on, the entries do not hash to the root that was signed\(hint)")
  }

  // MARK: The header

  private func readHeader(_ entries: Entries) -> BlockHeader? {
    guard let last = entries.last, case .decoded(let decoded) = last.checked.content,
      BlockHeader.isHeader(decoded.view, of: last.entry.span)
    else { return nil }
    let payload = Array(last.entry[decoded.view.payload])
    do { return try BlockHeader(payload: payload) } catch { return nil }
  }

  private func compareTimes(
    _ cosigned: [StoredCheckpoint.CosignedTime], height: UInt64, after parentTime: UInt64?,
    into outcome: inout Outcome
  ) {
    guard let header = outcome.header else { return }
    let time = Int64(header.time / 1000)
    let lags = cosigned.map { Int64(clamping: $0.seconds) - time }.sorted()
    // T, by the word of a quorum: one validator whose clock is slow, or that lies, says nothing of the block.
    let quorum = state.roster.terms.quorum
    guard lags.count >= quorum else { return }
    let lag = lags[quorum - 1]
    outcome.lag = lag
    guard lag < -BlockAudit.clockTolerance else { return }
    // Behind a parent that is ahead of the clock time stands still: the block is no further ahead than its parent was.
    outcome.isTimeStanding = header.time == parentTime
    if !outcome.isTimeStanding {
      outcome.faults.append(
        Fault(.time, block: height, "cosigned \(-lag) s before the time that the block claims for itself"))
    }
  }
}

extension BlockAudit.Outcome {
  fileprivate static func altered(block: UInt64, entry: UInt64) -> Fault {
    Fault(.rootMismatch, block: block, entry: entry, "the entry's bytes are not those that were committed")
  }
}

extension CheckedEntry {
  fileprivate var isMalformed: Bool {
    if case .malformed = content { true } else { false }
  }
}
