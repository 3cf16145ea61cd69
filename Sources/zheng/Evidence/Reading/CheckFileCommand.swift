import ArgumentParser
import Workflows

/// `zheng evidence check`.
struct EvidenceCheckCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Is this the file that was deposited?",
    discussion: """
      Computes the SHA-256 of each file and looks for the deposits that name it; with --item, that of this item only. Where it is \
      another file, both digests are shown.

        zheng evidence check ledger contract.pdf
        zheng evidence check ledger contract.pdf --item E-2026-17

      With the --manifest of a deposited directory, each file is looked up in it, and proven by its path to the root that the \
      ledger has. A directory is compared as a whole: what was changed, renamed, added, and what is missing. A name that looks the \
      same and is written in another Unicode form (NFC, NFD), as some systems write it, is the same name; the answer says so.

        zheng evidence check ledger photos/0017.jpg --manifest photos.manifest
        zheng evidence check ledger photos --manifest photos.manifest

      "Is the deposited file" says: unchanged since its deposit; not that what it shows is true. What the ledger's directory says \
      is as good as it is: `zheng verify` checks it, `zheng prove` and `zheng check` show it to somebody without it. Exit status \
      1 where any file is not the deposited one.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "Files, and directories whose files are meant.", completion: .file()) var files: [String]
  @Option(help: "The item that it should be.") var item: String?
  @Option(help: "The manifest of the directory that was deposited.", completion: .file()) var manifest:
    String?
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
