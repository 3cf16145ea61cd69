import ArgumentParser

/// `zheng bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure what the ledger does, each time beside a yardstick in the same run.",
    discussion: """
        zheng bench hash
        zheng bench verify-signature --plot signatures.svg
        zheng bench ledger /tmp/measured --records 200000

      Figures from two machines, or from two minutes on a busy one, can't be compared; ratios within one run can. So \
      Zheng and the yardstick take turns; the output has the medians of the rounds, their ratio, and whether it \
      meets the goal: a limit that it must reach, and one that it should reach. With --json each measure is one \
      object per line.
      """,
    subcommands: [
      HashBench.self, HashWithoutSHABench.self, MerkleBench.self, SignatureBench.self, ValidateBench.self,
      StoreBench.self, AppendBench.self, ProveBench.self, StateBench.self, RulesBench.self, StagesBench.self,
      LedgerBench.self,
      ReportBench.self,
    ])
}
