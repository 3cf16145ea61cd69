import ArgumentParser
import Measures

/// `zheng bench rules`.
struct RulesBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Measure what the scenarios' rules add to the validation of a record.",
    discussion: """
      Statements of both scenarios, in which items and requests go their whole way, each beside a plain record of \
      the same bytes under another type. Both are validated in one run, in rounds that take turns: decoded, hashed, \
      their signatures verified, and judged. The rules' share is the difference between the judgements alone, \
      without the noise of the signatures. Processor time of one core, medians.

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
