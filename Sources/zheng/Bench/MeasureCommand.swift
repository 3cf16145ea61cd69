import ArgumentParser
import Foundation
import Measures

/// How measures are taken and told.
struct MeasureOptions: ParsableArguments {
  @Option(help: "How many turns each way gets; the medians count.") var rounds = Rounds.usual
  @Option(help: "Also draw the ratios into this file, as SVG.", completion: .file(extensions: ["svg"]))
  var plot: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...999).contains(rounds) else { throw ValidationError("--rounds may be 1 to 999") }
  }
}

/// A command that measures: a table for people, one object a measure for programs, and a chart where one is wanted.
protocol MeasureCommand: ResultCommand {
  associatedtype Taken: Measures.Measurement
  /// How measures are taken and told.
  var measuring: MeasureOptions { get }
  /// What is measured.
  func measurement() throws -> Taken
}

extension MeasureCommand {
  var options: OutputOptions { measuring.output }

  /// What is measured, for the head of a chart.
  var title: String { Taken.title }

  /// Calls `report` with each measure as soon as it is taken.
  func take(_ report: (Measure) throws -> Void) throws {
    let lines = ProgressLines()
    defer { lines.finish() }
    try measurement().measure(
      rounds: measuring.rounds,
      Watcher(
        note: { Diagnostics.note($0) }, progress: { lines.update($0, $1, $2, "\($3)") }), report)
  }

  func run(_ output: Output) throws {
    MeasureOutput.warnUnlessOptimised()
    if let plot = measuring.plot, Files.exists(plot) {
      throw CommandError.cannotCreate(
        "\(plot): is there already; it is never overwritten, choose another name")
    }
    let machine = Machine()
    try output.say(machine.text + "\n")
    try output.flush()
    var measures: [Measure] = []
    try take { measure in
      measures.append(measure)
      if output.isJSON {
        try output.result(
          measure.json.adding(["machine": machine.json, "optimised": .bool(Build.isOptimised)]), text: "")
        try output.flush()
      }
    }
    try output.say(MeasureOutput.table(measures))
    if let plot = measuring.plot {
      let chart = MeasureChart(measures, title: title, subtitle: machine.line)
      try Files.create(plot, Array(chart.svg.utf8))
    }
  }
}
