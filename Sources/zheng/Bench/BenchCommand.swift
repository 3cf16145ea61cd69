import ArgumentParser

/// `zheng bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure what the ledger does, each beside a yardstick in the same run.",
    discussion: """
        zheng bench hash
        zheng bench verify-signature --plot signatures.svg
        zheng bench ledger /tmp/measured --records 200000

      Figures of two machines, or of two minutes on a busy one, can't be compared; ratios within one run can. So ours and the \
      yardstick take turns, and what is printed are the medians of the rounds, their ratio, and whether it is what is asked: \
      it must reach one limit, and should reach another. With --json there is an object for each measure, on a line of its own.
      """,
    subcommands: [
      HashBench.self, HashWithoutSHABench.self, MerkleBench.self, SignatureBench.self, ValidateBench.self,
      StoreBench.self, AppendBench.self, ProveBench.self, StateBench.self, RulesBench.self, StagesBench.self,
      LedgerBench.self,
      ReportBench.self,
    ])
}
