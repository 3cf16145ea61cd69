public import LedgerCrypto

/// The paths of some keys, and their order.
public struct StatePaths: Sendable {
  /// The paths, ascending, each once.
  public let paths: [Digest]
  /// For each path, the number of its key among those that it was made of.
  public let order: [Int]

  /// The paths of a batch.
  package init(of batch: StateBatch) { (paths, order) = (batch.changes.map(\.path), batch.order) }

  /// The paths of `keys`. Traps where a key stands twice.
  ///
  /// - Complexity: a hash a key, in lanes, and a sort.
  public init(_ keys: [StateKey], using hasher: inout StateHasher) {
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    ranges.reserveCapacity(keys.count)
    for key in keys {
      ranges.append(bytes.count..<bytes.count + key.bytes.count)
      bytes += key.bytes
    }
    var unordered: [Digest] = []
    hasher.appendPaths(bytes.span, at: ranges[...], to: &unordered)
    // Nearly always the first 64 bits decide.
    let order = unordered.enumerated().map { (first: $1.fingerprint, number: $0) }.sorted {
      $0.first != $1.first ? $0.first < $1.first : unordered[$0.number] < unordered[$1.number]
    }.map(\.number)
    self.order = order
    paths = order.map { unordered[$0] }
    for (one, next) in zip(paths, paths.dropFirst()) { precondition(one != next, "a key stands twice") }
  }
}

/// The changes of one batch, as a tree takes them: leaves, sorted by path.
public struct StateBatch: Sendable {
  /// The changes in ascending order of their paths, each path once.
  public let changes: [StateLeafChange]
  /// For each change the hash of the value, from which the leaf's was made; zero where the key is removed.
  public let valueHashes: [Digest]
  /// For each change, where it stood among the keys that it was made of.
  public let order: [Int]

  /// The batch that gives each of `keys` its value, or removes it where that is nil. No key stands twice.
  ///
  /// - Complexity: three hashes a key, in lanes, and a sort.
  public init(_ keys: [(key: StateKey, value: [UInt8]?)], using hasher: inout StateHasher) {
    let paths = StatePaths(keys.map(\.key), using: &hasher)
    self.init(paths, paths.order.map { keys[$0].value }, using: &hasher)
  }

  /// The batch that gives the key of each path its value, or removes it where that is nil.
  ///
  /// - Parameter values: in the order of `paths`.
  /// - Complexity: two hashes a key, in lanes.
  public init(_ paths: StatePaths, _ values: [[UInt8]?], using hasher: inout StateHasher) {
    precondition(paths.paths.count == values.count, "a value for each key")
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    ranges.reserveCapacity(values.count)
    for case let value? in values {
      ranges.append(bytes.count..<bytes.count + value.count)
      bytes += value
    }
    var hashes: [Digest] = []
    hasher.appendValueHashes(bytes.span, at: ranges[...], to: &hashes)
    var (pairs, valueHashes): ([Digest], [Digest]) = ([], [])
    pairs.reserveCapacity(2 * hashes.count)
    valueHashes.reserveCapacity(values.count)
    for (path, value) in zip(paths.paths, values) {
      guard value != nil else {
        valueHashes.append(.zero)
        continue
      }
      let hash = hashes[pairs.count / 2]
      valueHashes.append(hash)
      pairs.append(path)
      pairs.append(hash)
    }
    hasher.hashLeaves(&pairs, count: hashes.count)
    var (changes, valued): ([StateLeafChange], Int) = ([], 0)
    changes.reserveCapacity(values.count)
    for (path, value) in zip(paths.paths, values) {
      changes.append(StateLeafChange(path: path, hash: value == nil ? nil : pairs[valued]))
      if value != nil { valued += 1 }
    }
    (self.changes, self.valueHashes, order) = (changes, valueHashes, paths.order)
  }

  /// The changes of each of the 2^depth parts into which the first bits of their paths divide a tree, in the order of
  /// the parts.
  public func parts(depth: Int) -> [[StateLeafChange]] {
    precondition((0...16).contains(depth), "so many parts are not made")
    var parts = [[StateLeafChange]](repeating: [], count: 1 << depth)
    for change in changes { parts[change.path.bucket(depth: depth)].append(change) }
    return parts
  }
}
