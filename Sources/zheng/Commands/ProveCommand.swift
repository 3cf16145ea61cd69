import ArgumentParser
import Workflows

/// `zheng prove`.
struct ProveCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Write the offline proof of a record.",
    discussion: """
      One text file that carries the record and proves it, its block, its time, and whose key signed it. Whoever has it \
      and the ledger's policy checks it without the ledger: `zheng check`.

        zheng prove ledger 12
        zheng prove ledger 12 --at head --out today.tlog-proof

      By default it is tied to the checkpoint of the record's own block, whose time is the earliest that can be proven; \
      with --at head to the newest.
      """)

  /// Which checkpoint a proof is tied to.
  enum Anchor: String, ExpressibleByArgument, CaseIterable {
    case block, head
  }

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The record's index, or its id of 64 hex digits.") var record: RecordReference
  @Option(help: "The checkpoint: of the record's own block, or the newest (head).") var at = Anchor.block
  @Option(
    help: "The file to write; - is standard output. Default: record-INDEX.tlog-proof.", completion: .file())
  var out: String?
  @Flag(help: "Replace a file of that name.") var force = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if out == "-", options.json { throw ValidationError("--json and --out - both want standard output") }
  }

  func run(_ output: Output) async throws {
    let opened = try ledger.opened()
    let index = try await record.resolved(on: opened)
    let proof = try await opened.proof(of: index, atHead: at == .head)
    if out == "-" { return try output.raw(proof.bytes) }
    let path = out ?? "record-\(index).tlog-proof"
    let outcome = try Files.put(path, proof.bytes, replacing: force)
    let block = try await opened.block(of: index).height
    try output.result(
      [
        "index": .number(index), "block": .number(block), "id": .text(proof.statement.id.hex),
        "file": .text(path),
        "written": .bool(outcome != .unchanged), "replaced": .bool(outcome == .replaced),
      ],
      text: """
        \(path)  \(outcome == .unchanged ? "was there already, the same" : outcome.rawValue)
        Check it: zheng check \(ShellText.path(path)) --policy \(ShellText.path(opened.policy))
        """)
  }
}
