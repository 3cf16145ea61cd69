import LedgerCrypto
import TransparencyLog

/// The tree over leaf hashes, node by node against OpenSSL's one-shot: processor time of one core.
///
/// The root of a tree, folded level by level; the same leaves appended to a frontier as a ledger does it, in blocks, and one after
/// the other. Each costs a node a leaf, or about so.
package struct MerkleMeasurement: Measurement {
  package static let title = "Merkle trees, one core"

  /// How many leaves the tree has, 2 or more.
  let leaves: Int
  /// How many leaves a block brings, 1 to `leaves`.
  let block: Int
  /// About how long to measure, in s.
  let seconds: Double

  package init(leaves: Int, block: Int, seconds: Double) {
    (self.leaves, self.block, self.seconds) = (leaves, block, seconds)
  }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    let hashes = LeafHashes.counted(0..<UInt64(leaves))
    let message = [UInt8](repeating: 1, count: HashContender.nodeByteCount)
    let roots = [root(hashes), inBlocks(hashes), oneByOne(hashes)]
    guard Set(roots).count == 1 else { preconditionFailure("three ways to one root") }
    let ways: [() -> Void] = [
      { _ = root(hashes) }, { _ = inBlocks(hashes) }, { _ = oneByOne(hashes) },
      { _ = Yardsticks.oneShot(message, count: leaves - 1) },
    ]
    let times = try Rounds.secondsEach(
      rounds, turn: seconds / Double(ways.count * (rounds + 1)),
      ways.map { way in
        { count in for _ in 0..<count { way() } }
      })
    let nodes = times.map { $0.map { Double(leaves - 1) / $0 } }
    let yardstick = ("OpenSSL SHA256(), one shot, 65 bytes", nodes[3])
    let tree = "\(leaves) leaves"
    try report(
      Measure(
        "root", "root of \(tree)", unit: "nodes/s", nodes[0], against: yardstick, goal: .nodes))
    try report(
      Measure(
        "frontier-blocks", "\(tree) appended in blocks of \(block)", unit: "nodes/s", nodes[1],
        against: yardstick, goal: .frontier))
    try report(
      Measure(
        "frontier-single", "\(tree) appended one by one", unit: "nodes/s", nodes[2], against: yardstick,
        goal: .frontier))
  }

  private func root(_ hashes: [Digest]) -> Digest {
    var hasher = TreeHasher()
    return Merkle.root(of: hashes, using: &hasher)
  }

  private func inBlocks(_ hashes: [Digest]) -> Digest {
    var hasher = TreeHasher()
    var frontier = Frontier()
    for start in stride(from: 0, to: hashes.count, by: block) {
      frontier.append(contentsOf: hashes[start..<min(start + block, hashes.count)], using: &hasher)
    }
    return frontier.root(using: &hasher)
  }

  private func oneByOne(_ hashes: [Digest]) -> Digest {
    var hasher = TreeHasher()
    var frontier = Frontier()
    for hash in hashes { frontier.append(hash, using: &hasher) }
    return frontier.root(using: &hasher)
  }
}

/// Leaf hashes that are worth nothing but as many as are wanted.
enum LeafHashes {
  /// For each of `numbers` the leaf hash of its eight bytes, the most significant first.
  static func counted(_ numbers: Range<UInt64>) -> [Digest] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * 8)
    for number in numbers {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    let ranges = numbers.indices.map {
      Int($0 - numbers.lowerBound) * 8..<Int($0 - numbers.lowerBound + 1) * 8
    }
    var hasher = TreeHasher()
    var hashes: [Digest] = []
    hashes.reserveCapacity(numbers.count)
    hasher.appendLeaves(bytes.span, at: ranges[...], to: &hashes)
    return hashes
  }
}
