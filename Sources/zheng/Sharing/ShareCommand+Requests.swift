import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share request`.
  struct Request: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Request data 共享申请 (the demander).",
      discussion: """
        It names the data items, the purpose, the legal ground and the work that needs them. A purpose may have \
        levels, separated by /; a grant for one covers those below it.

          zheng share request ledger R-2026-017 --entry BIRTHS --item 出生日期 --purpose 入学核验/2026 \
        --basis 义务教育法第十一条 --scenario 小学新生登记 --handler 基础教育科 --until 2026-12-31 --key education.pem

        Without a number the request gets the member's next free one, such as education-R-2026-0001, and prints it.

        The reply is due within the roster's number of working days (reply-days-unconditional, \
        reply-days-conditional), counted from the next day by the calendar in force.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(
      help:
        "The request's number, new on this ledger. Default: the next free one, MEMBER-R-YEAR-0001.")
    var request: String?
    @Option(help: "The catalogue entry that is requested.") var entry: String
    @Option(help: "The entry's version. Default: the one in force.") var version: UInt64?
    @Option(help: "A data item that is needed; may be repeated.") var item: [String]
    @Option(help: "What the data are needed for; separate levels with /.") var purpose: String
    @Option(help: "The law or duty that requires the data.") var basis: String?
    @Option(help: "The work in which the data are used 使用场景.") var scenario: String
    @Option(help: "How the data should be handed over. Default: as the entry says.") var method: String?
    @Option(help: "When the need begins: \(Moment.help).") var from: Moment?
    @Option(help: "When the need ends: \(Moment.help); a day is included.") var until: Moment?
    @Option(help: "The office that handles the request 经办处室, not a person.") var handler: String
    @Option(help: "The version of the calendar that must be in force. Default: any.")
    var calendar: String?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let items = try DataItems.named(item, by: "--item")
      try ledger.require()
      let signer = try statement.signer
      let opened = try await statement.opened(ledger)
      func record(_ request: String) async throws -> Recorded {
        try await opened.record(sharingAs: signer, at: CommandContext.now) { state, _ in
          // Without such an entry the rules say so.
          let inForce = try await state.entry(entry)?.catalogue
          let offset = try await state.ledger.utcOffset()
          return SharingRequest(
            request: request, entry: entry, version: version ?? inForce?.version ?? 1, items: items,
            purpose: purpose, basis: basis, scenario: scenario, method: method ?? inForce?.method ?? "文件",
            from: from?.first(offset), until: until?.end(offset), handler: handler, calendar: calendar)
        }.recorded
      }
      let (request, recorded): (String, Recorded)
      if let given = self.request {
        (request, recorded) = (given, try await record(given))
      } else {
        let series = try await opened.numbers(.request, of: signer, at: CommandContext.now)
        (request, recorded) = try await opened.numbered(series, record)
      }
      var text = SharingReceiptText(recorded, "request", ledger)
      try await text.addRequest(request)
      text.then(
        localized("the provider answers:"),
        text.command("grant", request) + localized(" --key PROVIDER.pem\nor ")
          + text.command("refuse", request) + " --reason … --key PROVIDER.pem")
      try text.print(to: output)
    }
  }

  /// `zheng share grant`.
  struct Grant: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Grant a request, whole or in part (the provider).",
      discussion: """
        Without further options everything requested is granted. Items, purpose and time may be reduced, never \
        extended. A late grant is valid, and marked late.

          zheng share grant ledger R-2026-017 --key health.pem
          zheng share grant ledger R-2026-017 --item 出生日期 --until 2026-12-31 --limit 3 --key health.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "An item that may be delivered; may be repeated. Default: those requested.")
    var item: [String] = []
    @Option(help: "The purpose: the one requested or one below it. Default: as requested.") var purpose:
      String?
    @Option(help: "When the grant begins: \(Moment.help). Default: as requested, or now.")
    var from: Moment?
    @Option(help: "When the grant ends: \(Moment.help); a day is included. Default: as requested.")
    var until: Moment?
    @Option(help: "The most deliveries. Default: no limit.") var limit: UInt64?
    @Option(help: "The conditions that the demander must observe.") var conditions: String?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let items = try item.isEmpty ? nil : DataItems.named(item, by: "--item")
      let (recorded, _) = try await statement.record(sharing: ledger) { state, _ in
        let asked = try await state.knownRequest(request)
        let offset = try await state.ledger.utcOffset()
        guard let end = until?.end(offset) ?? asked.until.map({ $0 / 1000 }) else {
          throw CommandError.usage(
            localized("--until is missing: the request names no end, so the grant has to"))
        }
        return SharingGrant(
          request: request, items: items ?? asked.items, purpose: purpose ?? asked.purpose,
          from: from?.first(offset) ?? (asked.from ?? CommandContext.now) / 1000, until: end, limit: limit,
          conditions: conditions)
      }
      var text = SharingReceiptText(recorded, "grant", ledger)
      try await text.addRequest(request)
      text.then(
        localized("the provider delivers:"),
        text.command("deliver", request)
          + " --file DATA --records N --vault VAULT --out DIR --key PROVIDER.pem")
      try text.print(to: output)
    }
  }

  /// `zheng share refuse`.
  struct Refuse: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a request, with the reason (the provider).",
      discussion: """
        Unconditionally shared data can be refused only under a law, given with --basis.

          zheng share refuse ledger R-2026-018 --reason 超出履职需要 --key health.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "Why; a refusal without a reason is itself refused.") var reason: String?
    @Option(help: "The law that it rests on.") var basis: String?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let (recorded, _) = try await statement.record(sharing: ledger) { _, _ in
        SharingRefuse(request: request, reason: reason, basis: basis)
      }
      var text = SharingReceiptText(recorded, "refuse", ledger)
      try await text.addRequest(request)
      try text.print(to: output)
    }
  }

  /// `zheng share revoke`.
  struct Revoke: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a grant early (the provider or the authority).",
      discussion: """
        Nothing more can be delivered or used under the grant, from its record on or from --effective on, which \
        can't be in the past. What was delivered stays until it is erased; a delivery already overdue stays overdue.

          zheng share revoke ledger R-2026-017 --basis 主管部门第5号决定 --key authority.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @Option(help: "The law or decision that it rests on; without one it is refused.") var basis: String?
    @Option(help: "When it takes effect: \(Moment.help). Default: at once.") var effective: Moment?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let (recorded, _) = try await statement.record(sharing: ledger) { state, _ in
        let time = try await state.time()
        let from = try effective.flatMap { try start($0, CommandContext.now, time) }
        return SharingRevoke(request: request, basis: basis, effective: from)
      }
      var text = SharingReceiptText(recorded, "revoke", ledger)
      try await text.addRequest(request)
      text.then(
        localized("both sides destroy what was delivered when they need it no more:"),
        text.command("erase", request) + " --delivery N --reason … --vault VAULT --key KEY.pem")
      try text.print(to: output)
    }

    /// The s from which it takes effect; nil for at once, as on a day that has begun.
    private func start(_ moment: Moment, _ now: UInt64, _ time: SharingTime) throws -> UInt64? {
      let range = moment.range(time.offset)
      guard range.upperBound >= now else {
        throw CommandError.usage(
          localized(
            "--effective \(time.text(range.lowerBound)) is over; nothing is revoked for the past. Leave it out to revoke at once"
          )
        )
      }
      return range.lowerBound > now ? moment.first(time.offset) : nil
    }
  }
}

extension SharingReceiptText {
  /// Adds how the request stands now.
  mutating func addRequest(_ id: String) async throws {
    guard let state = await state(), let request = try await state.request(id) else {
      add(
        "request", localized("\(id); `zheng share history` shows it once the index has it"), "request",
        .text(id))
      return
    }
    let calendars = try await state.calendars()
    for (label, text) in request.rows(calendars) { say(label, text) }
    field("request", request.json(calendars, at: CommandContext.now))
  }
}
