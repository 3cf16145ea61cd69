public import Ledger

extension StateBatch {
  /// The batch that gives each of `keys` its value, or removes it where that is nil. No key stands twice.
  public init(_ keys: [(key: StateKey, value: [UInt8]?)], using hasher: inout StateHasher) {
    let paths = hasher.paths(of: keys.map(\.key))
    let order = StateBatch.order(paths)
    self.init(order.map { paths[$0] }, StateValues(order.map { keys[$0].value }), using: &hasher)
  }
}
