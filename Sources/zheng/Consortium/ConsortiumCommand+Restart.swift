import ArgumentParser
import LedgerNode
import Workflows

extension ConsortiumCommand {
  /// `zheng consortium restart`.
  struct RestartFiles: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "restart",
      abstract: "Begin anew above a block, where too many validators have lost what they signed.",
      discussion: """
        A validator that has lost its journal of what it signed asks the others, and goes on by itself. Only where so many \
        have lost theirs that no quorum is left (`zheng consortium status` says amnesic, and nothing moves), all operators \
        sign a restart file. It names the newest block that was decided; above it they begin anew.

        First compare, with all operators, the newest block of each copy: the file must be of the newest that any of them \
        has. Stop all nodes. Then:

          zheng consortium restart sign ledger city.restart --validator v1 --begin    the first
          zheng consortium restart sign ledger city.restart --validator v2            the others, one after the other
          zheng consortium restart adopt ledger city.restart --validator v1           each, when all have signed

        A validator that has signed the file signs nothing else until it has adopted it. Keep the file: a validator that \
        loses its journal later adopts the newest one again before its node is started, or it understands no message.
        """,
      subcommands: [Show.self, Sign.self, Adopt.self])

    /// `zheng consortium restart show`.
    struct Show: ResultCommand {
      static let configuration = CommandConfiguration(
        abstract: "Show above which block a restart file begins anew, and who has signed it.",
        discussion: """
            zheng consortium restart show ledger city.restart
          """)

      @OptionGroup var ledger: DirectoryArgument
      @Argument(help: "The restart file, or several copies of it.", completion: .file()) var files: [String]
      @OptionGroup var options: OutputOptions

      func run(_ output: Output) throws {
        try RestartReport(RestartPaper(files, on: ledger.opened()), ledger).print(output)
      }
    }

    /// `zheng consortium restart sign`.
    struct Sign: ResultCommand {
      static let configuration = CommandConfiguration(
        abstract: "Sign a restart file as one of its validators.",
        discussion: """
          With --begin the file is made, of the newest block that this validator knows to be decided; without it, it is \
          written anew with the signature. It is refused where this validator knows a newer block to be decided, or has \
          cosigned one.

            zheng consortium restart sign ledger city.restart --validator v2
          """)

      @OptionGroup var ledger: DirectoryArgument
      @Argument(help: "The restart file.", completion: .file()) var file: String
      @Option(help: "The validator whose node has stopped.") var validator: String
      @Flag(help: "Make the file, as the first who signs.") var begin = false
      @OptionGroup var options: OutputOptions

      func run(_ output: Output) throws {
        let copy = try ledger.opened()
        if begin {
          return try RestartReport(RestartPaper(file, begunBy: validator, on: copy), ledger).print(output)
        }
        var paper = try RestartPaper([file], on: copy)
        try paper.sign(as: validator, on: copy)
        try RestartReport(paper, ledger).print(output)
      }
    }

    /// `zheng consortium restart adopt`.
    struct Adopt: ResultCommand {
      static let configuration = CommandConfiguration(
        abstract: "Take a restart file that all have signed as in force, and start the node again.",
        discussion: """
            zheng consortium restart adopt ledger city.restart --validator v2
          """)

      @OptionGroup var ledger: DirectoryArgument
      @Argument(help: "The restart file, or several copies of it.", completion: .file()) var files: [String]
      @Option(help: "The validator whose node has stopped.") var validator: String
      @OptionGroup var options: OutputOptions

      func run(_ output: Output) throws {
        let copy = try ledger.opened()
        let paper = try RestartPaper(files, on: copy)
        try paper.adopt(as: validator, on: copy)
        let report = RestartReport(paper, ledger)
        try output.result(
          report.json,
          text: report.facts + "\n\n"
            + localized("It is in force for \(validator) now; start its node again."))
      }
    }
  }
}

/// A restart file, in words.
private struct RestartReport {
  let paper: RestartPaper
  let ledger: DirectoryArgument

  init(_ paper: RestartPaper, _ ledger: DirectoryArgument) { (self.paper, self.ledger) = (paper, ledger) }

  var json: JSON {
    [
      "file": .text(paper.path), "ledger": .text(paper.file.restart.ledger.hex),
      "block": .number(paper.file.restart.height), "digest": .text(paper.file.restart.block.hex),
      "restart": .text(paper.file.restart.digest.hex), "signed": .array(paper.signed.map(JSON.text)),
      "missing": .array(paper.missing.map(JSON.text)),
    ]
  }

  var facts: String {
    labelled([
      ("begins anew", localized("above block \(paper.file.restart.height), \(paper.file.restart.block.hex)")),
      ("ledger", paper.file.restart.ledger.hex),
      ("signed", paper.signed.isEmpty ? localized("by nobody yet") : listed(paper.signed)),
      ("missing", paper.missing.isEmpty ? localized("nobody") : listed(paper.missing)),
    ])
  }

  func print(_ output: Output) throws {
    let (place, word) = (ShellText.path(ledger.path), ShellText.path(paper.path))
    let next =
      if let name = paper.missing.first {
        localized(
          "Next: send \(word) to \(listed(paper.missing)); each stops its node and runs\nzheng consortium restart sign \(place) \(word) --validator \(name)"
        )
      } else {
        localized(
          "All have signed. Each validator runs\nzheng consortium restart adopt \(place) \(word) --validator NAME\nand starts its node again"
        )
      }
    try output.result(json, text: "\(facts)\n\n\(next)")
  }
}
