import ArgumentParser
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import Workflows

extension ShareCommand {
  /// `zheng share deliver`.
  struct Deliver: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Deliver data under a grant, as the provider: into the vault, and a commitment onto the ledger.",
      discussion: """
        The data never come near the ledger. With a fresh salt of 32 bytes they are put into the vault and onto the disk, and \
        then the ledger gets HMAC-SHA-256(salt, data): it shows later which data they were, and tells nobody what they are. \
        Where the ledger refuses, the vault's copy is destroyed again; what is not granted, or was delivered as often as the grant \
        allows, is refused before anything is written.

          zheng share deliver ledger R-2026-017 --file births.csv --records 812 --vault vault --out handover --key health.pem

        Hand the demander both files from --out, births.csv and births.csv.salt, by a way that is fit for the data: without \
        the salt it can't check what it got. The vault has the same two, as data and salt in the delivery's folder, should \
        they have to be handed over again. The vault is a directory of its own, never in the ledger's; back it up apart.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request.") var request: String
    @Option(help: "The data.", completion: .file()) var file: String
    @Option(help: "How many records they hold.") var records: UInt64
    @Option(help: "The provider's vault; made where there is none.", completion: .directory) var vault: String
    @Option(help: "A directory for what is handed to the demander: data and salt.", completion: .directory)
    var out: String?
    @Option(help: "An item that they hold; may be given again. Default: those granted.") var item: [String] =
      []
    @Option(help: "What they are delivered for. Default: as granted.") var purpose: String?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let items = try item.isEmpty ? nil : DataItems.named(item, by: "--item")
      try Files.requireReadable(file)
      try requireDeliverable()
      var transaction = try statement.vaultTransaction(vault, ledger)
      let delivered: (recorded: StatementOptions.Recorded, payload: SharingDeliver)
      do {
        let staged = try transaction.stage(file, salt: Salt())
        transaction.handover = try out.map {
          try Handover(in: $0, of: file, staged, from: transaction.vault, apartFrom: ledger.path)
        }
        try transaction.handover?.write()
        delivered = try await statement.record(sharing: ledger) { state, issuer in
          try transaction.vault.require(ledgerID: state.reader.ledgerID, member: issuer.id)
          let granted = try state.knownRequest(request)
          let number = granted.deliveries + 1
          let payload = SharingDeliver(
            request: request, sequence: number, items: items ?? granted.items,
            purpose: purpose ?? granted.purpose, commitment: staged.commitment, records: records)
          try payload.refusePersonalData()
          try transaction.keep(
            as: VaultItem(request: request, delivery: number), isFree: state.reader.unindexed == 0)
          return payload
        }
      } catch { throw try transaction.released(after: error) }
      transaction.recorded()
      let item = VaultItem(request: request, delivery: delivered.payload.sequence)
      var text = SharingReceiptText(delivered.recorded, "deliver", ledger)
      text.add(
        "delivery", "\(item.delivery) of \(request)", "delivery", .number(item.delivery))
      text.field("request", .text(request))
      text.add(
        "commitment", delivered.payload.commitment.hex, "commitment", .text(delivered.payload.commitment.hex))
      text.add("vault", transaction.vault.path(of: item), "vault", .text(transaction.vault.path(of: item)))
      if let handover = transaction.handover {
        text.say("handover", handover.data)
        text.say("", handover.salt)
        text.field("handover", ["data": .text(handover.data), "salt": .text(handover.salt)])
      }
      let (data, salt) = transaction.handover.map { ($0.data, $0.salt) } ?? ("DATA", "SALT")
      text.then(
        "hand data and salt to the demander, which checks them:",
        text.command(
          "receipt", request,
          options:
            "--delivery \(item.delivery) --file \(ShellText.path(data)) --salt \(ShellText.path(salt)) --key DEMANDER.pem"
        ))
      try text.print(to: output)
    }

    /// Refuses what is certainly not granted, or no more, before any data are written.
    private func requireDeliverable() throws {
      let reader = try LedgerReader.opening(ledger.folder)
      guard reader.unindexed == 0 else { return }
      let granted = try SharingState(reader).knownRequest(request)
      do { try granted.requireDeliverable(at: try reader.newestBlock()?.time ?? 0) } catch let refusal
        as Refusal
        where refusal.code == .notInForce
      {
        // It may begin to hold before the next block.
      }
    }
  }

  /// `zheng share receipt`.
  struct Receipt: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Give the receipt (签收) for a delivery, as the demander: are these the data that were committed to?",
      discussion: """
        Computes the commitment of the data under the salt that came with them, compares it with the provider's, and records \
        it. Where they differ both are shown, nothing is recorded, and the exit status is 1: look for a slip first, in the path \
        or the salt. With --record-mismatch the ledger says for ever that you received something else, nothing may be used, and \
        the provider owes the delivery again; the exit status is 1 then as well.

