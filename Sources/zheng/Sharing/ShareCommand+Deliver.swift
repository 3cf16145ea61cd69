import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share deliver`.
  struct Deliver: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Deliver data under a grant: the data into the vault, a commitment onto the ledger (the provider).",
      discussion: """
        The data never touch the ledger. Data and a fresh 32-byte salt are stored in the vault and on disk first; \
        then the ledger gets HMAC-SHA-256(salt, data), which can later show which data they were and reveals nothing \
        of them. If the ledger refuses, the vault's copy is destroyed again. A delivery without a grant, or beyond \
        the grant's limit, is refused before anything is written.

          zheng share deliver ledger R-2026-017 --file births.csv --records 812 --vault vault --out handover --key health.pem

        Hand both files from --out to the demander, births.csv and births.csv.salt, by a channel fit for the data: \
        without the salt it can't check what it got. The vault keeps the same two, as data and salt in the \
        delivery's folder, in case they must be handed over again. The vault is a directory of its own, outside the \
        ledger's; back it up separately.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "The data file.", completion: .file()) var file: String
    @Option(help: "How many records the data hold.") var records: UInt64
    @Option(help: "The provider's vault; created if needed.", completion: .directory) var vault: String
    @Option(help: "A directory for the files to hand over: data and salt.", completion: .directory)
    var out: String?
    @Option(help: "A data item in the delivery; may be repeated. Default: those granted.") var item:
      [String] =
        []
    @Option(help: "What the data are delivered for. Default: as granted.") var purpose: String?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let items = try item.isEmpty ? nil : DataItems.named(item, by: "--item")
      if out.map(Files.trimmed) == "" {
        throw CommandError.usage(localized("--out: the directory has an empty name"))
      }
      let work = try await statement.vaultWork(on: ledger)
      let delivered = try await work.deliver(
        .init(request: request, file: file, records: records, items: items, purpose: purpose), into: vault,
        handingOverIn: out)
      let (item, commitment) = (delivered.item, delivered.payload.commitment.hex)
      var text = SharingReceiptText(delivered.recorded, "deliver", ledger)
      text.add("delivery", localized("\(item.delivery) of \(request)"), "delivery", .number(item.delivery))
      text.field("request", .text(request))
      text.add("commitment", commitment, "commitment", .text(commitment))
      text.add("vault", delivered.folder, "vault", .text(delivered.folder))
      if let handover = delivered.handover {
        text.say("handover", handover.data)
        text.say("", handover.salt)
        text.field("handover", ["data": .text(handover.data), "salt": .text(handover.salt)])
      }
      let (data, salt) = delivered.handover.map { ($0.data, $0.salt) } ?? ("DATA", "SALT")
      text.then(
        localized("hand data and salt to the demander, which checks them:"),
        text.command(
          "receipt", request,
          options:
            "--delivery \(item.delivery) --file \(ShellText.path(data)) --salt \(ShellText.path(salt)) --key DEMANDER.pem"
        ))
      try text.print(to: output)
    }
  }

  /// `zheng share receipt`.
  struct Receipt: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Sign for a delivery 签收, if the data are those committed to (the demander).",
      discussion: """
        Computes the commitment from the data and the salt that came with them, compares it with the provider's, and \
        records it. If they differ, both are shown, nothing is recorded and the exit status is 1: look for a slip \
        first, in the path or the salt. --record-mismatch records for good that you received something else: nothing \
        may be used then, the provider owes the delivery again, and the exit status is 1 as well.

          zheng share receipt ledger R-2026-017 --file births.csv --salt births.csv.salt --key education.pem

        With --vault, data and salt are also stored in the demander's own vault, which `zheng verify --vault` \
        checks.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "The delivery's number. Default: the newest.") var delivery: UInt64?
    @Option(help: "The data as received.", completion: .file()) var file: String
    @Option(help: "The salt that came with the data.", completion: .file()) var salt: String
    @Option(help: "The demander's vault; created if needed.", completion: .directory) var vault: String?
    @OptionGroup var mismatch: MismatchOption
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      try await mismatch.recording(output) { mayDiffer in try await record(output, mayDiffer: mayDiffer) }
    }

    private func record(_ output: Output, mayDiffer: Bool) async throws {
      let salt = try Salt(file: salt)
      let received: VaultWork.Received
      do {
        received = try await statement.vaultWork(on: ledger).receive(
          request, delivery, file, salt: salt, into: vault, mayDiffer: mayDiffer)
      } catch let error as VaultWork.Mismatch {
        throw CommandError.mismatch(
          localized(
            "\(file) and the salt are not what was committed to as delivery \(error.item.delivery) of \(request)"
          ),
          [
            localized("computed commitment   \(error.computed)"),
            localized("delivered commitment  \(error.delivered)"),
          ],
          look: localized("look whether file, salt and --delivery belong together"))
      }
      let (item, isMatch) = (received.item, received.isMatch)
      let commitment = received.payload.commitment.hex
      var text = SharingReceiptText(received.recorded, "receipt", ledger)
      text.add("delivery", localized("\(item.delivery) of \(request)"), "delivery", .number(item.delivery))
      text.field("request", .text(request))
      text.add("commitment", commitment, "commitment", .text(commitment))
      text.add(
        "result",
        isMatch
          ? localized("these are the data that were committed to")
          : localized("MISMATCH: \(file) and the salt are not what was committed to"),
        "match", .bool(isMatch))
      if let folder = received.folder { text.add("vault", folder, "vault", .text(folder)) }
      if isMatch {
        text.then(
          localized("each use is logged:"),
          text.command("use", request)
            + " --delivery \(item.delivery) --purpose … --reference … --key DEMANDER.pem")
      } else {
        text.then(
          localized("the mismatch is on the ledger; the provider delivers again:"),
          text.command("deliver", request)
            + " --file DATA --records N --vault VAULT --out DIR --key PROVIDER.pem")
      }
      try text.print(to: output)
      if !isMatch { throw ExitStatus.notVerified.asError }
    }
  }
}
