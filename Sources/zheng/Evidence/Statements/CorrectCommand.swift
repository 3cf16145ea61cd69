import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence correct`.
struct EvidenceCorrectCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "correct", abstract: "Correct a statement about an item (its issuer).",
    discussion: """
      The statement itself stays unchanged; `history` shows the correction beside it. Neither state nor digests \
      change.

        zheng evidence correct ledger E-2026-17 2 \\
          --what 地点应为3号机房 --why 录入错误 --key notary.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Argument(help: "The statement: its entry's index, or its id (64 hex digits).") var statement:
    RecordReference
  @Option(help: "What is wrong, and what is right.") var what: String
  @Option(help: "How the mistake came about.") var why: String
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) async throws -> Evidence.Correct {
    let id: Digest
    switch statement {
    case .id(let named): id = named
    case .index: id = try await ledger.statement(statement.resolved(on: ledger)).id
    }
    return Evidence.Correct(statement: id, what: what, why: why, occurred: about.happened.seconds)
  }
}
