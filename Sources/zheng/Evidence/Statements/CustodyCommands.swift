import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence seal`.
struct EvidenceSealCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal", abstract: "Seal a deposited item (its custodian).",
    discussion: """
      A seal number is used once on a ledger. The deposit's own seal is the exception: repeating it here states that \
      it is intact.

        zheng evidence seal ledger E-2026-17 --seal S-0001 \\
          --condition 完好 --key notary.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "The seal's number.") var seal: String
  @Option(help: "The item's condition.") var condition: String?
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Seal {
    Evidence.Seal(
      seal: seal, condition: condition, previous: item.last, occurred: about.happened.seconds)
  }
}

/// `zheng evidence offer`.
struct EvidenceOfferCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer", abstract: "Offer a sealed item to another member (its custodian).",
    discussion: """
      Custody stays until the receiver accepts. With FILE, its digest is computed and compared with the item's by \
      the ledger's rules; without, the digest on the ledger is repeated.

        zheng evidence offer ledger E-2026-17 contract.pdf --to examiner \\
          --seal S-0001 --purpose 鉴定 --key notary.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @OptionGroup var looked: InspectedFileOptions
  @Option(help: "The id of the receiving member.") var to: String
  @Option(help: "What the item is handed over for.") var purpose: String
  @Option(help: "The number of the seal on the item.") var seal: String
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) async throws -> Evidence.Offer {
    guard let digest = try looked.digest(of: item, about.item) ?? item.digests.sha256 else {
      preconditionFailure("an item has a SHA-256 digest")
    }
    return Evidence.Offer(
      to: to, seal: seal, digest: digest, purpose: purpose, previous: item.last,
      occurred: about.happened.seconds)
  }
}

/// `zheng evidence accept`.
struct EvidenceAcceptCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Accept an offered item (its receiver, who becomes its custodian).",
    discussion: """
      Give what you received and the seal that you see on it: the digest is computed here, and both are compared \
      with the item's. If they differ, both values are shown, nothing is recorded and the exit status is 1: look for \
      a slip first. --record-mismatch records for good that you received something else: the item is then disputed, \
      and custody stays with the giver.

        zheng evidence accept ledger E-2026-17 contract.pdf --seal S-0001 \\
          --location 3号物证室 --key examiner.pem
        zheng evidence accept ledger E-2026-18 photos --manifest photos.manifest \\
          --seal S-0002 --location 3号物证室 --key examiner.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @OptionGroup var looked: InspectedFileOptions
  @Option(help: "The number of the seal on the item.") var seal: String
  @Option(help: "Where the item is kept from now on.") var location: String
  @OptionGroup var mismatch: MismatchOption
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if looked.file == nil, looked.digest == nil {
      throw ValidationError(
        localized("give FILE, what was received; or its --digest, where that was computed elsewhere"))
    }
  }

  func run(_ output: Output) async throws {
    // A large file is read once, also where a person is asked in between.
    var computed: Digest?
    let recorded = try await mismatch.recording(output) { mayDiffer in
      try await said.record(evidenceOn: ledger, about: about.item) { opened, issuer in
        let item = try await opened.evidenceItem(about.item)
        guard let digest = try computed ?? looked.digest(of: item, about.item) else {
          preconditionFailure("a file or a digest is given")
        }
        computed = digest
        let accept = Evidence.Accept(
          seal: seal, digest: digest, location: location, previous: item.last,
          occurred: about.happened.seconds)
        // What the rules refuse they refuse.
        if !mayDiffer, item.state == .inTransit, item.receiver == issuer.id,
          let other = ReceivedOther(accept, of: item.digests.sha256, sealedWith: item.seal)
        {
          throw CommandError.mismatch(
            localized("what you have is not what was deposited and sealed as \(about.item)"),
            other.lines.map(retold),
            look: localized("look at \(looked.file.map { localized("\($0) and ") } ?? "")the seal again"))
        }
        return try .evidence(accept, about: about.item)
      }
    }
    try await output.evidence(recorded, EvidenceKind.accept.rawValue, about.item, ledger)
  }
}

/// `zheng evidence decline`.
struct EvidenceDeclineCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Decline an offered item (its receiver).",
    discussion: """
      The item is then disputed and stays with its custodian, who resolves the dispute with a supervisor.

        zheng evidence decline ledger E-2026-17 --reason 封条破损 --key examiner.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "Why.") var reason: String
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Decline {
    Evidence.Decline(reason: reason, previous: item.last, occurred: about.happened.seconds)
  }
}
