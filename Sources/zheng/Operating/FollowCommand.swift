import ArgumentParser
import LedgerClient
import Workflows

/// `zheng follow`.
struct FollowCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow", abstract: "Keep a verified copy of a ledger at a node, and keep it current.",
    usage: "zheng follow URL DIR [--policy FILE] [--every SECONDS] [--once]",
    discussion: """
      The ledger is copied into DIR, a new directory, and checked whole by the policy, as `zheng verify URL` does; then what \
      reading needs is made from it, so that DIR can be read as any ledger: `zheng list DIR`, `zheng evidence status DIR ITEM`. As often \
      as --every says the node is asked for more. A copy that is checked whole each time: for a large ledger choose a large --every.

        zheng follow https://node.example copy --policy policy

      It stops at a node that forks, or shows another ledger, and says which; one that is behind or does not answer is asked again. \
      DIR has no keys: nobody can sign blocks with it. What was stopped goes on where it was.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The directory of the copy.", completion: .directory) var directory: String
  @Option(help: "How many seconds it waits before it asks again.") var every = 10
  @Flag(help: "Bring the copy up to date once, and end.") var once = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard ledger.isAtNode else {
      throw ValidationError("\(ledger.path) is not the URL of a node, such as http://127.0.0.1:8080")
    }
    guard (1...86_400).contains(every) else { throw ValidationError("--every is 1 to 86400 seconds") }
    guard !directory.isEmpty else { throw ValidationError("DIR has an empty name") }
  }

  func run(_ output: Output) async throws {
    let path = Files.trimmed(directory)
    var size: UInt64 = 0
    while true {
      do { size = try await round(path, after: size, output) } catch let error where !once && isPassing(error)
      {
        Diagnostics.note("\(Problem(error).detail); it is asked again in \(every) s")
      }
      if once { return }
      try await Task.sleep(for: .seconds(every))
    }
  }

  /// Brings the copy at `path`, of `size` entries that were checked, up to date.
  ///
  /// - Returns: how many it has now.
  private func round(_ path: String, after size: UInt64, _ output: Output) async throws -> UInt64 {
    let node = try await ledger.atNode()
    guard node.size > size else { return size }
    var verification = Verification(isOfHashesOnly: false, now: CommandContext.now)
    let policy = try ledger.trustFile
    try verification.anchor(inPolicy: policy, note: Diagnostics.note)
    try verification.extend(node.newestCheckpoint)
    let progress = Progress("copying", unit: "entries")
    defer { progress.finish() }
    try await node.copy(to: path) { progress.update($0, of: $1) }
    let report = try verification.run(path, .commands) { _, _ in }
    if let fault = report.faults.first {
      let other = try Files.movedAside(path)
      throw CommandError(
        .notVerified, fault.code.rawValue,
        "\(node.place): its ledger is not good: \(fault); the copy is \(other)")
    }
    if !Files.exists("\(path)/policy") {
      try Files.create("\(path)/policy", try Files.contents(policy, of: "a policy", limit: 1 << 20))
    }
    _ = try DirectoryLedger.rebuild(DirectoryArgument.folder(at: path)) { _, _ in }
    progress.finish()
    try output.result(
      [
        "entries": .number(report.entries), "records": .number(report.records),
        "blocks": .number(report.blocks), "root": .text(report.root.hex),
      ],
      text: "\(report.entries) entries in \(report.blocks) blocks, checked; root \(report.root)")
    try output.flush()
    return report.entries
  }

  /// Whether `error` may be over when the node is asked again.
  private func isPassing(_ error: any Error) -> Bool {
    let problem = WorkflowError(describing: error)
    return problem.kind == .busy || problem.code == "behind"
      || (error as? NodeClientError).map { [.unreachable, .failed].contains($0.code) } ?? false
  }
}
