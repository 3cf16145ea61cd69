import ArgumentParser
import Measures

/// `zheng bench store`.
struct StoreBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Measure the store alone, without signatures, against SQLite.",
    discussion: """
      Entries of 256 B are judged and put into blocks; each block is on disk before the next begins, and signatures \
      are assumed valid. SQLite puts the same bytes into a table, with synchronous=FULL and a write-ahead log, as \
      many rows per transaction as a block has entries. Both use the same disk, in turns. The index, which only \
      answers searches, follows beside the commits; the second figure waits for it.

        zheng bench store
        zheng bench store --folder /mnt/disk --blocks 200
      """)

  @Option(help: "How many blocks to write per turn.") var blocks = 50
  @Option(help: "How many entries per block, and rows per transaction.") var block = 1000
  @Option(help: "A folder on the disk to measure.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (1...10_000).contains(blocks) else { throw ValidationError("--blocks may be 1 to 10000") }
    guard (1...4096).contains(block) else { throw ValidationError("--block may be 1 to 4096") }
  }

  func measurement() -> StoreMeasurement { StoreMeasurement(blocks: blocks, block: block, folder: folder) }
}
