import ArgumentParser
import Measures

/// `zheng bench rules`.
struct RulesBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Measure what the rules of the scenarios add to the validation of a record.",
    discussion: """
      Statements of both scenarios, each item and each request going its way, and beside each a plain record of the same \
      bytes under another type. Both are validated in one run, in rounds that take turns: decoded, hashed, their signatures \
      verified, and judged. The rules' share is the difference of the judgements alone, so that the noise of the signatures \
      is not in it. Processor time of one core, medians.

        zheng bench rules
        zheng bench rules --records 40000 --json
      """)

  @Option(help: "How many statements of each scenario.") var records = 8000
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (8...1_000_000).contains(records) else {
      throw ValidationError("--records may be 8 to 1000000")
    }
  }

  func measurement() -> RulesMeasurement { RulesMeasurement(records: records) }
}
