import ArgumentParser

/// `zheng evidence`.
struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "Electronic evidence 电子存证.",
    subcommands: [EvidenceCertificateCommand.self])
}
