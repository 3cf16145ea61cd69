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
  private var hasher = TreeHasher()

  /// An audit from `state` on.
  public init(from state: LedgerState, depth: Depth, rules: [any RuleSet]) {
    (self.state, self.depth, self.rules) = (state, depth, rules)
  }

  /// The entries of one block: where each lies in a run of bytes, and what is known of it.
  public struct Entries: Sendable {
    /// Where each entry lies, without its length prefix.
    public var ranges: ArraySlice<Range<Int>>
    /// What the checks of single entries say. With `Depth.hashes` only the leaf and the header's content count.
    public var checked: ArraySlice<CheckedEntry>
    /// The leaf hashes that were stored when the block was committed, as many as there are; may be shorter.
    public var stored: ArraySlice<Digest>

    /// The entries of one block.
    public init(ranges: ArraySlice<Range<Int>>, checked: ArraySlice<CheckedEntry>, stored: ArraySlice<Digest>)
    {
      (self.ranges, self.checked, self.stored) = (ranges, checked, stored)
    }
  }

  /// What the audit of one block gives.
  public struct Outcome: Sendable {
    /// Every fault, in the order of the entries.
    public var faults: [Fault] = []
    /// Whether the blocks behind it can be judged: false where the tree itself can't be followed any further.
    public var canGoOn = true
    /// The header, where it can be read.
    public var header: BlockHeader?
    /// How many seconds after the block's time the quorum had cosigned; negative before.
    public var lag: Int64?
    /// The leaf hashes with which the tree goes on: an altered entry's is the one that was stored.
    public var leaves: [Digest] = []
    /// Whether the checkpoint's signatures are good.
    public var isSigned = false
  }

  /// The largest distance between a block's time and its cosignatures' that needs no explanation, in s.
  public static let clockTolerance: Int64 = 60

  /// Audits the next block.
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

    // A root that nobody signed proves nothing against the entries: only a signed one is compared.
    let signed = outcome.isSigned ? checkpoint?.checkpoint : nil
    guard let leaves = leaves(entries, under: signed) else {
      let differing = zip(entries.checked, entries.stored).enumerated().first { $1.0.leaf != $1.1 }?.offset
      outcome.faults.append(
        Fault(
          .rootMismatch, block: height, entry: differing.map { first + UInt64($0) },
          "from this block on, the entries do not hash to the root that was signed"))
      outcome.canGoOn = false
      return outcome
    }
    outcome.leaves = leaves
    if let signed, signed.size != first + UInt64(entries.ranges.count) {
      let count = first + UInt64(entries.ranges.count)
      outcome.faults.append(
        Fault(
          .brokenChain, block: height,
          "the checkpoint covers \(signed.size) entries; the block ends at \(count)"))
    }

    outcome.header = readHeader(bytes, entries, leaves)
    // Without its header a block's time is not known; what the validators signed is the nearest to it.
    let cosignedTime = signatures.cosigned.map(\.seconds).max().map { $0 &* 1000 }
    let time = outcome.header?.time ?? cosignedTime ?? state.parentTime ?? 0
    var block = BlockInProgress(upon: state, time: min(time, BlockHeader.maximumTime), rules: rules)
    for (offset, leaf) in leaves.dropLast().enumerated() {
      let checked = entries.checked[entries.checked.startIndex + offset]
      let entry = bytes.extracting(entries.ranges[entries.ranges.startIndex + offset])
      let index = first + UInt64(offset)
      if checked.leaf != leaf {
        outcome.faults.append(Outcome.altered(block: height, entry: index))
      } else if depth == .everything {
        do {
          try block.admit(checked, entry, earlier: &earlier, using: &hasher)
          continue
        } catch {
          outcome.faults.append(
            checked.isMalformed
              ? Fault(.malformedEntry, block: height, entry: index, error.reason)
              : Fault(error, block: height, entry: index))
        }
      }
      block.passOver(leaf, using: &hasher)
    }
    close(block, bytes, entries, leaves, signatures.proposer, into: &outcome)
    compareTimes(signatures.cosigned, height: height, into: &outcome)
    return outcome
  }

  private mutating func close(
    _ block: consuming BlockInProgress, _ bytes: Span<UInt8>, _ entries: Entries, _ leaves: [Digest],
    _ signer: Validator?, into outcome: inout Outcome
  ) {
    guard let last = entries.checked.last, let range = entries.ranges.last, let leaf = leaves.last else {
      return
    }
    let (height, index) = (state.height, block.nextIndex)
    guard last.leaf == leaf else {
      outcome.faults.append(Outcome.altered(block: height, entry: index))
      state = block.closed(with: leaf, time: nil, using: &hasher)
      return
    }
    let known = depth == .hashes ? outcome.header?.roster : nil
    let closed = block.close(last, bytes.extracting(range), roster: known, using: &hasher)
    outcome.faults += closed.faults
    if let proposer = closed.proposer, let signer, proposer != signer {
      outcome.faults.append(
        Fault(.unknownSigner, block: height, "another log key than the header's signed the checkpoint"))
    }
    state = closed.state
  }

  /// The leaves to go on with: the computed ones, or, where `signed` says otherwise, those stored leaves that
  /// restore its root; nil where nothing restores it.
  private mutating func leaves(_ entries: Entries, under signed: Checkpoint?) -> [Digest]? {
    let computed = entries.checked.map(\.leaf)
    guard let signed, signed.size == state.frontier.size + UInt64(computed.count) else { return computed }
    if root(with: computed) == signed.root { return computed }
    guard entries.stored.count == computed.count, root(with: entries.stored) == signed.root else {
      return nil
    }
    return Array(entries.stored)
  }

  private mutating func root(with leaves: some Sequence<Digest>) -> Digest {
    var tree = state.frontier
    for leaf in leaves { tree.append(leaf, using: &hasher) }
    return tree.root(using: &hasher)
  }

  private func readHeader(_ bytes: Span<UInt8>, _ entries: Entries, _ leaves: [Digest]) -> BlockHeader? {
    guard let last = entries.checked.last, let range = entries.ranges.last, last.leaf == leaves.last,
      case .decoded(let decoded) = last.content
    else { return nil }
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
