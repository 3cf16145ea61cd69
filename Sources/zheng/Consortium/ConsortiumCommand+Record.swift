import ArgumentParser
import Workflows

extension ConsortiumCommand {
  /// `zheng consortium record`.
  struct Record: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record evidence against a validator on the ledger.",
      discussion: """
        Any member may. Every validator judges it again, by the keys of the validators in office; what proves nothing is \
        refused. Nothing follows from the record by itself: administrators may replace the validator (`zheng members \
        set-validators`).

          zheng consortium record https://v1.example.org v2.misconduct --policy policy --key notary.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The file about misconduct.", completion: .file()) var file: String
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      guard let bytes = try Files.contents(file, limit: MisconductCheck.sizeLimit) else {
        throw CommandError(
          .notVerified, "malformed", localized("\(file): too large for a file about misconduct"))
      }
      let check = try MisconductCheck(bytes, file, policy: nil, ledger: nil)
      let recorded = try await statement.submit(on: ledger) { _, _ in check.draft }
      let report = MisconductReport(check: check, isRecorded: true)
      try output.result(
        recorded.json.adding(["validator": .text(check.file.seat.name), "file": .text(file)]),
        text: report.text + "\n"
          + labelled([
            ("recorded", localized("entry \(recorded.index), in block \(recorded.block)")),
            ("id", recorded.id.hex),
          ]))
    }
  }
}
