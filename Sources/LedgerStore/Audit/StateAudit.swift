import Ledger
import LedgerCrypto

/// The state as an audit makes it anew: the leaves, and of the values the lists, which may still grow.
struct StateAudit {
  private var tree = StateMemory()
  private var lists: [StateKey: RecordList] = [:]
  private let hasher = HasherBox()

  /// A hasher that can be kept in a copyable value.
  private final class HasherBox { var hasher = StateHasher() }

  /// Takes in what a block has changed, and gives the root after it.
  ///
  /// - Throws: `malformed` where the changes do not continue this state.
  mutating func apply(_ changes: StateChanges) throws -> Digest {
    let update = StateUpdate(changes)
    var pairs: [(key: StateKey, value: [UInt8]?)] = []
    pairs.reserveCapacity(update.keys.count)
    for (number, key) in update.keys.enumerated() {
      if let list = try update.list(number, after: lists[key], using: &hasher.hasher) {
        lists[key] = list
        pairs.append((key, list.encoded))
      } else {
        pairs.append((key, try update.value(number, after: nil, using: &hasher.hasher)))
      }
    }
    return tree.apply(StateBatch(pairs, using: &hasher.hasher).changes, using: &hasher.hasher)
  }
}
