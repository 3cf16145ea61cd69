import ArgumentParser
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// `zheng checkpoint`.
struct CheckpointCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Print the newest checkpoint, to be kept elsewhere.",
    discussion: """
      Whoever keeps it can show later that the ledger was not shortened or forked since:

        zheng checkpoint ledger > today.checkpoint
        zheng verify ledger --policy policy --checkpoint today.checkpoint
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let note = try LedgerReader.newestCheckpoint(ledger.folder)
    guard output.isJSON else { return try output.raw(note.bytes) }
    let checkpoint = try Checkpoint(parsing: note.text)
    try output.result(
      [
        "origin": .text(checkpoint.origin), "size": .number(checkpoint.size),
        "root": .text(checkpoint.root.hex),
        "note": .text(String(decoding: note.bytes, as: UTF8.self)),
      ], text: "")
  }
}
