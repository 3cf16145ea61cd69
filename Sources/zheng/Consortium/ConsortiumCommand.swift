import ArgumentParser
import Workflows

/// `zheng consortium`.
struct ConsortiumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consortium",
    abstract: "See how several validators agree, and what goes wrong between them.",
    discussion: """
      `zheng found` founds a ledger that several validators keep, `zheng node LEDGER --validator NAME` runs one of \
      them, and `zheng members set-validators` changes who they are.

        zheng consortium status https://v1.example.org https://v2.example.org
        zheng consortium misconduct ledger
      """,
    subcommands: [Status.self, MisconductFiles.self, Record.self, RestartFiles.self])

  /// `zheng consortium misconduct`.
  struct MisconductFiles: ResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "misconduct", abstract: "Show evidence against validators, and write it out.",
      discussion: """
        A validator's node keeps what proves that another has signed two things, of which an honest validator signs one \
        at most, in ZHENG_STATE. Each file proves itself, with the roster of a copy of the ledger; give it to the other \
        operators, who judge it with `zheng check`.

          zheng consortium misconduct ledger --out evidence
          zheng check evidence/3f0c.misconduct --ledger ledger

        Two checkpoints of one size with different roots are evidence against every validator that cosigned both, at \
        least a third of them. Where the sizes differ, give two state proofs (`zheng prove`), which show the heights:

          zheng consortium misconduct ledger --between ours.checkpoint theirs.checkpoint --out evidence
        """)

    @OptionGroup var ledger: DirectoryArgument
    @Option(
      parsing: .upToNextOption,
      help: "Two checkpoints, or state proofs, in the place of what the node has kept.", completion: .file())
    var between: [String] = []
    @Option(help: "Also write the files that hold to this folder.", completion: .directory) var out: String?
    @OptionGroup var options: OutputOptions

    func validate() throws {
      guard between.isEmpty || between.count == 2 else {
        throw ValidationError(localized("--between takes two files"))
      }
    }

    func run(_ output: Output) throws {
      let copy = try ledger.opened()
      let work = CommandContext.current.work
      let files =
        between.isEmpty
        ? try KeptMisconduct.all(on: copy, in: work.stateFolder)
        : try ForkEvidence.checks(between: between[0], and: between[1], on: copy)
      for file in files {
        switch file {
        case .good(var check):
          if let out { check.path = try KeptMisconduct.write(check, to: out) }
          let report = MisconductReport(check: check)
          try output.result(report.json, text: report.text + "\n")
        case .bad(let path, let problem):
          try output.result(
            ["ok": false, "path": .text(path), "code": .text(problem.code), "detail": .text(problem.detail)],
            text: labelled([("file", path), ("", localized("it proves nothing: \(Problem(problem).detail)"))])
              + "\n")
        }
      }
      if files.isEmpty { try output.say(localized("nothing is known against any validator")) }
    }
  }
}