          zheng share receipt ledger R-2026-017 --file births.csv --salt births.csv.salt --key education.pem

        With --vault the data and the salt are put into a vault of the demander's own as well, and `zheng verify --vault` \
        looks after them.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request.") var request: String
    @Option(help: "The delivery's number. Default: the newest.") var delivery: UInt64?
    @Option(help: "The data as they arrived.", completion: .file()) var file: String
    @Option(help: "The salt that came with them.", completion: .file()) var salt: String
    @Option(help: "The demander's vault; made where there is none.", completion: .directory) var vault:
      String?
    @OptionGroup var mismatch: MismatchOption
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      try await mismatch.recording(output) { mayDiffer in try await record(output, mayDiffer: mayDiffer) }
    }

    private func record(_ output: Output, mayDiffer: Bool) async throws {
      let salt = try Salt(file: salt)
      var transaction = try vault.map { try statement.vaultTransaction($0, ledger) }
      var isMatch = false
      let receipt: (recorded: StatementOptions.Recorded, payload: SharingReceipt)
      do {
        let commitment =
          try transaction?.stage(file, salt: salt).commitment
          ?? salt.commitment(to: file, CommandContext.current.work)
        receipt = try await statement.record(sharing: ledger) { state, issuer in
          try transaction?.vault.require(ledgerID: state.reader.ledgerID, member: issuer.id)
          let number = try delivery ?? state.newestDelivery(of: request)
          let payload = SharingReceipt(request: request, delivery: number, commitment: commitment)
          try payload.refusePersonalData()
          let delivered = try state.delivery(request, number)
          isMatch = delivered?.commitment == commitment
          // What the rules refuse they refuse.
          if let delivered, delivered.state == .delivered, delivered.demander == issuer.id, !isMatch,
            !mayDiffer
          {
            throw CommandError.mismatch(
              "\(file) and the salt are not what was committed to as delivery \(number) of \(request)",
              ["computed commitment   \(commitment)", "delivered commitment  \(delivered.commitment)"],
              look: "look whether file, salt and --delivery belong together")
          }
          // What was not committed to is no delivery; what has its receipt is in its place.
          if isMatch, delivered?.state == .delivered {
            try transaction?.keep(
              as: VaultItem(request: request, delivery: number), isFree: state.reader.unindexed == 0)
          }
          return payload
        }
        if !isMatch { try transaction?.discard() }
      } catch { throw try transaction?.released(after: error) ?? error }
      let item = VaultItem(request: request, delivery: receipt.payload.delivery)
      var text = SharingReceiptText(receipt.recorded, "receipt", ledger)
      text.add("delivery", "\(item.delivery) of \(request)", "delivery", .number(item.delivery))
      text.field("request", .text(request))
      text.add(
        "commitment", receipt.payload.commitment.hex, "commitment", .text(receipt.payload.commitment.hex))
      text.add(
        "result",
        isMatch
          ? "these are the data that were committed to"
          : "MISMATCH: \(file) and the salt are not what was committed to",
        "match", .bool(isMatch))
      if let transaction, isMatch {
        text.add("vault", transaction.vault.path(of: item), "vault", .text(transaction.vault.path(of: item)))
      }
      if isMatch {
        text.then(
          "each use is logged:",
          text.command("use", request)
            + " --delivery \(item.delivery) --purpose … --reference … --key DEMANDER.pem")
      } else {
        text.then(
          "the mismatch is on the ledger; the provider delivers again:",
          text.command("deliver", request)
            + " --file DATA --records N --vault VAULT --out DIR --key PROVIDER.pem")
      }
      try text.print(to: output)
      if !isMatch { throw ExitStatus.notVerified.asError }
    }
  }
}

extension SharingState {
  /// The number of a request's newest delivery; 1 where there is none, which the rules then say.
  func newestDelivery(of request: String) throws -> UInt64 { max(1, try knownRequest(request).deliveries) }
}
