import ArgumentParser
import Scenarios
import Workflows

/// `zheng evidence renew`.
struct EvidenceRenewCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew", abstract: "Add digests by further algorithms (the custodian).",
    discussion: """
      Do this before an algorithm grows weak. The file is read once: its SHA-256 must be the item's, and the new \
      digests are computed in the same pass. For a directory, FILE is the manifest. The set of digests only grows.

        zheng evidence renew ledger E-2026-17 contract.pdf \\
          --digest sha3-512 --digest sm3 --key notary.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Argument(help: "The item's file, or its manifest.", completion: .file()) var file: String
  @Option(
    help: ArgumentHelp(
      "An algorithm: \(RequestedDigest.names); or sm3:HEX, which it must equal. May be repeated."))
  var digest: [RequestedDigest]
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) async throws -> Evidence.Renew {
    let fingerprint = try Fingerprint(of: file, also: digest.map(\.algorithm))
    guard let own = item.digests.sha256, fingerprint.digest == own else {
      throw CommandError(
        .notVerified, "other-file",
        localized(
          "\(file): not the file of \(about.item): its SHA-256 is \(fingerprint.digest), the item's \(item.digests.sha256?.hex ?? "")"
        )
      )
    }
    try fingerprint.require(digest, of: file)
    var added: [Evidence.DigestAlgorithm: [UInt8]] = [:]
    for algorithm in digest.map(\.algorithm) { added[algorithm] = fingerprint.digests[algorithm] }
    return Evidence.Renew(digests: .init(added), occurred: about.happened.seconds)
  }
}
