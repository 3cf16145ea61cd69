public import LedgerCrypto
import Statements
public import TransparencyLog

extension BlockInProgress {
  /// The header that closes this block in its current state.
  ///
  /// - Parameter stateRoot: the root of the state tree with `changes`, after `endStatements`.
  public func header(state stateRoot: Digest, using hasher: inout TreeHasher) -> BlockHeader {
    BlockHeader(
      height: state.height, previous: state.parent, first: firstIndex, size: nextIndex,
      root: state.frontier.root(using: &hasher), state: stateRoot, time: time, roster: state.roster.root)
  }

  /// What closing a block gives: the state after it, and what was wrong.
  public struct Closed: Sendable {
    /// The state after the block. With faults it is what an audit goes on with.
    public let state: LedgerState
    /// What the block's statements change in the state.
    public let changes: StateChanges
    /// The header, where it can be read.
    public let header: BlockHeader?
    /// The validator whose block key signed the header, where there is one.
    public let proposer: Validator?
    /// Every fault of the header, and of the block's limits.
    public let faults: [Fault]
  }

  /// Closes the block with the header entry, as every validator checks it. `endStatements` has been called.
  ///
  /// - Parameters:
  ///   - checked: what `EntryChecker` says of these bytes.
  ///   - stateRoot: the root of the state tree with `changes`; nil if the caller compares it later.
  public consuming func close(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, state stateRoot: Digest?, using hasher: inout TreeHasher
  ) -> Closed {
    close(checked, entry, state: stateRoot, isRosterKnown: true, using: &hasher)
  }

  /// - Parameter isRosterKnown: whether the state's roster is the one in force; where it is not, neither the roster that
  ///   the header names nor its limits are looked at.
  consuming func close(
    _ checked: CheckedEntry, _ entry: Span<UInt8>, state stateRoot: Digest?, isRosterKnown: Bool,
    using hasher: inout TreeHasher
  ) -> Closed {
    let (block, index) = (state.height, nextIndex)
    var faults: [Fault] = []
    var proposer: Validator?
    var header: BlockHeader?
    do throws(StatementError) {
      guard case .decoded(let decoded) = checked.content, BlockHeader.isHeader(decoded.view, of: entry) else {
        throw StatementError(.malformed, "the block's last entry is not a header")
      }
      let read = try BlockHeader(payload: entry.extracting(decoded.view.payload).bytes)
      header = read
      proposer = state.roster.proposer(decoded.view.keyID)
      faults += BlockInProgress.signatureFaults(of: decoded, entry, proposer)
      faults += judge(read, isRosterKnown: isRosterKnown, using: &hasher)
      if let stateRoot, let fault = read.fault(state: stateRoot) { faults.append(fault) }
    } catch {
      faults.append(Fault(.malformedEntry, error.description))
    }
    if isRosterKnown { faults += limitFaults() }
    if block == 0, statementCount != 1 {
      faults.append(Fault(.brokenChain, "the founding block holds \(statementCount) statements, not one"))
    }
    let changes = changes
    return Closed(
      state: closed(with: checked.leaf, time: header?.time, using: &hasher), changes: changes, header: header,
      proposer: proposer,
      faults: faults.map { Fault($0.code, block: block, entry: index, $0.detail) })
  }

  /// The state after this block where its last entry can't be read: an audit goes on behind it.
  consuming func closed(
    with leaf: Digest, time: UInt64?, using hasher: inout TreeHasher
  ) -> LedgerState {
    state.frontier.append(leaf, using: &hasher)
    if let adopted { state.roster = adopted }
    state.parent = leaf
    // The time before a header that can't be read is a bound for the one behind it too.
    if let time { state.parentTime = time }
    state.height += 1
    return state
  }

  private static func signatureFaults(
    of decoded: CheckedEntry.Decoded, _ entry: Span<UInt8>, _ proposer: Validator?
  ) -> [Fault] {
    guard let proposer else {
      let key = decoded.view.keyID
      return [Fault(.unknownSigner, "the header is signed by \(key), which is no validator's block key")]
    }
    guard decoded.view.algorithm == .edDSA else {
      return [Fault(.malformedEntry, "a header's algorithm is −8, not \(decoded.view.algorithm.rawValue)")]
    }
    guard decoded.isSigned(entry, by: proposer.blockKey) else {
      return [Fault(.badSignature, "the header's signature does not verify")]
    }
    return []
  }

  private func judge(
    _ header: BlockHeader, isRosterKnown: Bool, using hasher: inout TreeHasher
  ) -> [Fault] {
    var faults: [Fault] = []
    if header.height != state.height {
      faults.append(
        Fault(.brokenChain, "the header says height \(header.height) where \(state.height) comes next"))
    }
    if header.previous != state.parent {
      faults.append(Fault(.brokenChain, "the header names another previous header than the one before it"))
    }
    if header.first != firstIndex {
      faults.append(
        Fault(.header, "the header says that its block begins with entry \(header.first), not \(firstIndex)"))
    }
    if header.size != nextIndex {
      faults.append(
        Fault(.brokenChain, "the header says that \(header.size) entries come before it, not \(nextIndex)"))
    } else if header.root != state.frontier.root(using: &hasher) {
      faults.append(
        Fault(.rootMismatch, "the entries before the header do not hash to the root that it names"))
    }
    if isRosterKnown, header.roster != state.roster.root {
      faults.append(Fault(.brokenChain, "the header names another roster than the one in force"))
    }
    if let parentTime = state.parentTime, header.time < parentTime {
      faults.append(Fault(.time, "the block's time lies \(parentTime - header.time) ms before its parent's"))
    }
    if let parentTime = state.parentTime, statementCount == 0,
      header.time < parentTime + BlockHeader.emptyBlockInterval
    {
      faults.append(Fault(.emptyBlock, "a block without a statement less than an hour after its parent"))
    }
    if isTimeKnown, header.time != time {
      faults.append(
        Fault(.time, "the header says \(header.time) ms; the statements were judged by \(time) ms"))
    }
    return faults
  }

  private func limitFaults() -> [Fault] {
    let parameters = state.roster.terms.parameters
    var faults: [Fault] = []
    let (records, bytes) = (parameters[Parameters.blockRecords], parameters[Parameters.blockBytes])
    if UInt64(statementCount) > records {
      faults.append(Fault(.brokenChain, "\(statementCount) statements in a block; \(records) are allowed"))
    }
    if UInt64(byteCount) > bytes {
      faults.append(Fault(.brokenChain, "\(byteCount) bytes of statements in a block; \(bytes) are allowed"))
    }
    return faults
  }
}
