import ArgumentParser
import LedgerCrypto
import Workflows

/// `zheng checkpoint`.
struct CheckpointCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Print the newest checkpoint, to be kept elsewhere.",
    discussion: """
      A kept checkpoint can show later that the ledger was not shortened or forked since:

        zheng checkpoint ledger > today.checkpoint
        zheng verify ledger --policy policy --checkpoint today.checkpoint
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) async throws {
    let newest =
      ledger.isAtNode
      ? try await ledger.atNode().newestCheckpoint
      : try DirectoryLedger.newestCheckpoint(of: DirectoryArgument.folder(at: ledger.ledger))
    guard output.isJSON else { return try output.raw(newest.bytes) }
    try output.result(
      [
        "origin": .text(newest.origin), "size": .number(newest.size), "root": .text(newest.root.hex),
        "note": .text(String(decoding: newest.bytes, as: UTF8.self)),
      ], text: "")
  }
}
