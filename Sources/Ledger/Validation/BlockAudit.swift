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
  private let ruleState: RuleState
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

  /// The entries of one block: where each lies in a run of bytes, and what is known of it.
  public struct Entries: Sendable {
    /// Where each entry lies, without its length prefix.
    public let ranges: ArraySlice<Range<Int>>
    /// What the checks of single entries say. With `Depth.hashes` only the leaf and the header's content count.
    public let checked: ArraySlice<CheckedEntry>
    /// The leaf hashes that were stored when the block was committed, as many as there are; may be shorter.
    public let stored: ArraySlice<Digest>

    /// The entries of one block. Traps unless there are as many ranges as checks.
    public init(ranges: ArraySlice<Range<Int>>, checked: ArraySlice<CheckedEntry>, stored: ArraySlice<Digest>)
    {
      precondition(ranges.count == checked.count, "each entry of a block has a place and a check")
      (self.ranges, self.checked, self.stored) = (ranges, checked, stored)
    }
  }

  /// What the audit of one block gives.
  public struct Outcome: Sendable {
    /// Every fault: the checkpoint's, then in the order of the entries, then of the times.
    public var faults: [Fault] = []
    /// Whether the blocks behind it can be judged: false where the tree itself can't be followed any further.
    public var canGoOn = true
    /// The header, where it can be read.
    public var header: BlockHeader?
    /// How many seconds after the block's time the quorum had cosigned; negative before.
    public var lag: Int64?
    /// What the block's statements have changed in the rule sets' state.
    public var changes = StateChanges()
    /// The leaf hashes with which the tree goes on: an altered entry's is the one that was stored.
    public var leaves: [Digest] = []
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
  ///   - bytes: the run of bytes in which `entries.ranges` lie; the last entry should be the header.
  ///   - checkpoint: the block's checkpoint, or nil where it is missing, which the caller reports.
  ///   - earlier: the statements before this block; those of this block are remembered there.
  public mutating func audit(
    _ bytes: Span<UInt8>, _ entries: Entries, checkpoint: StoredCheckpoint?,
    earlier: inout some StatementRegistry
  ) -> Outcome {
    let height = state.height
    let first = state.frontier.size
    var outcome = Outcome()
    var signatures = StoredCheckpoint.Signatures()
    if let checkpoint {
      signatures = checkpoint.check(state.roster, height: height)
      outcome.faults += signatures.faults
      outcome.isSigned = signatures.faults.isEmpty
    }
    let end = first + UInt64(entries.checked.count)
    if let size = checkpoint?.checkpoint.size, size != end {
      outcome.faults.append(
        Fault(
          .brokenChain, block: height, "the checkpoint covers \(size) entries; the block ends at \(end)"))
    }
    guard !entries.checked.isEmpty else {
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
    outcome.leaves = entries.checked.indices.map {
      tree.leaf($0 - entries.checked.startIndex, of: entries).hash
    }
    let last = entries.checked.count - 1
    outcome.header = tree.leaf(last, of: entries).isAltered ? nil : readHeader(bytes, entries)
    var block = blockInProgress(outcome.header, signatures)
    for offset in 0..<last {
      let index = first + UInt64(offset)
      if tree.leaf(offset, of: entries).isAltered {
        outcome.faults.append(Outcome.altered(block: height, entry: index))
        block.skip()
      } else if depth == .everything {
        judge(bytes, entries, offset, in: &block, earlier: &earlier, into: &outcome)
      } else {
        block.skip()
      }
    }
    block.state.frontier = tree.beforeHeader
    outcome.changes = block.changes
    ruleState.apply(block.changes)
    close(block, bytes, entries, tree, signatures.proposer, into: &outcome)
    compareTimes(signatures.cosigned, height: height, into: &outcome)
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

  private func judge(
    _ bytes: Span<UInt8>, _ entries: Entries, _ offset: Int, in block: inout BlockInProgress,
    earlier: inout some StatementRegistry, into outcome: inout Outcome
  ) {
    let (at, range) = (entries.checked.startIndex + offset, entries.ranges.startIndex + offset)
    do {
      try block.take(entries.checked[at], bytes.extracting(entries.ranges[range]), earlier: &earlier)
    } catch {
      let (height, index) = (block.state.height, block.nextIndex)
      outcome.faults.append(
        entries.checked[at].isMalformed
          ? Fault(.malformedEntry, block: height, entry: index, error.reason)
          : Fault(error, block: height, entry: index))
      block.skip()
    }
  }

  private mutating func close(
    _ block: consuming BlockInProgress, _ bytes: Span<UInt8>, _ entries: Entries, _ tree: BlockTree,
    _ signer: Validator?, into outcome: inout Outcome
  ) {
    guard let last = entries.checked.last, let range = entries.ranges.last else { return }
    let (height, index) = (state.height, block.nextIndex)
    let (leaf, isAltered) = tree.leaf(entries.checked.count - 1, of: entries)
    guard !isAltered else {
      outcome.faults.append(Outcome.altered(block: height, entry: index))
      state = block.closed(with: leaf, time: nil, using: &hasher)
      return
    }
    let named = outcome.header?.roster
    // That the roster could not be followed to this one has been reported where it came up first.
    let isLost = lostRoster != nil && named == lostRoster
    lostRoster = depth == .everything && named != state.roster.root ? named : nil
    let closed = block.close(
      last, bytes.extracting(range), isRosterKnown: depth == .everything && !isLost, using: &hasher)
    outcome.faults += closed.faults
    if let proposer = closed.proposer, let signer, proposer != signer {
      outcome.faults.append(
        Fault(.unknownSigner, block: height, "another log key than the header's signed the checkpoint"))
    }
    state = closed.state
  }

  // MARK: The tree

  /// The tree before a block's header, and by which leaves: the computed ones, or those that were stored.
  private struct BlockTree {
    var beforeHeader: Frontier
    var isStored: Bool

    func leaf(_ offset: Int, of entries: Entries) -> (hash: Digest, isAltered: Bool) {
      let computed = entries.checked[entries.checked.startIndex + offset].leaf
      guard isStored else { return (computed, false) }
      let stored = entries.stored[entries.stored.startIndex + offset]
      return (stored, stored != computed)
    }
  }

  /// The tree to go on with: of the computed leaves, or, where `signed` says otherwise, of those stored leaves that
  /// restore its root; nil where nothing restores it.
  private mutating func tree(_ entries: Entries, under signed: Checkpoint?) -> BlockTree? {
    let comparable = signed?.size == state.frontier.size + UInt64(entries.checked.count) ? signed : nil
    let computed = tree(entries, isStored: false)
    guard let comparable, computed.root != comparable.root else { return computed.tree }
    guard entries.stored.count == entries.checked.count else { return nil }
    let stored = tree(entries, isStored: true)
    return stored.root == comparable.root ? stored.tree : nil
  }

  private mutating func tree(_ entries: Entries, isStored: Bool) -> (tree: BlockTree, root: Digest) {
    var tree = BlockTree(beforeHeader: state.frontier, isStored: isStored)
    let leaves = isStored ? Array(entries.stored) : entries.checked.map(\.leaf)
    tree.beforeHeader.append(contentsOf: leaves.dropLast(), using: &hasher)
    var whole = tree.beforeHeader
    whole.append(contentsOf: leaves.suffix(1), using: &hasher)
    return (tree, whole.root(using: &hasher))
  }

  private func cannotGoOn(_ entries: Entries, _ first: UInt64) -> Fault {
    let differing = zip(entries.checked, entries.stored).enumerated().first { $1.0.leaf != $1.1 }?.offset
    let hint = differing.map { "; the first leaf that was stored otherwise is \(first + UInt64($0))" } ?? ""
    return Fault(
      .rootMismatch, block: state.height,
      "from this block on, the entries do not hash to the root that was signed\(hint)")
  }

  // MARK: The header

  private func readHeader(_ bytes: Span<UInt8>, _ entries: Entries) -> BlockHeader? {
    guard let range = entries.ranges.last, case .decoded(let decoded) = entries.checked.last?.content else {
      return nil
    }
    let entry = bytes.extracting(range)
    guard BlockHeader.isHeader(decoded.view, of: entry) else { return nil }
    do { return try BlockHeader(payload: entry.extracting(decoded.view.payload).bytes) } catch { return nil }
  }

  private func compareTimes(
    _ cosigned: [StoredCheckpoint.CosignedTime], height: UInt64, into outcome: inout Outcome
  ) {
    guard let header = outcome.header else { return }
    let time = Int64(header.time / 1000)
    let lags = cosigned.map { Int64(clamping: $0.seconds) - time }.sorted()
    for lag in lags where lag < -BlockAudit.clockTolerance {
      outcome.faults.append(
        Fault(.time, block: height, "cosigned \(-lag) s before the time that the block claims for itself"))
    }
    let quorum = state.roster.terms.quorum
    if lags.count >= quorum { outcome.lag = lags[quorum - 1] }
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
