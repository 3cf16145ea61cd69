import Ledger
import LedgerCrypto

/// The state as an audit makes it anew: the leaves, and of the values the lists, which may still grow.
struct StateAudit {
  private var tree = StateMemory()
  /// The lists; the number that is kept with a list's leaf is its place here.
  private var lists: [RecordList] = []
  private let hasher = HasherBox()

  /// A hasher that can be kept in a copyable value.
  private final class HasherBox { var hasher = StateHasher() }

  /// Takes in what a block has changed, and gives the root after it.
  ///
  /// - Throws: `malformed` where the changes do not continue this state; then nothing is changed.
  mutating func apply(_ changes: StateChanges) throws(Refusal) -> Digest {
    let places = tree.numbers(of: changes.paths)
    var block: [RecordList?] = []
    block.reserveCapacity(places.count)
    for (number, place) in places.enumerated() {
      block.append(changes.isList(number) ? place.map { lists[Int($0)] } : nil)
    }
    let values = try changes.values(after: &block, using: &hasher.hasher)
    var numbers: [UInt32] = []
    numbers.reserveCapacity(places.count)
    for (list, place) in zip(block, places) {
      guard let list else {
        numbers.append(0)
        continue
      }
      if let place {
        lists[Int(place)] = list
        numbers.append(place)
      } else {
        numbers.append(UInt32(lists.count))
        lists.append(list)
      }
    }
    return tree.apply(
      StateBatch(changes.paths, values, using: &hasher.hasher).changes, numbers: numbers,
      using: &hasher.hasher)
  }
}
