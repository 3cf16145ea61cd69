public import LedgerCrypto

/// What the statements of one block, or a part of them, have changed in the state: the rule sets' values, the core's, and
/// the lists, whose new values depend on the old.
public struct StateChanges: Sendable {
  /// A record, as lists have it.
  public struct Listed: Hashable, Sendable {
    /// The statement id.
    public let id: Digest
    /// The index of its entry.
    public let index: UInt64

    /// A record.
    package init(id: Digest, index: UInt64) { (self.id, self.index) = (id, index) }
  }

  /// The last value at each key of the rule sets; nil if it was removed.
  private(set) var contents: [StateKey: (any StateValue)?] = [:]
  /// The last value at each key of the core that is no list; nil if it was removed.
  private var core: [StateKey: [UInt8]?] = [:]
  /// The records.
  public private(set) var records: [Listed] = []
  /// Which list gains which record, in the order of the entries.
  private var listings: [(key: StateKey, record: Int)] = []

  /// The paths of all keys that change, ascending, each once; empty before `end`.
  public private(set) var paths: [Digest] = []
  /// What becomes of each.
  private var steps: [Step] = []
  /// The values at keys of the rule sets and of the core, in the order in which `steps` counts them.
  private var ended: [[UInt8]?] = []
  /// The records that lists gain, one list after the other.
  private var listed: [Listed] = []

  private enum Step: Sendable {
    /// The value with this number in `ended`.
    case value(Int)
    /// The place of the entry with this index.
    case place(UInt64)
    /// A list that gains these of `listed`.
    case list(Range<Int>)
  }

  /// No changes.
  public init() {}

  /// The last value at each key of the rule sets, encoded; nil if it was removed.
  public var values: [StateKey: [UInt8]?] { contents.mapValues { $0?.encoded } }

  // MARK: Adding

  /// Adds changes, made in this order.
  public mutating func add(_ changes: [StateChange]) {
    for change in changes where !change.isListing {
      contents.updateValue(change.content, forKey: change.key)
    }
  }

  /// Adds a record, and lists it at each of `keys`, which may name one twice.
  package mutating func add(_ record: Listed, at keys: [StateKey]) {
    for (number, key) in keys.enumerated() where !keys[..<number].contains(key) {
      listings.append((key, records.count))
    }
    records.append(record)
  }

  /// Sets a value of the core, or removes it.
  mutating func set(_ key: StateKey, _ value: (some StateValue)?) {
    core.updateValue(value?.encoded, forKey: key)
  }

  /// Ends the block: works out the paths and their order. Nothing is added afterwards. Traps if a key has a value and
  /// is a list, or is both a rule set's and the core's.
  ///
  /// - Complexity: a hash a key, in lanes, and a sort.
  package mutating func end(using hasher: inout StateHasher) {
    let count = contents.count + core.count + listings.count + records.count
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    bytes.reserveCapacity(48 * count)
    ranges.reserveCapacity(count)
    func add(_ key: [UInt8]) {
      ranges.append(bytes.count..<bytes.count + key.count)
      bytes.append(contentsOf: key)
    }
    for (key, value) in contents {
      add(key.bytes)
      ended.append(value?.encoded)
    }
    for (key, value) in core {
      add(key.bytes)
      ended.append(value)
    }
    for listing in listings { add(listing.key.bytes) }
    let firstRecord = ended.count + listings.count
    for record in records {
      let start = bytes.count
      StateKey.appendStatement(record.id, to: &bytes)
      ranges.append(start..<bytes.count)
    }
    var unordered: [Digest] = []
    hasher.appendPaths(bytes.span, at: ranges[...], to: &unordered)
    paths.reserveCapacity(count)
    steps.reserveCapacity(count)
    listed.reserveCapacity(listings.count)
    for number in StateBatch.order(unordered) {
      let path = unordered[number]
      let isNew = paths.last != path
      if isNew { paths.append(path) }
      guard number >= ended.count, number < firstRecord else {
        precondition(isNew, "a key stands twice")
        steps.append(number < firstRecord ? .value(number) : .place(records[number - firstRecord].index))
        continue
      }
      if isNew {
        steps.append(.list(listed.count..<listed.count))
      }
      guard case .list(let range) = steps[steps.count - 1] else { preconditionFailure("a key stands twice") }
      listed.append(records[listings[number - ended.count].record])
      steps[steps.count - 1] = .list(range.lowerBound..<listed.count)
    }
    listings = []
  }

  // MARK: Lists

  /// What each list gains, in the order of the entries, by the paths of the lists, which ascend. To be asked after `end`.
  public var lists: some Sequence<(path: Digest, records: ArraySlice<Listed>)> {
    zip(paths, steps).lazy.compactMap { path, step in
      guard case .list(let range) = step else { return nil }
      return (path, listed[range])
    }
  }

  /// What the list at `path` gains.
  public func records(listedAt path: Digest) -> ArraySlice<Listed> {
    var range = paths.indices
    while let first = range.first {
      let middle = first + range.count / 2
      if paths[middle] == path {
        guard case .list(let records) = steps[middle] else { return [] }
        return listed[records]
      }
      range = paths[middle] < path ? middle + 1..<range.upperBound : first..<middle
    }
    return []
  }

  /// Whether the new value at `paths[number]` is a list, and so depends on the old one.
  public func isList(_ number: Int) -> Bool {
    if case .list = steps[number] { true } else { false }
  }

  // MARK: Values

  /// The values at `paths` after the block.
  ///
  /// - Parameter lists: for each path the list that was there; nil if there was none, and where none belongs. Those that
  ///   there are from now on take their place.
  /// - Throws: `malformed` if a list reaches beyond the block's records.
  /// - Complexity: a hash for each record that a list gains, in lanes for the first of each.
  public func values(
    after lists: inout [RecordList?], using hasher: inout StateHasher
  ) throws(Refusal) -> StateValues {
    precondition(lists.count == paths.count, "the list at each path")
    var pairs: [Digest] = []
    for (number, step) in steps.enumerated() {
      guard case .list(let range) = step else { continue }
      if let last = lists[number]?.last, listed[range.lowerBound].index <= last {
        throw Refusal(.malformed, "a list of records that reaches to entry \(last)")
      }
      pairs.append(lists[number]?.chain ?? .zero)
      pairs.append(listed[range.lowerBound].id)
    }
    let count = pairs.count / 2
    hasher.hashChains(&pairs, count: count)
    var (values, place) = (StateValues(expecting: paths.count), 0)
    for (number, step) in steps.enumerated() {
      switch step {
      case .value(let number): values.append(ended[number])
      case .place(let index): values.append { StatementPlace(index: index).append(to: &$0) }
      case .list(let range):
        var list = RecordList(lists[number], adding: listed[range.lowerBound].index, chain: pairs[place])
        for record in listed[range].dropFirst() { list.add(record.id, at: record.index, using: &hasher) }
        lists[number] = list
        values.append { list.append(to: &$0) }
        place += 1
      }
    }
    return values
  }
}
