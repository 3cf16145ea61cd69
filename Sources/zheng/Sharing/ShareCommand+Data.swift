import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share use`.
  struct Use: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record a use of received data (the demander).",
      discussion: """
        The reference names a case or batch, never a person. Unanswered objections are shown with the use.

          zheng share use ledger R-2026-017 --purpose 入学核验 --reference 第三批 --key education.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "The delivery's number. Default: the newest.") var delivery: UInt64?
    @Option(help: "What the data were used for: the delivery's purpose or one below it.") var purpose: String
    @Option(help: "The case or batch that used the data 业务编号.") var reference: String
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let (recorded, use) = try await statement.record(sharing: ledger) { state, _ in
        SharingUse(
          request: request, delivery: try await state.number(delivery, of: request), purpose: purpose,
          reference: reference)
      }
      var text = SharingReceiptText(recorded, "use", ledger)
      text.add("delivery", localized("\(use.delivery) of \(request)"), "delivery", .number(use.delivery))
      text.field("request", .text(request))
      if let logged = try await text.state()?.uses(of: request).last(where: { $0.delivery == use.delivery }) {
        text.field("use", .number(logged.use))
        text.field("openObjections", .number(logged.openObjections))
        text.field("objections", .number(logged.objections))
        if logged.openObjections > 0 {
          text.say("note", localized("used although objections are open: \(logged.openObjections)"))
        }
      }
      try text.print(to: output)
    }
  }

  /// `zheng share object`.
  struct Object: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Object to data or to a catalogue entry 校核申请 (the demander).",
      discussion: """
        Name the request whose delivery is at fault, or the entry. Point out a record by a business number, never by \
        a person's.

          zheng share object ledger --request R-2026-017 --fault incomplete --detail 缺少9月的记录 --key education.pem
          zheng share object ledger --entry BIRTHS --fault outdated --key education.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "The request whose delivery is at fault.") var request: String?
    @Option(help: "The delivery's number. Default: the newest.") var delivery: UInt64?
    @Option(help: "The entry that is at fault.") var entry: String?
    @Option(help: "The entry's version. Default: the one in force.") var version: UInt64?
    @Option(help: "What is wrong: \(SharingFault.allCases.map(\.rawValue).joined(separator: ", ")).")
    var fault: SharingFault
    @Option(help: "More about the fault.") var detail: String?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      guard (request == nil) != (entry == nil) else {
        throw ValidationError(localized("give --request or --entry: what is objected to"))
      }
      if request == nil, delivery != nil {
        throw ValidationError(localized("--delivery goes with --request"))
      }
      if entry == nil, version != nil { throw ValidationError(localized("--version goes with --entry")) }
    }

    func run(_ output: Output) async throws {
      let (recorded, _) = try await statement.record(sharing: ledger) { state, _ in
        SharingObject(to: try await target(state), fault: fault, detail: detail)
      }
      let id = recorded.id
      var text = SharingReceiptText(recorded, "object", ledger)
      if let state = await text.state(), let objection = try await state.objection(id) {
        let calendars = try await state.calendars()
        let limit = objection.limit(calendars)
        let silence =
          SharingTime.silence(limit.silentYears, limit.days.version).map { "; \(retold($0))" } ?? ""
        text.say("about", objection.targetText)
        text.say("answer", localized("due \(limit.lastDay) 24:00, of \(objection.provider)\(silence)"))
        text.field("objection", objection.json(calendars))
      }
      text.then(
        localized("the provider answers:"),
        text.command("answer", id.hex) + " --outcome upheld --reply … --key PROVIDER.pem")
      try text.print(to: output)
    }

    private func target(_ state: SharingState) async throws -> SharingTarget {
      if let request { return .delivery(request: request, try await state.number(delivery, of: request)) }
      let entry = entry ?? ""
      let inForce = try await state.entry(entry)?.catalogue.version
      return .entry(entry, version: version ?? inForce ?? 1)
    }
  }

  /// `zheng share answer`.
  struct Answer: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Answer an objection 校核反馈 (the provider).",
      discussion: """
        `zheng share objections` shows the open ones. --corrected names the delivery, or the version of the entry, \
        that is right.

          zheng share answer ledger OBJECTION-ID --outcome upheld --reply 已补充 --corrected 2 --key health.pem
          zheng share answer ledger OBJECTION-ID --outcome rejected --reply 与登记一致 --key health.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The id of the objection's statement (64 hex digits).") var objection: String
    @Option(help: "The finding: upheld or rejected.") var outcome: SharingOutcome
    @Option(help: "The answer in words.") var reply: String
    @Option(help: "The delivery or version that is right, if the objection is upheld.") var corrected: UInt64?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if corrected != nil, outcome == .rejected {
        throw ValidationError(
          localized("--corrected goes with --outcome upheld: what was rejected has no correction"))
      }
    }

    func run(_ output: Output) async throws {
      let id = try Digest.statementID(objection)
      let (recorded, _) = try await statement.record(sharing: ledger) { state, _ in
        let about: SharingAnswer.Subject =
          switch try await state.knownObjection(id).target {
          case .delivery(let request, _): .request(request)
          case .entry(let entry, _): .entry(entry)
          }
        return SharingAnswer(to: id, about: about, outcome: outcome, reply: reply, corrected: corrected)
      }
      var text = SharingReceiptText(recorded, "answer", ledger)
      if let state = await text.state(), let answered = try await state.objection(id) {
        text.say("about", answered.targetText)
        text.say(
          "answered",
          "\(answered.isLate == true ? localized("LATE") : localized("in time")), \(named("value", outcome.rawValue))"
        )
        text.field("objection", answered.json(try await state.calendars()))
      }
      try text.print(to: output)
    }
  }

  /// `zheng share erase`.
  struct Erase: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record the erasure of your copy of a delivery, and destroy salt and data in the vault.",
      discussion: """
        The record comes first, then the destruction: from the record on `zheng verify --vault` reports *erased, by \
        record N*. If the command is interrupted in between, run it again; it finishes what the record says.

          zheng share erase ledger R-2026-017 --delivery 1 --reason 用毕销毁 --vault vault --key education.pem

        Salt and data are overwritten with zeros in place and removed. A program can reach no further: an SSD may \
        keep old blocks until it clears them, a copy-on-write file system keeps them in snapshots, and backups of \
        the vault, the delivered file and the handed-over copies are yours to destroy. Without the salt nobody can \
        tell from the ledger whether a guess at the data is right.

        Destroy copies outside a vault yourself first; --elsewhere records that you have.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "The delivery's number.") var delivery: UInt64
    @Option(help: "Why; an erasure without a reason is refused.") var reason: String?
    @Option(help: "The vault that holds it.", completion: .directory) var vault: String?
    @Flag(help: "No vault holds the data; the copy is already destroyed.") var elsewhere = false
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      guard (vault == nil) == elsewhere else {
        throw ValidationError(localized("give --vault DIR, whose copy is destroyed, or --elsewhere"))
      }
    }

    func run(_ output: Output) async throws {
      let work = try await statement.vaultWork(on: ledger)
      let erased = try await work.erase(
        VaultItem(request: request, delivery: delivery), for: reason, in: vault)
      guard let recorded = erased.recorded else {
        return try output.result(
          [
            "erased": true, "entry": .number(erased.entry), "request": .text(request),
            "delivery": .number(delivery), "vault": JSON(erased.vault),
          ],
          text:
            localized(
              "entry \(erased.entry) had recorded the erasure; salt and data are destroyed now, nothing was recorded again"
            )
        )
      }
      var text = SharingReceiptText(recorded, "erase", ledger)
      text.add("delivery", localized("\(delivery) of \(request)"), "delivery", .number(delivery))
      text.field("request", .text(request))
      if let vault = erased.vault, let folder = erased.folder {
        text.add(
          "vault", localized("\(folder): salt and data are overwritten and removed"), "vault", .text(vault))
        text.say(
          "note",
          localized(
            "backups, snapshots, an SSD's spare blocks and copies outside of the vault are beyond this program's reach"
          )
        )
      } else {
        text.say("note", localized("nothing was destroyed here: by this record you say that it has been"))
      }
      text.field("erased", .bool(erased.vault != nil))
      try text.print(to: output)
    }
  }
}
