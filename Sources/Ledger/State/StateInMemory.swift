public import LedgerCrypto

/// A state with all its values in memory: a ledger's without a state folder, and the tests'.
public struct StateInMemory: Sendable {
  private var tree = StateMemory()
  private var values: [StateKey: [UInt8]] = [:]
  private var paths: [Digest: Digest] = [:]

  /// The empty state.
  public init() {}

  /// The root.
  public var root: Digest { tree.root }

  /// The value at `key`, or nil where there is none.
  public func value(of key: StateKey) -> [UInt8]? { values[key] }

  /// The keys that have a value.
  public var keys: Dictionary<StateKey, [UInt8]>.Keys { values.keys }

  /// Takes in what a block has changed, and gives the root after it.
  ///
  /// - Throws: `malformed` where the changes do not continue this state; then nothing is changed.
  @discardableResult
  public mutating func apply(_ changes: StateChanges, using hasher: inout StateHasher) throws(Refusal)
    -> Digest
  {
    let update = StateUpdate(changes)
    var pairs: [(key: StateKey, value: [UInt8]?)] = []
    pairs.reserveCapacity(update.keys.count)
    for (number, key) in update.keys.enumerated() {
      pairs.append((key, try update.value(number, after: values[key], using: &hasher)))
    }
    let batch = StateBatch(pairs, using: &hasher)
    for (key, value) in pairs { values[key] = value }
    for (change, hash) in zip(batch.changes, batch.valueHashes) {
      paths[change.path] = change.hash == nil ? nil : hash
    }
    return tree.apply(batch.changes, using: &hasher)
  }

  /// The proof of what `key` has.
  public func proof(of key: StateKey, using hasher: inout StateHasher) -> StateProof {
    let way = tree.way(to: hasher.path(of: key), using: &hasher)
    return StateProof(key, values[key], way: way) { paths[$0.path] ?? .zero }
  }
}
