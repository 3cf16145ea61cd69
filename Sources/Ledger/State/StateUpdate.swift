/// What a block changes in the state, key by key: the rule sets' values, the core's, and the lists, whose new values
/// depend on the old.
public struct StateUpdate: Sendable {
  /// The keys, each once.
  public let keys: [StateKey]
  private let changes: [Change]

  private enum Change: Sendable {
    case value([UInt8]?)
    case list([StateChanges.Listed])
  }

  /// What the block with these changes does.
  public init(_ block: StateChanges) {
    var (keys, changes): ([StateKey], [Change]) = ([], [])
    let count = block.contents.count + block.core.count + block.lists.count + block.records.count
    keys.reserveCapacity(count)
    changes.reserveCapacity(count)
    for (key, value) in block.values {
      keys.append(key)
      changes.append(.value(value))
    }
    for (key, value) in block.core {
      keys.append(key)
      changes.append(.value(value))
    }
    for (key, listed) in block.lists {
      keys.append(key)
      changes.append(.list(listed))
    }
    for record in block.records {
      keys.append(.statement(record.id))
      changes.append(.value(StatementPlace(index: record.index).encoded))
    }
    (self.keys, self.changes) = (keys, changes)
  }

  /// Whether the new value of key `number` depends on the old one.
  public func isList(_ number: Int) -> Bool {
    if case .list = changes[number] { true } else { false }
  }

  /// The value of key `number` after the block; nil where it has none.
  ///
  /// - Parameter old: the value before, where `isList` says that it counts; nil where there was none.
  /// - Throws: `malformed` where `old` is no list, or one that reaches beyond the block.
  public func value(
    _ number: Int, after old: [UInt8]?, using hasher: inout StateHasher
  ) throws(Refusal) -> [UInt8]? {
    switch changes[number] {
    case .value(let value): return value
    case .list:
      var list: RecordList?
      if let old { list = try RecordList(decoding: old) }
      return try self.list(number, after: list, using: &hasher)?.encoded
    }
  }

  /// As `value`, of a key whose value is a list; nil for any other.
  public func list(
    _ number: Int, after old: RecordList?, using hasher: inout StateHasher
  ) throws(Refusal) -> RecordList? {
    guard case .list(let listed) = changes[number] else { return nil }
    guard var list = old else { return RecordList(listed.map { ($0.id, $0.index) }, using: &hasher) }
    for record in listed {
      guard record.index > list.last else {
        throw Refusal(.malformed, "a list of records that reaches to entry \(list.last)")
      }
      list.add(record.id, at: record.index, using: &hasher)
    }
    return list
  }
}
