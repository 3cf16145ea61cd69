public import LedgerCrypto

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
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    ranges.reserveCapacity(keys.count)
    for (key, _) in keys {
      ranges.append(bytes.count..<bytes.count + key.bytes.count)
      bytes += key.bytes
    }
    var paths: [Digest] = []
    hasher.appendPaths(bytes.span, at: ranges[...], to: &paths)
    bytes.removeAll(keepingCapacity: true)
    ranges.removeAll(keepingCapacity: true)
    for (_, value) in keys {
      guard let value else { continue }
      ranges.append(bytes.count..<bytes.count + value.count)
      bytes += value
    }
    var hashes: [Digest] = []
    hasher.appendValueHashes(bytes.span, at: ranges[...], to: &hashes)
    var pairs: [Digest] = []
    pairs.reserveCapacity(2 * hashes.count)
    // For each key, the number of its value among the values.
    var valued: [Int] = []
    valued.reserveCapacity(keys.count)
    for (number, pair) in keys.enumerated() {
      valued.append(pairs.count / 2)
      guard pair.value != nil else { continue }
      pairs.append(paths[number])
      pairs.append(hashes[pairs.count / 2])
    }
    hasher.hashLeaves(&pairs, count: hashes.count)
    order = StateBatch.sorted(paths)
    changes = order.map {
      StateLeafChange(path: paths[$0], hash: keys[$0].value == nil ? nil : pairs[valued[$0]])
    }
    valueHashes = order.map { keys[$0].value == nil ? .zero : hashes[valued[$0]] }
    for (one, next) in zip(changes, changes.dropFirst()) {
      precondition(one.path != next.path, "a batch changes a key twice")
    }
  }

  /// The numbers of `paths` in ascending order of these.
  private static func sorted(_ paths: [Digest]) -> [Int] {
    // Nearly always the first 64 bits decide.
    paths.enumerated().map { (first: $1.fingerprint, number: $0) }.sorted {
      $0.first != $1.first ? $0.first < $1.first : paths[$0.number] < paths[$1.number]
    }.map(\.number)
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
