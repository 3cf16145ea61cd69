public import LedgerCrypto

/// A state with all its values in memory: a ledger's without a state folder, and the tests'.
public struct StateInMemory: Sendable {
  private var tree = StateMemory()
  /// The value at each path, and its hash.
  private var values: [Digest: (value: [UInt8], hash: Digest)] = [:]

  /// The empty state.
  public init() {}

  /// The root.
  public var root: Digest { tree.root }

  /// The number of keys that have a value.
  public var count: Int { tree.count }

  /// The value at `key`, or nil if there is none.
  public func value(of key: StateKey, using hasher: inout StateHasher) -> [UInt8]? {
    values[hasher.path(of: key)]?.value
  }

  /// Takes in what a block has changed, and gives the root after it.
  ///
  /// - Throws: `malformed` if the changes do not continue this state; then nothing is changed.
  @discardableResult
  public mutating func apply(_ changes: StateChanges, using hasher: inout StateHasher) throws(Refusal)
    -> Digest
  {
    var lists: [RecordList?] = []
    for (number, path) in changes.paths.enumerated() {
      guard changes.isList(number), let old = values[path] else {
        lists.append(nil)
        continue
      }
      lists.append(try RecordList(decoding: old.value))
    }
    let made = try changes.values(after: &lists, using: &hasher)
    let batch = StateBatch(changes.paths, made, using: &hasher)
    for (number, change) in batch.changes.enumerated() {
      values[change.path] = made[number].map { ($0, batch.valueHashes[number]) }
    }
    return tree.apply(batch.changes, using: &hasher)
  }

  /// The proof of what `key` has.
  public func proof(of key: StateKey, using hasher: inout StateHasher) -> StateProof {
    let path = hasher.path(of: key)
    return StateProof(key, values[path]?.value, way: tree.way(to: path, using: &hasher)) {
      values[$0.path]?.hash ?? .zero
    }
  }
}
