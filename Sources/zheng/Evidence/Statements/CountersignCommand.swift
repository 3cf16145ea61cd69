import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence countersign`.
struct EvidenceCountersignCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "countersign",
    abstract: "Countersign: a release (a court), or the settlement of a dispute (a supervisor).",
    discussion: """
      Read what is waiting first: `zheng evidence status LEDGER ITEM` shows it and who may countersign.

        zheng evidence status ledger E-2026-17
        zheng evidence countersign ledger E-2026-17 --key court.pem

      --statement countersigns only that statement, and not another that may have taken its place.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The item's id.") var item: String
  @Option(help: "The id of the waiting statement (64 hex digits). Default: the one that is waiting.")
  var statement: String?
  @OptionGroup var said: StatementOptions
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if let statement, Digest(hex: statement.lowercased()) == nil {
      throw ValidationError(localized("--statement \(statement): a statement's id has 64 hex digits"))
    }
  }

  func run(_ output: Output) async throws {
    let recorded = try await said.record(evidenceOn: ledger, about: item) { opened, _ in
      try await .countersignature(
        of: statement.flatMap { Digest(hex: $0.lowercased()) }, about: item, on: opened)
    }
    try await output.evidence(recorded, "countersign", item, ledger)
  }
}
