import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng restore`.
struct RestoreCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Restore a ledger's directory from a backup.",
    discussion: """
      LEDGER must not exist. Everything in the backup is checked as `zheng verify` does, and the index and state are \
      rebuilt; only then LEDGER appears, complete. With a policy or ledger id from a source that you trust, a backup \
      of another ledger is refused; without one, a backup can only be shown to be consistent with itself.

        zheng restore /backups/2026-11-29 ledger --policy policy

      Before this machine signs the restored ledger, no other machine may sign it any more, and nothing acknowledged \
      after the backup may be forgotten: ask members for the newest checkpoint or receipt that they hold. What this \
      machine signed last is kept outside LEDGER. If the backup is older than that, or nothing is kept, a writer \
      stops and says so; --adopt-head lets it continue once.
      """)

  @Argument(help: "The backup's directory.", completion: .directory) var backup: String
  @OptionGroup var ledger: DirectoryArgument
  @Option(help: "The ledger's policy, kept elsewhere.", completion: .file()) var policy: String?
  @Option(help: "The ledger id that the founders published.") var ledgerID: String?
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if policy != nil, ledgerID != nil {
      throw ValidationError(localized("give --policy or --ledger-id, not both"))
    }
  }

  func run(_ output: Output) throws {
    let anchor: Backups.Anchor =
      try policy.map { .policy($0) } ?? ledgerID.map { .ledgerID(try Digest(ledgerIDOption: $0)) } ?? .none
    let (lines, clock) = (ProgressLines(), Progress(localized("restoring"), unit: "entries"))
    defer { lines.finish() }
    let restored = try Backups.restore(
      Files.trimmed(backup), to: ledger.path, anchor: anchor, CommandContext.current.work
    ) { lines.update($0.words, $1, $2, "entries") }
    lines.finish()
    try output.result(
      [
        "path": .text(ledger.path), "ledger": .text(restored.ledger.hex),
        "entries": .number(restored.entries), "records": .number(restored.records),
        "blocks": .number(restored.blocks), "root": .text(restored.root.hex),
        "made": .text(Timestamp.text(seconds: restored.made)), "anchored": .bool(restored.isAnchored),
        "signing": restored.outlook.json, "notes": .array(restored.notes.map(JSON.text)),
        "seconds": .double(clock.seconds),
      ], text: text(restored))
  }

  private func text(_ restored: Backups.Restored) -> String {
    var rows = restored.notes.map { ("note", Printable.text(retold($0))) }
    rows += [
      ("ledger", restored.ledger.hex), ("root", restored.root.hex),
      (
        "restored",
        localized(
          "\(ledger.path): \(restored.entries) entries in \(counted(restored.blocks, "block")), from the backup of \(Timestamp.text(seconds: restored.made))"
        )
      ),
      (
        "result",
        restored.isAnchored
          ? localized("good: it is the ledger that was asked for, and nothing in it was changed")
          : localized(
            "good, but consistent in itself only: give --policy or --ledger-id from a source that you trust")
      ),
    ]
    rows += restored.outlook.rows.map { ("signing", $0) }
    return labelled(rows)
  }
}
