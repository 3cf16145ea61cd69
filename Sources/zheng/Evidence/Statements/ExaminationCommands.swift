import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence examine`.
struct EvidenceExamineCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "examine", abstract: "Open the seal and examine an item (its custodian, an examiner).",
    discussion: """
        zheng evidence examine ledger E-2026-17 --method 'GB/T 29360' \\
          --tool 'imager 4.2' --write-blocker WB-7 --key examiner.pem

      `zheng evidence reseal` ends the examination, and names the report if this does not.
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "How the item is examined.") var method: String
  @Option(help: "The tool used.") var tool: String?
  @Option(help: "What protects the original from being written to.") var writeBlocker: String?
  @OptionGroup var results: ExaminationResults
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) async throws -> Evidence.Examine {
    Evidence.Examine(
      method: method, tool: tool, writeBlocker: writeBlocker, report: try results.reportDigest,
      derived: results.derived, previous: item.last, occurred: about.happened.seconds)
  }
}

/// `zheng evidence reseal`.
struct EvidenceResealCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "reseal", abstract: "Put a new seal on an item after its examination (the examiner).",
    discussion: """
        zheng evidence reseal ledger E-2026-17 --seal S-0002 \\
          --report report.pdf --key examiner.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "The new seal's number, never used before.") var seal: String
  @Option(help: "The item's condition.") var condition: String?
  @OptionGroup var results: ExaminationResults
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) async throws -> Evidence.Reseal {
    Evidence.Reseal(
      seal: seal, condition: condition, report: try results.reportDigest, derived: results.derived,
      previous: item.last, occurred: about.happened.seconds)
  }
}

/// What came of an examination.
struct ExaminationResults: ParsableArguments {
  @Option(
    help: "The report: a file, whose SHA-256 goes on the ledger, or sha256: and 64 hex digits.",
    completion: .file())
  var report: String?
  @Option(help: "The id of an item that results and is deposited separately; may be repeated.")
  var derived: [String] = []

  /// The report's SHA-256.
  var reportDigest: Digest? {
    get throws { try report.map { try FileDigest($0).digest } }
  }
}

/// `zheng evidence present`.
struct EvidencePresentCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "present", abstract: "Record that an item was shown (a court, a notary, its custodian).",
    discussion: """
        zheng evidence present ledger E-2026-17 --to 合议庭 --purpose 质证 \\
          --key court.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "To whom, in words: an office, not a person's name.") var to: String
  @Option(help: "What for.") var purpose: String
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Present {
    Evidence.Present(to: to, purpose: purpose, occurred: about.happened.seconds)
  }
}
