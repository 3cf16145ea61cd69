import Measures

/// Measures as they are printed.
enum MeasureOutput {
  /// A table with a line for each of `measures`.
  static func table(_ measures: [Measure]) -> String {
    var table = TextTable(MeasureTable.head)
    for measure in measures { table.add(MeasureTable.cells(measure)) }
    return table.text
  }

  /// Says so where figures say nothing.
  static func warnUnlessOptimised() {
    if !Build.isOptimised {
      Diagnostics.note("this is a debug build: its figures say nothing; use swift build -c release")
    }
  }
}
