import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng found`.
struct FoundCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "found", abstract: "Found a ledger that several validators keep, each on its own machine.",
    discussion: """
      Each validator makes its own keys on its own machine, and gives the others their public halves. One of the founders makes the \
      ledger's log key, writes the consortium file, and proposes the founding; the founding file then goes to every validator, who signs \
      it, the first of the roster first. When all have signed, each makes its copy of the ledger from the file. No private key travels \
      but the log key, which every validator gets: protect it with a passphrase, and send that by another way.

        zheng found keys v1 --keys v1-keys                                              each validator
        zheng key new log.pem --algorithm ed25519 --passphrase --public log.pub.pem     one founder
        zheng found propose city.founding --consortium consortium.json --key notary.pem
        zheng found sign city.founding --validator v1 --keys v1-keys                    each validator
        zheng found finish ledger city.founding --validator v1 --keys v1-keys --log-key log.pem

      In the consortium file "log" names log.pub.pem, "validators" lists what `zheng found keys` printed, and "quorum" says how many \
      must agree on a block: at least 3 of 4, 5 of 7, 11 of 16, so that no two blocks of one height come about while fewer than a third lie. \
      With "crash-faults-only": true a majority is enough; then one that lies can split the ledger, and the policy says so.

      A validator signs one founding of a ledger only. A file that was altered, or lacks a signature, is refused, with what is missing.
      """,
    subcommands: [Keys.self, Propose.self, Show.self, Sign.self, Finish.self])

  /// `zheng found keys`.
  struct Keys: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a validator's three keys; prints their public halves.",
      discussion: """
        The block key signs the blocks that it proposes, the vote key its votes, the cosigner key the checkpoints of decided blocks. They \
        stay on this machine, with mode 0600; what is printed goes into "validators" of the consortium file.

          zheng found keys v1 --keys v1-keys
        """)

    @Argument(help: "The validator's name: a-z, 0-9 and -.") var name: String
    @Option(help: "The folder for its keys; made where it is not there.", completion: .directory)
    var keys: String
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let made = try JointFounding.makeKeys(name, in: keys)
      var fields: [(key: String, value: JSON)] = [("name", .text(name))]
      fields += made.map { (key: $0.use, value: JSON.text($0.pem)) }
      try output.result(.object(fields), text: JSON.object(fields).line)
    }
  }

  /// `zheng found propose`.
  struct Propose: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign the founding statement, and write the founding file.",
      discussion: """
          zheng found propose city.founding --consortium consortium.json --key notary.pem --dry-run
          zheng found propose city.founding --consortium consortium.json --key notary.pem
        """)

    @Argument(help: "The founding file to write.") var file: String
    @Option(help: "The consortium file.", completion: .file()) var consortium: String
    @Option(
      help: "The private key of an administrator, who signs the founding statement.", completion: .file())
    var key: String
    @OptionGroup var passphrase: PassphraseOption
    @Flag(help: "Only print what would be founded; write nothing.") var dryRun = false
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let founding = try JointFounding(
        file, proposing: consortium, signedBy: { try KeyFiles.privateKey(key) }, isDry: dryRun,
        CommandContext.current.work)
      let report = FoundingReport(founding.file)
      if dryRun {
        return try output.result(
          report.plan.json, text: localized("\(report.plan.text)\n\nnothing was written (--dry-run)"))
      }
      try output.result(report.json(file), text: report.text(file))
    }
  }

  /// `zheng found show`.
  struct Show: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a founding file founds, and who has signed it.",
      discussion: """
        All that is in the file is judged: statement, header and signatures.

          zheng found show city.founding
        """)

    @Argument(help: "The founding file, or several copies of it.", completion: .file()) var files: [String]
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let founding = try JointFounding(files, CommandContext.current.work)
      let report = FoundingReport(founding.file)
      try output.result(report.json(founding.path), text: report.text(founding.path))
    }
  }

  /// `zheng found sign`.
  struct Sign: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign a founding as one of its validators.",
      discussion: """
        What is founded is printed. The file is written anew with the signatures; copies that were signed side by side are put together \
        by `zheng found finish`, which takes them all.

          zheng found sign city.founding --validator v2 --keys v2-keys
        """)

    @Argument(help: "The founding file.", completion: .file()) var file: String
    @Option(help: "The validator that signs.") var validator: String
    @Option(help: "The folder with its keys.", completion: .directory) var keys: String
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      var founding = try JointFounding([file], CommandContext.current.work)
      try founding.sign(as: validator, keys: keys)
      let report = FoundingReport(founding.file)
      try output.result(report.json(file), text: report.text(file))
    }
  }

  /// `zheng found finish`.
  struct Finish: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make this validator's copy of a ledger whose founding all have signed.",
      discussion: """
        The validator's keys and the log key are copied into the ledger's keys/. Afterwards remove the folder with the keys, and the log \
        key that was sent.

          zheng found finish ledger city.founding --validator v2 --keys v2-keys --log-key log.pem
        """)

    @OptionGroup var ledger: DirectoryArgument
    @Argument(help: "The founding file, or several copies of it.", completion: .file()) var files: [String]
    @Option(help: "The validator whose copy it is.") var validator: String
    @Option(help: "The folder with its keys.", completion: .directory) var keys: String
    @Option(help: "The ledger's log key.", completion: .file()) var logKey: String
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      try LedgerFounding.requireRoom(ledger.path)
      let founding = try JointFounding(files, CommandContext.current.work)
      if try !KeyFiles.isProtected(logKey) {
        Diagnostics.note(
          localized(
            "\(logKey): the log key is not under a passphrase; protect it before it is sent to anybody"))
      }
      let policy = try founding.finish(
        ledger.path, as: validator, keys: keys, logKey: KeyFiles.privateKey(logKey))
      let terms = founding.file.roster.terms
      try output.result(
        [
          "ledger": .text(founding.file.ledger.hex), "path": .text(ledger.path),
          "origin": .text(terms.origin), "policy": .text(policy), "validator": .text(validator),
          "quorum": .number(UInt64(terms.quorum)),
        ],
        text: labelled([
          ("founded", "\(Printable.text(terms.name.both)), \(terms.origin)"),
          ("ledger", founding.file.ledger.hex), ("policy", policy),
        ]) + "\n\n"
          + localized(
            """
            Next:
            1. Compare the ledger id with the other validators', and publish it with the policy.
            2. Remove \(keys) and the log key that was sent: both are in the ledger's keys/ now.
            """))
    }
  }
}

/// A founding file, in words.
struct FoundingReport {
  let file: Founding

  typealias Founding = JointFounding.File

  init(_ file: Founding) { self.file = file }

  /// What is founded.
  var plan: FoundingPlan { FoundingPlan(roster: file.roster, founder: file.founder) }

  private var signed: [String] { file.signatures.map(\.name) }

  /// - Parameter path: of the file.
  func json(_ path: String) -> JSON {
    var fields: [(key: String, value: JSON)] = [
      ("file", .text(path)), ("ledger", .text(file.ledger.hex)),
    ]
    fields += plan.fields
    fields += [
      ("time", JSON(file.time.map { Timestamp.text(milliseconds: $0) })),
      ("signed", .array(signed.map(JSON.text))), ("missing", .array(file.missing.map(JSON.text))),
    ]
    return .object(fields)
  }

  /// - Parameter path: of the file.
  func text(_ path: String) -> String {
    let word = ShellText.path(path)
    let next =
      if let name = file.missing.first {
        localized(
          "Next: send \(word) to \(listed(file.missing)); each runs\nzheng found sign \(word) --validator \(name) --keys DIR"
        )
      } else {
        localized(
          "All have signed. Each validator runs\nzheng found finish LEDGER \(word) --validator NAME --keys DIR --log-key log.pem"
        )
      }
    return """
      \(plan.text)

      \(labelled([
        ("ledger id", file.ledger.hex), ("signed", signed.isEmpty ? localized("by nobody yet") : listed(signed)),
        ("missing", file.missing.isEmpty ? localized("nobody") : listed(file.missing)),
      ]))

      \(next)
      """
  }
}
