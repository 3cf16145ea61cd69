import ArgumentParser
import Foundation
import Scenarios

/// `zheng bench report`.
struct ReportBench: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Run every measurement and write a report with charts.",
    discussion: """
      Writes DIR/REPORT.md and DIR/charts/*.svg, in the place of those that are there. It takes about ten minutes, with \
      --long half an hour.

        zheng bench report --out Benchmarks
      """)

  @Option(help: "The folder to write into.", completion: .directory) var out: String
  @Flag(help: "Measure a ledger of 2 million records too.") var long = false
  @Flag(help: "Only see that everything runs, in a few seconds; the figures say nothing.") var trial = false
  @OptionGroup var options: OutputOptions

  /// The measurements that this machine can make, as they are typed after `zheng bench`.
  private var commands: [[String]] {
    allCommands.filter { $0[0] != "hash-without-sha" || HashWithoutSHABench.isPossible }
  }

  private var allCommands: [[String]] {
    guard trial else {
      return [
        ["hash"], ["hash-without-sha"], ["merkle"], ["verify-signature"],
        ["validate"] + (long ? ["--long"] : []), ["append"], ["store"], ["prove"], ["rules"],
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
      ["prove", "--leaves", "1000", "--proofs", "5", "--records", "20"], ["rules", "--records", "8"],
    ]
    return commands.map { $0 + ["--rounds", "1"] }
  }

  func run(_ output: Output) throws {
    BenchCommand.warnUnlessOptimised()
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
      try command.measure { measures.append($0) }
      try output.say(MeasureTable.text(measures) + "\n")
      parts.append(ReportPart(arguments: arguments, title: type(of: command).title, measures: measures))
    }
    for part in parts {
      let chart = MeasureChart(part.measures, title: part.title, subtitle: machine.line)
      try Files.replace("\(charts)/\(part.name).svg", Array(chart.svg.utf8))
    }
    let report = Report(parts: parts, machine: machine, date: Report.today)
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

/// What one command measured.
struct ReportPart {
  /// As they are typed after `zheng bench`.
  let arguments: [String]
  let title: String
  let measures: [Measure]

  var name: String { arguments[0] }
}

/// All that was measured, as a page of Markdown.
struct Report {
  static let title = "What is asked of Zheng, and what it does"

  let parts: [ReportPart]
  let machine: Machine
  let date: String

  /// The day in UTC, YYYY-MM-DD.
  static var today: String {
    String(Timestamp.text(seconds: UInt64(max(0, Date().timeIntervalSince1970))).prefix(10))
  }

  /// What more is hoped of than it must.
  var summary: [Measure] { parts.flatMap(\.measures).filter { $0.goal?.aim != nil } }

  var markdown: String {
    let head = """
      # Measured

      Written by `make bench`. Figures are medians of rounds in which ours and the yardstick take turns, so that whatever slows
      the machine slows both; the yardstick is measured in the same process and the same run, never looked up. The ratio is
      that of the medians. Figures of two machines can't be compared; ratios can, with care: kernels differ.

      | | |
      |---|---|
      | processor | \(machine.processor), \(Printable.count(machine.cores, "core")) |
      | of its features | \(machine.features.joined(separator: " ")) |
      | yardstick | \(machine.library) |
      | many hashes at once | \(machine.kernels.isEmpty ? "no kernel" : machine.kernels.joined(separator: ", ")) |
      | date | \(date) |

      ## \(Report.title)

      ![\(Report.title)](charts/summary.svg)

      \(Report.table(summary))

      """
    let sections = parts.map { part in
      """
      ## \(part.title)

      `zheng bench \(part.arguments.joined(separator: " "))`

      ![\(part.title)](charts/\(part.name).svg)

      \(Report.table(part.measures))

      """
    }
    let foot = """
      ## How to repeat it

      ```sh
      make bench                               # all of this; BENCH_FLAGS=--long measures 2 million records too
      .build/release/zheng help bench          # each by itself
      openssl speed -evp sha256 -bytes 16384   # what the yardsticks should agree with
      openssl speed ecdsap256
      ```

      """
    return ([head] + sections + [foot]).joined(separator: "\n")
  }

  private static func table(_ measures: [Measure]) -> String {
    var lines = [
      "| \(MeasureTable.head.joined(separator: " | ")) |", "|---|--:|--:|--:|--:|--:|--:|---|---|",
    ]
    for measure in measures {
      lines.append("| \(MeasureTable.cells(measure).joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }
}
