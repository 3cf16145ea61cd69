import ArgumentParser
import Workflows

/// `zheng doctor`.
struct DoctorCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Inspect a ledger's directory and its machine; write nothing.",
    discussion: """
      It looks at owner and modes, the policy, the writing process, how far the index has come, the clock, free disk \
      space, where this machine keeps what it signed last, the keys, and whether a writer started now would sign. \
      The ledger itself is checked by `zheng verify`.

        zheng doctor ledger

      Exit status 1 if something needs attention. Run it as the user that runs the node.
      """)

  @OptionGroup var ledger: DirectoryArgument
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let checkup = try Checkup(ledger.folder, CommandContext.current.work)
    let versions = [("zheng", Zheng.configuration.version)] + Checkup.versions.map { ($0.name, $0.version) }
    var rows = checkup.findings.map { finding in
      (
        "\(finding.verdict == .wrong ? "WRONG" : finding.verdict.rawValue)",
        "\(finding.code): \(Printable.text(retold(finding.detail)))"
      )
    }
    rows += versions.map { ("version", "\($0.0): \(Printable.text($0.1))") }
    try output.result(
      [
        "ok": .bool(checkup.isGood),
        "findings": .array(
          checkup.findings.map { finding in
            [
              "code": .text(finding.code), "verdict": .text(finding.verdict.rawValue),
              "detail": .text(finding.detail),
            ]
          }),
        "versions": .object(versions.map { ($0.0, .text($0.1)) }),
      ], text: labelled(rows))
    if !checkup.isGood { throw ExitStatus.notVerified.asError }
  }
}
