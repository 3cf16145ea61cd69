import ArgumentParser
import LedgerCrypto
import TransparencyLog

/// `zheng bench merkle`.
struct MerkleBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "merkle",
    abstract: "Measure the tree over leaf hashes, node by node against OpenSSL's one-shot.",
    discussion: """
      The root of a tree, folded level by level; the same leaves appended to a frontier as a ledger does it, in blocks, and \
      one after the other. Each costs a node a leaf, or about so; the yardstick is OpenSSL's SHA256() on 65 bytes for each. \
      Processor time of one core.

        zheng bench merkle
        zheng bench merkle --leaves 1000000 --json
      """)
  static let title = "Merkle trees, one core"

  @Option(help: "How many leaves the tree has.") var leaves = 65_536
  @Option(help: "How many leaves a block brings.") var block = 1000
  @Option(help: "About how long to measure, in s.") var seconds = 5.0
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (2...1 << 24).contains(leaves) else { throw ValidationError("--leaves may be 2 to \(1 << 24)") }
    guard (1...leaves).contains(block) else {
      throw ValidationError("--block may be 1 to the number of leaves")
    }
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    let hashes = LeafHashes.counted(0..<UInt64(leaves))
    let message = [UInt8](repeating: 1, count: HashContender.nodeByteCount)
    let roots = [root(hashes), inBlocks(hashes), oneByOne(hashes)]
    guard Set(roots).count == 1 else { preconditionFailure("three ways to one root") }
    let ways: [() -> Void] = [
      { _ = root(hashes) }, { _ = inBlocks(hashes) }, { _ = oneByOne(hashes) },
      { _ = Yardsticks.oneShot(message, count: leaves - 1) },
    ]
    let times = try Turns.secondsEach(
      measuring.rounds, turn: seconds / Double(ways.count * (measuring.rounds + 1)),
      ways.map { way in
        { count in for _ in 0..<count { way() } }
      })
    let nodes = times.map { $0.map { Double(leaves - 1) / $0 } }
    let yardstick = ("OpenSSL SHA256(), one shot, 65 bytes", nodes[3])
    let tree = Printable.count(leaves, "leaf", plural: "leaves")
    try tell(
      Measure(
        "root", "root of \(tree)", unit: "nodes/s", nodes[0], against: yardstick, goal: .atLeast(8, aim: 14)))
    try tell(
      Measure(
        "frontier-blocks", "\(tree) appended in blocks of \(block)", unit: "nodes/s", nodes[1],
        against: yardstick, goal: .atLeast(1)))
    try tell(
      Measure(
        "frontier-single", "\(tree) appended one by one", unit: "nodes/s", nodes[2], against: yardstick,
        goal: .atLeast(1)))
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
