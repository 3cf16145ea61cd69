import ArgumentParser
import Measures

/// `zheng bench stages`.
struct StagesBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages", abstract: "Measure the stages that a record passes, one by one.",
    discussion: """
      What the other measures have only as part of a whole: decoding, checking and judging a plain record of 256 B, \
      signatures, and the commit of a single block. Processor time of one core; the commit is waited for, disk \
      included. These figures have no goal: they show where the time goes.

        zheng bench stages
        zheng bench stages --folder /mnt/disk
      """)

  @Option(help: "About how long to measure what needs no disk, in s.") var seconds = 5.0
  @Option(help: "A folder on the disk to measure.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measurement() -> StagesMeasurement { StagesMeasurement(seconds: seconds, folder: folder) }
}
