import ArgumentParser
import LedgerClient
import Workflows

/// `zheng follow`.
struct FollowCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow", abstract: "Keep a verified copy of a node's ledger up to date.",
    usage: "zheng follow URL DIR [--policy FILE] [--every SECONDS] [--once]",
    discussion: """
      The ledger is copied into DIR, a new directory, and checked whole against the policy, as `zheng verify URL` \
      does; then the index is built, so that DIR can be read like any ledger: `zheng list DIR`, `zheng evidence \
      status DIR ITEM`. Every --every seconds the node is asked for more, and new blocks are checked as they come. \
      Each start checks the whole copy again.

        zheng follow https://node.example copy --policy policy

      It stops at a node that forks or shows another ledger, and says which; it keeps asking one that is behind or \
      does not answer. DIR has no keys, so nobody can sign blocks with it. An interrupted copy is continued.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The directory of the copy.", completion: .directory) var directory: String
  @Option(help: "How many seconds to wait between two questions.") var every = 10
  @Flag(help: "Bring the copy up to date once, and stop.") var once = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard ledger.isAtNode else {
      throw ValidationError(
        localized("\(ledger.path) is not the URL of a node, such as http://127.0.0.1:8080"))
    }
    guard (1...86_400).contains(every) else {
      throw ValidationError(localized("--every is 1 to 86400 seconds"))
    }
    guard !directory.isEmpty else { throw ValidationError(localized("DIR has an empty name")) }
  }

  func run(_ output: Output) async throws {
    let copy = FollowedCopy(
      Files.trimmed(directory), policy: try ledger.trustFile, CommandContext.current.work)
    while true {
      do { try await round(copy, output) } catch let error where !once && isPassing(error) {
        Diagnostics.note(localized("\(Problem(error).detail); it is asked again in \(every) s"))
      }
      if once { return }
      try await Task.sleep(for: .seconds(every))
    }
  }

  /// Brings the copy up to date.
  private func round(_ copy: FollowedCopy, _ output: Output) async throws {
    let node = try await ledger.atNode()
    let progress = Progress(localized("copying"), unit: "entries")
    defer { progress.finish() }
    guard let found = try await copy.advance(to: node, each: { progress.update($0, of: $1) }) else { return }
    progress.finish()
    try output.result(
      [
        "entries": .number(found.entries), "records": .number(found.records),
        "blocks": .number(found.blocks), "root": .text(found.root.hex),
      ],
      text: localized("\(found.entries) entries in \(found.blocks) blocks, checked; root \(found.root)"))
    try output.flush()
  }

  /// Whether `error` may be over when the node is asked again.
  private func isPassing(_ error: any Error) -> Bool {
    let problem = WorkflowError(describing: error)
    return problem.kind == .busy || problem.code == "behind"
      || (error as? NodeClientError).map { [.unreachable, .failed].contains($0.code) } ?? false
  }
}
