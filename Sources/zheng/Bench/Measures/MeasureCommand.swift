import ArgumentParser
import Foundation

/// How measures are taken and told.
struct MeasureOptions: ParsableArguments {
  @Option(help: "How often each way has its turn; what counts are the medians.") var rounds = Turns.usual
  @Option(help: "Draw the ratios into this file too, as SVG.", completion: .file(extensions: ["svg"]))
  var plot: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...999).contains(rounds) else { throw ValidationError("--rounds may be 1 to 999") }
  }
}

/// A command that measures: a table for people, one object a measure for programs, and a chart where one is wanted.
protocol MeasureCommand: ResultCommand {
  /// What is measured, for the head of a chart.
  static var title: String { get }
  /// How measures are taken and told.
  var measuring: MeasureOptions { get }
  /// Hands each measure to `tell`, as soon as it is there.
  func measure(_ tell: (Measure) throws -> Void) throws
}

extension MeasureCommand {
  var options: OutputOptions { measuring.output }

  func run(_ output: Output) throws {
    BenchCommand.warnUnlessOptimised()
    if let plot = measuring.plot, Files.exists(plot) {
      throw CommandError.cannotCreate(
        "\(plot): is there already; it is never overwritten, choose another name")
    }
    let machine = Machine()
    try output.say(machine.text + "\n")
    try output.flush()
    var measures: [Measure] = []
    try measure { measure in
      measures.append(measure)
      if output.isJSON {
        try output.result(
          measure.json.adding(["machine": machine.json, "optimised": .bool(BenchCommand.isOptimised)]),
          text: "")
        try output.flush()
      }
    }
    try output.say(MeasureTable.text(measures))
    if let plot = measuring.plot {
      let chart = MeasureChart(measures, title: Self.title, subtitle: machine.line)
      try Files.create(plot, Array(chart.svg.utf8))
    }
  }
}
