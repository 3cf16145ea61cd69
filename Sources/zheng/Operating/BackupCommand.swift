import ArgumentParser
import Workflows

/// `zheng backup`.
struct BackupCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a ledger as of its newest block, while its node runs.",
    discussion: """
      OUT gets entries, checkpoints, tiles, offsets and policy, cut at the newest block, and `backup.json`, which \
      says how long the ledger was. The copy is read back and its hashes, roots, headers and cosignatures are \
      checked. OUT is complete or does not exist. The search index and the state are not copied: `zheng restore` \
      rebuilds them.

        zheng backup ledger /backups/2026-11-29
        zheng verify /backups/2026-11-29 --policy policy      signatures of statements and rules too

      The validators' private keys (keys/) are not copied unless --with-keys is given. Whoever has a backup with \
      keys can sign blocks in the ledger's name: keep it as you keep the keys, apart from other backups. Without \
      keys a restored ledger can be read and checked, but not written to until the keys are put back.

      What this machine signed last (ZHENG_STATE) is never copied, and must never be copied to another machine: it \
      keeps two machines from signing two histories.
      """)

  @OptionGroup var ledger: DirectoryArgument
  @Argument(help: "A new directory.", completion: .directory) var out: String
  @Flag(help: "Copy the validators' private keys too: whoever has the backup can sign with them.")
  var withKeys = false
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let path = Files.trimmed(out)
    let folder = try ledger.folder
    try Places.require(path, "a backup", apartFrom: ledger.path)
    let (lines, clock) = (ProgressLines(), Progress(localized("backing up"), unit: "entries"))
    defer { lines.finish() }
    let made = try Backups.make(of: folder, at: path, withKeys: withKeys, CommandContext.current.work) {
      lines.update($0.words, $1, $2, "entries")
    }
    lines.finish()
    var rows = made.notes.map { ("note", Printable.text(retold($0))) }
    rows += [
      ("ledger", made.ledger.hex), ("root", made.root.hex),
      (
        "backup",
        localized(
          "\(path): \(made.entries) entries in \(counted(made.blocks, "block")), \(sized(made.byteCount))")
      ),
      (
        "keys",
        made.keys == 0
          ? localized(
            "none: what is restored from it can be read, and written to when the keys are put into it")
          : localized(
            "\(counted(made.keys, "private key")): whoever has this backup can sign blocks in the ledger's name"
          )
      ),
      (
        "checked",
        localized(
          "its bytes are those that were signed; NOT checked: \(listed(Backups.Made.unchecked)) (`zheng verify \(ShellText.path(path))`)"
        )
      ),
    ]
    try output.result(
      [
        "out": .text(path), "ledger": .text(made.ledger.hex), "entries": .number(made.entries),
        "blocks": .number(made.blocks), "root": .text(made.root.hex), "bytes": .number(made.byteCount),
        "keys": .number(UInt64(made.keys)), "unchecked": .array(Backups.Made.unchecked.map(JSON.text)),
        "notes": .array(made.notes.map(JSON.text)), "seconds": .double(clock.seconds),
      ], text: labelled(rows))
  }
}

extension Backups.Made {
  /// What the check of a backup that was written leaves out.
  fileprivate static var unchecked: [String] { [localized("signatures of statements"), localized("rules")] }
}

extension Backups.Stage {
  /// What is done, on a line of progress.
  var words: String {
    switch self {
    case .copying: localized("copying")
    case .verifying: localized("verifying")
    case .rebuilding: localized("rebuilding")
    }
  }
}
