/// What one command measured.
package struct ReportPart {
  /// As they are typed after `zheng bench`.
  let arguments: [String]
  package let title: String
  package let measures: [Measure]

  package init(arguments: [String], title: String, measures: [Measure]) {
    (self.arguments, self.title, self.measures) = (arguments, title, measures)
  }

  package var name: String { arguments[0] }
  /// Whether there is anything to draw: a chart shows ratios beside their goals.
  package var hasChart: Bool { measures.contains { $0.goal != nil } }
}

/// All that was measured, as a page of Markdown.
package struct Report {
  package static let title = "What is asked of Zheng, and what it does"

  let parts: [ReportPart]
  let machine: Machine
  let date: String

  /// - Parameter date: the day, YYYY-MM-DD.
  package init(parts: [ReportPart], machine: Machine, date: String) {
    (self.parts, self.machine, self.date) = (parts, machine, date)
  }

  /// What more is hoped of than it must.
  package var summary: [Measure] { parts.flatMap(\.measures).filter { $0.goal?.aim != nil } }

  package var markdown: String {
    let head = """
      # Measured

      Written by `make bench`. Figures are medians of rounds in which ours and the yardstick take turns, so that whatever slows
      the machine slows both; the yardstick is measured in the same process and the same run, never looked up. The ratio is
      that of the medians. Figures of two machines can't be compared; ratios can, with care: kernels differ.

      | | |
      |---|---|
      | processor | \(machine.processor), \(Machine.coreCount) |
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
      \(part.hasChart ? "\n![\(part.title)](charts/\(part.name).svg)\n" : "")
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
