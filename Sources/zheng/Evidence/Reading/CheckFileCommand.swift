import ArgumentParser
import Workflows

/// `zheng evidence check`.
struct EvidenceCheckCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check whether a file is the deposited one.",
    discussion: """
      Computes the SHA-256 of each file and looks for the deposits that name it; with --item, only for that item's. \
      If a file differs, both digests are shown.

        zheng evidence check ledger contract.pdf
        zheng evidence check ledger contract.pdf --item E-2026-17

      With the --manifest of a deposited directory, each file is looked up in it and proven by its path to the root \
      on the ledger. A directory is compared as a whole, and changed, renamed, added and missing files are listed. A \
      name that looks the same but is in another Unicode form (NFC, NFD), which some systems write, counts as the \
      same name, and the answer says so.

        zheng evidence check ledger photos/0017.jpg --manifest photos.manifest
        zheng evidence check ledger photos --manifest photos.manifest

      "Is the deposited file" means unchanged since its deposit, not that what it shows is true. The answer is as \
      good as the ledger's directory: `zheng verify` checks that; `zheng prove` and `zheng check` prove the answer \
      to others. Exit status 1 if any file is not the deposited one.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "Files, or directories with all their files.", completion: .file()) var files: [String]
  @Option(help: "The item that the file should be.") var item: String?
  @Option(help: "The manifest of the deposited directory.", completion: .file()) var manifest: String?
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) async throws {
    let opened = try await ledger.opened()
    let isGood: Bool
    if let manifest {
      isGood = try await ManifestCheck(ManifestFile(manifest), item: item, on: opened).run(files, output)
    } else {
      isGood = try await DepositCheck(item: item, on: opened).run(files, output)
    }
    if !isGood { throw ExitStatus.notVerified.asError }
  }
}
