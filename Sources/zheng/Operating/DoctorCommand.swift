import ArgumentParser
import Workflows

/// `zheng doctor`.
struct DoctorCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at a ledger's directory and the machine around it, and write nothing.",
    discussion: """
      Owner and modes, the policy, who writes, how far the index has come, the clock, what is left on the disk, where it is kept what \
      this machine signed last, the keys, and whether a writer that is started now would sign. Whether the ledger itself is good \
      is for `zheng verify`.

        zheng doctor ledger

      Exit status 1 where somebody must see to something. Run it as the user that the node runs as.
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
