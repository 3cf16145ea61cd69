public import LedgerCrypto

/// The changes of one batch, as a tree takes them: leaves, sorted by path.
public struct StateBatch: Sendable {
  /// The changes in ascending order of their paths, each path once.
  public let changes: [StateLeafChange]
  /// For each change the hash of the value, from which the leaf's was made; zero where the key is removed.
  public let valueHashes: [Digest]

  /// The numbers of `paths` in ascending order of these; equal ones in their own.
  package static func order(_ paths: [Digest]) -> [Int] {
    // Nearly always the first 64 bits decide.
    paths.enumerated().map { (first: $1.fingerprint, number: $0) }.sorted {
      guard $0.first == $1.first else { return $0.first < $1.first }
      let (one, other) = (paths[$0.number], paths[$1.number])
      return one == other ? $0.number < $1.number : one < other
    }.map(\.number)
  }

  /// The batch that gives the key of each of `paths`, which ascend, its value, or removes it where it has none.
  ///
  /// - Complexity: two hashes a key, in lanes.
  public init(_ paths: [Digest], _ values: StateValues, using hasher: inout StateHasher) {
    precondition(paths.count == values.ranges.count, "a value for each key")
    let ranges = values.ranges.compactMap { $0 }
    var hashes: [Digest] = []
    hasher.appendValueHashes(values.bytes.span, at: ranges[...], to: &hashes)
    var (pairs, valueHashes): ([Digest], [Digest]) = ([], [])
    pairs.reserveCapacity(2 * hashes.count)
    valueHashes.reserveCapacity(paths.count)
    for (path, range) in zip(paths, values.ranges) {
      guard range != nil else {
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
    changes.reserveCapacity(paths.count)
    for (path, range) in zip(paths, values.ranges) {
      changes.append(StateLeafChange(path: path, hash: range == nil ? nil : pairs[valued]))
      if range != nil { valued += 1 }
    }
    (self.changes, self.valueHashes) = (changes, valueHashes)
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
