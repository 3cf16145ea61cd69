import Ledger

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
    let directory = try Directory(folder.path)
    let log = try EntryLog(in: directory, writing: false)
    let checkpoints = try CheckpointLog(in: directory, writing: false)
    let head = try Head.find(checkpoints, log)
    var replay = try BlockReplay.fromFounding(log, checkpoints, rules: folder.rules, StateStore())
    var (state, values): (LedgerState?, [StateKey: [UInt8]]) = (nil, [:])
    while let block = try replay.next(before: head.end) {
      // Times never go back.
      guard block.header.time <= time else { break }
      for (key, value) in block.changes.values { values[key] = value }
      state = block.state
    }
    return PastState(state, values)
  }
}
