import ArgumentParser
import Workflows

/// `zheng rebuild`.
struct RebuildCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Rebuild the derived files: tiles, offsets and the search index.",
    discussion: """
      Reads entries and checkpoints and never writes them. If they are damaged nothing is rebuilt, because a derived \
      file may be what shows where the damage is.

        zheng rebuild ledger
      """)

  @OptionGroup var ledger: DirectoryArgument
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let progress = Progress(localized("rebuilding"), unit: "entries")
    defer { progress.finish() }
    let entries = try DirectoryLedger.rebuild(ledger.folder) { progress.update($0, of: $1) }
    progress.finish()
    try output.result(
      ["entries": .number(entries), "seconds": .double(progress.seconds)],
      text: localized("rebuilt tiles, offsets and index from \(entries) entries"))
  }
}
