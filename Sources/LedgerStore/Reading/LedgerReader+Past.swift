import Ledger
import TransparencyLog

/// The rule sets' state and the roster as they stood at some instant: what the records up to then say, and nothing of today.
public struct PastState: Sendable {
  /// The state after the last block of then; nil where the founding came later.
  public let state: LedgerState?
  private let values: [(key: StateKey, value: [UInt8])]

  fileprivate init(_ state: LedgerState?, _ values: [StateKey: [UInt8]]) {
    self.state = state
    self.values = values.map { ($0.key, $0.value) }.sorted {
      $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
    }
  }

  /// The value at `key`, or nil where there was none.
  public func value(_ key: StateKey) -> [UInt8]? { values.first { $0.key == key }?.value }

  /// Every value whose key begins with the parts of `prefix`, in the order of the keys.
  public func values(under prefix: StateKey) -> [(key: StateKey, value: [UInt8])] {
    let start = prefix.bytes + [0]
    return values.filter { $0.key.bytes.starts(with: start) }
  }
}

extension LedgerReader {
  /// The state after the last block whose time is `time`, in ms since the epoch, or before; an empty one where the founding came later.
  ///
  /// Every block up to then is read again and judged, so it takes as long as these are many.
  ///
  /// - Throws: the first `Fault`.
  public func past(at time: UInt64) throws -> PastState {
    try PastState.replayed(folder, at: time, upTo: nil).past
  }
}

extension PastState {
  /// The same of a copy of a ledger in `folder`, of which nothing is believed but that its entries are those of `checkpoint`.
  ///
  /// - Returns: nil where they are not.
  /// - Throws: the first `Fault`.
  package static func of(
    copy folder: LedgerFolder, at time: UInt64, upTo checkpoint: Checkpoint
  ) throws -> PastState? {
    var hasher = TreeHasher()
    let (past, last) = try replayed(folder, at: time, upTo: checkpoint.size)
    guard let tree = last?.frontier, tree.size == checkpoint.size,
      tree.root(using: &hasher) == checkpoint.root
    else { return nil }
    return past
  }

  /// Replays the ledger in `folder` up to the last block of then, or on up to a tree of `size` entries, after which it stops with
  /// the state `last`.
  fileprivate static func replayed(
    _ folder: LedgerFolder, at time: UInt64, upTo size: UInt64?
  ) throws -> (past: PastState, last: LedgerState?) {
    let directory = try Directory(folder.path)
    let log = try EntryLog(in: directory, writing: false)
    let checkpoints = try CheckpointLog(in: directory, writing: false)
    let head = try Head.find(checkpoints, log, folder)
    var replay = try BlockReplay.fromFounding(log, checkpoints, rules: folder.rules, StateStore())
    var (state, last, values): (LedgerState?, LedgerState?, [StateKey: [UInt8]]) = (nil, nil, [:])
    while last.map({ $0.frontier.size != size }) ?? true, let block = try replay.next(before: head.end) {
      // Times never go back.
      if block.header.time <= time {
        for (key, value) in block.changes.values { values[key] = value }
        state = block.state
      } else if size == nil {
        break
      }
      last = block.state
    }
    return (PastState(state, values), last)
  }
}
