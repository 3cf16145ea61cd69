import ArgumentParser
import Foundation
import Measures
import Scenarios

/// `zheng bench report`.
struct ReportBench: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Run every measurement and write a report with charts.",
    discussion: """
      Writes DIR/REPORT.md and DIR/charts/*.svg, replacing existing ones. Takes about ten minutes, or half an hour \
      with --long.

        zheng bench report --out Benchmarks
      """)

  @Option(help: "The folder to write into.", completion: .directory) var out: String
  @Flag(help: "Measure a ledger of 2 million records too.") var long = false
  @Flag(help: "Only check that everything runs, in a few seconds; the figures mean nothing.") var trial =
    false
  @OptionGroup var options: OutputOptions

  /// The measurements that this machine can make, as they are typed after `zheng bench`.
  private var commands: [[String]] {
    allCommands.filter { $0[0] != "hash-without-sha" || HashWithoutSHAMeasurement.isPossible }
  }

  private var allCommands: [[String]] {
    guard trial else {
      return [
        ["hash"], ["hash-without-sha"], ["merkle"], ["verify-signature"],
        ["validate"] + (long ? ["--long"] : []), ["append"], ["store"], ["prove"], ["state-tree"], ["rules"],
        ["stages"],
      ]
    }
    let commands = [
      ["hash", "--seconds", "0.02"], ["hash-without-sha", "--seconds", "0.02"],
      ["merkle", "--leaves", "100", "--block", "10", "--seconds", "0.02"],
      ["verify-signature", "--keys", "1", "--batch", "4", "--seconds", "0.02"],
      ["validate", "--records", "40", "--small-records", "20", "--members", "2"],
      [
        "append", "--sequences", "2", "--sequence", "4", "--submitters", "2", "--posts", "8", "--clients",
        "2",
        "--members", "2",
      ],
      ["store", "--blocks", "1", "--block", "10"],
      ["prove", "--leaves", "1000", "--proofs", "5", "--records", "20"],
      ["state-tree", "--keys", "3000", "--blocks", "1", "--proofs", "5"], ["rules", "--records", "8"],
      ["stages", "--seconds", "0.02"],
    ]
    return commands.map { $0 + ["--rounds", "1"] }
  }

  /// The day in UTC, YYYY-MM-DD.
  private var day: String { String(Timestamp.text(milliseconds: CommandContext.now).prefix(10)) }

  func run(_ output: Output) throws {
    MeasureOutput.warnUnlessOptimised()
    let charts = "\(out)/charts"
    do { try FileManager.default.createDirectory(atPath: charts, withIntermediateDirectories: true) } catch {
      throw CommandError.cannotCreate("\(charts): \(error.localizedDescription)")
    }
    let machine = Machine()
    var parts: [ReportPart] = []
    for arguments in commands {
      guard let command = try BenchCommand.parseAsRoot(arguments) as? any MeasureCommand else {
        preconditionFailure("\(arguments[0]) measures")
      }
      try output.say("zheng bench \(arguments.joined(separator: " "))\n")
      try output.flush()
      var measures: [Measure] = []
      try command.take { measures.append($0) }
      try output.say(MeasureOutput.table(measures) + "\n")
      parts.append(ReportPart(arguments: arguments, title: command.title, measures: measures))
    }
    for part in parts where part.hasChart {
      let chart = MeasureChart(part.measures, title: part.title, subtitle: machine.line)
      try Files.replace("\(charts)/\(part.name).svg", Array(chart.svg.utf8))
    }
    let report = Report(parts: parts, machine: machine, date: day)
    let summary = MeasureChart(report.summary, title: Report.title, subtitle: machine.line)
    try Files.replace("\(charts)/summary.svg", Array(summary.svg.utf8))
    try Files.replace("\(out)/REPORT.md", Array(report.markdown.utf8))
    try output.result(
      [
        "report": .text("\(out)/REPORT.md"),
        "measures": .number(UInt64(parts.reduce(0) { $0 + $1.measures.count })),
      ],
      text: "\(out)/REPORT.md and \(charts) are written")
  }
}
