import ArgumentParser
import Measures

/// `zheng bench merkle`.
struct MerkleBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "merkle",
    abstract: "Measure the tree over leaf hashes, node by node, against OpenSSL's one-shot call.",
    discussion: """
      Measures the root of a tree, folded level by level, and the same leaves appended to a frontier as a ledger \
      does it, in blocks and one by one. Each costs about one node per leaf; the yardstick is OpenSSL's SHA256() on \
      65 bytes for each. Processor time of one core.

        zheng bench merkle
        zheng bench merkle --leaves 1000000 --json
      """)

  @Option(help: "How many leaves the tree has.") var leaves = 65_536
  @Option(help: "How many leaves each block brings.") var block = 1000
  @Option(help: "About how long to measure, in s.") var seconds = 5.0
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (2...1 << 24).contains(leaves) else { throw ValidationError("--leaves may be 2 to \(1 << 24)") }
    guard (1...leaves).contains(block) else {
      throw ValidationError("--block may be 1 to the number of leaves")
    }
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measurement() -> MerkleMeasurement {
    MerkleMeasurement(leaves: leaves, block: block, seconds: seconds)
  }
}
