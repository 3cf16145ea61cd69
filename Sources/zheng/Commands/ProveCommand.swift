import ArgumentParser
import LedgerCrypto
import Workflows

/// `zheng prove`.
struct ProveCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Write an offline proof of a record, of all records about something, or that there is none.",
    discussion: """
      The proof is one text file. It carries the record and proves it, its block, its time, and whose key signed it. \
      With the ledger's policy anyone can check it without the ledger: `zheng check`.

        zheng prove ledger 12
        zheng prove ledger 12 --at head --out today.tlog-proof

      By default it ends at the checkpoint of the record's own block, whose time is the earliest that can be proven; \
      with --at head at the newest.

      Prove all records about a subject, a file, an item of evidence or a request as of the newest block, or that \
      there are none:

        zheng prove ledger --file contract.pdf
        zheng prove ledger --item E-2026-001 --with-records --out E-2026-001.proofs

      With --with-records the output is a directory that also holds each record, so that the receiver can check \
      offline that the list is complete. For an item or a request, its current state is proven too.

      With --at and a block's height, the proof is as of that block: which records existed then, or that there were \
      none yet. The receiver's program works out from an item's records how it stood then; for a request, `zheng \
      share board LEDGER --at TIME` does.

        zheng prove ledger --item E-2026-001 --at 25 --with-records
        zheng prove ledger --file contract.pdf --at 25
      """)

  /// What a proof is tied to.
  enum Anchor: ExpressibleByArgument, Equatable {
    case block, head
    case height(UInt64)

    init?(argument: String) {
      switch argument {
      case "block": self = .block
      case "head": self = .head
      default:
        guard let height = UInt64(argument), String(height) == argument else { return nil }
        self = .height(height)
      }
    }
  }

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The record's index, or its id (64 hex digits).") var record: RecordReference?
  @Option(
    help: ArgumentHelp(
      "For a record: prove it to the checkpoint of its own block (block) or to the newest (head). For any other proof: the height of the block that it is as of.",
      valueName: "block|head|HEIGHT"))
  var at: Anchor?
  @Option(help: "All records about this subject, in every scenario and plain.")
  var subject: String?
  @Option(help: "All records of this file, or that it was never recorded.", completion: .file()) var file:
    String?
  @Option(help: "The same for a SHA-256 of 64 hex digits.") var digest: String?
  @Option(help: "An item of evidence: all its records, and its current state.") var item: String?
  @Option(help: "A data-sharing request: all its records, and its current state.") var request: String?
  @Flag(help: "Write the proof of each record too, into a directory.") var withRecords = false
  @Option(
    help:
      "The file to write, or with --with-records the directory; - is standard output. Default: record-INDEX.tlog-proof, state.tlog-proof or state.proofs.",
    completion: .file())
  var out: String?
  @Flag(help: "Replace an existing file of that name.") var force = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if out == "-", options.json {
      throw ValidationError(localized("--json and --out - both want standard output"))
    }
    let asked = [subject, file, digest, item, request].compactMap { $0 }.count
    guard asked + (record == nil ? 0 : 1) == 1 else {
      throw ValidationError(
        localized("name one thing to prove: a record, or --subject, --file, --digest, --item or --request"))
    }
    if let digest, Digest(hex: digest.lowercased()) == nil {
      throw ValidationError(localized("--digest \(digest): a SHA-256 has 64 hex digits"))
    }
    switch at {
    case .block where record == nil, .head where record == nil:
      throw ValidationError(
        localized("--at takes the height of a block here: without it the proof is as of the newest"))
    case .height where record != nil:
      throw ValidationError(
        localized("--at of a record is block or head; a height goes with the other proofs"))
    default: break
    }
    if withRecords, force {
      throw ValidationError(localized("--with-records makes a new directory; --force replaces a file"))
    }
    if withRecords, record != nil || out == "-" {
      throw ValidationError(
        localized("--with-records writes a directory, of the records of a subject, file, item or request"))
    }
  }

  func run(_ output: Output) async throws {
    let opened = try await ledger.opened()
    guard let record else { return try await proveState(opened, output) }
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
      text: localized(
        """
        \(path)  \(outcome.text)
        Check it: zheng check \(ShellText.path(path)) --policy \(ShellText.path(try ledger.policyFile))
        """))
  }
}
