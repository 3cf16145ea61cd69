import ArgumentParser

/// `zheng bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure: hashing, rules, and a ledger that is filled as fast as can be.",
    discussion: """
        zheng bench hash
        zheng bench rules
        zheng bench ledger /tmp/measured --records 200000
        zheng verify /tmp/measured

      Figures of two machines, or of two minutes on a busy one, can't be compared; ratios within one run can.
      """,
    subcommands: [HashBench.self, LedgerBench.self, RulesBench.self])

  /// Whether the compiler optimised; figures of a debug build say nothing.
  static var isOptimised: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  /// Says so where figures say nothing.
  static func warnUnlessOptimised() {
    if !isOptimised {
      Diagnostics.note("this is a debug build: its figures say nothing; use swift build -c release")
    }
  }
}
