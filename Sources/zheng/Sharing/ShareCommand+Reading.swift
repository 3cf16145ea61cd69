import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share board`.
  struct Board: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Show what is due, from whom, to whom and by when; overdue requests are marked.",
      discussion: """
        Replies, first deliveries and answers to objections have a last working day; DAYS counts the working days \
        left after today, negative once it has passed. Receipts are shown too, without a limit.

          zheng share board ledger
          zheng share board ledger --bureau health
          zheng share board ledger --at 2026-10-12

        A granted request owes a delivery even after the grant has expired or been revoked, and again after a \
        mismatch. A limit that reaches into a year without a calendar is marked; it is counted again once a calendar \
        is recorded.

        --at a later time shows what will be overdue by then if nothing is done. --at an earlier time shows what was \
        known then, by judging the records up to it again; a node's ledger is copied to this machine first.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "Only what this bureau owes or waits for.") var bureau: String?
    @Option(help: "As of another time: \(Moment.help).") var at: Moment?
    @Flag(help: "Only what is overdue.") var overdue = false
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let opened = try await ledger.opened()
      let time = SharingTime(try await opened.utcOffset())
      let at = at?.range(time.offset).upperBound
      let now = at ?? CommandContext.now
      let state = try await SharingState(opened, at: at)
      try await state.noteUnknown(bureau)
      let open = try await state.openMatters(at: now, of: bureau, overdue: overdue)
      for line in open.lines where output.isJSON {
        try output.result(line.json.adding(["byInForce": .bool(!open.left.contains(line.by))]), text: "")
      }
      try output.say(text(open.lines, open.left, now, time))
    }

    private func text(
      _ lines: [SharingBoardLine], _ left: Set<String>, _ now: UInt64, _ time: SharingTime
    ) -> String {
      guard !lines.isEmpty else { return localized("nothing is open, as of \(time.day(now))") }
      var table = TextTable(["", "DUE", "DAYS", "WHO", "OWES", "TO", "ABOUT", "ENTRY", "SINCE"])
      for line in lines {
        table.add([
          line.isOverdue ? localized("OVERDUE") : "", line.lastDay?.description ?? "-",
          line.workingDaysLeft.map(String.init) ?? "-", line.by, line.owed.text, line.to, line.subject,
          line.entry,
          time.day(line.since),
        ])
        let notes = [
          left.contains(line.by) ? localized("\(line.by) is no member in force any more") : nil,
          line.grantText,
          SharingTime.silence(line.silentYears, line.calendar).map(retold),
        ].compactMap { $0 }
        if !notes.isEmpty { table.add(line: "       \(notes.joined(separator: "; "))") }
      }
      var bureaus: [String: (open: Int, overdue: Int)] = [:]
      for line in lines {
        bureaus[line.by, default: (0, 0)].open += 1
        if line.isOverdue { bureaus[line.by, default: (0, 0)].overdue += 1 }
      }
      var sums = TextTable(["BUREAU", "OPEN", "OVERDUE"])
      for (bureau, sum) in bureaus.sorted(by: { $0.key < $1.key }) {
        sums.add([bureau, String(sum.open), String(sum.overdue)])
      }
      return
        localized(
          "\(table.text)\n\n\(sums.text)\n\nas of \(time.text(now)); a limit ends at 24:00 (\(time.offset)) of its day"
        )
    }
  }

  /// `zheng share report`.
  struct Report: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Report requests per bureau: who asked, who answered, how many working days it took, and what was late.",
      discussion: """
        Covers the requests made from --from through --to. Days are working days from the day after the request to \
        the day of the reply, by the calendar that the limit was counted by. --at an earlier time reports what was \
        known then.

          zheng share report ledger --from 2026-01-01 --to 2026-12-31
          zheng share report ledger --from 2026-07-01 --csv > requests.csv
          zheng share report ledger --csv --per bureau > bureaus.csv

        CSV is RFC 4180 in UTF-8 with a byte order mark, because Excel on a Chinese Windows otherwise reads it as \
        GBK. A cell that a spreadsheet would take for a formula, or that begins with a full-width ＝, ＋, － or ＠, has \
        ' before it.
        """)

    /// What a line of CSV is about.
    enum Unit: String, ExpressibleByArgument, CaseIterable { case request, bureau }

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "Requests made from then on: \(Moment.help).") var from: Moment?
    @Option(help: "Requests made until then: \(Moment.help); a day is included.") var to: Moment?
    @Option(help: "As of a time other than now: \(Moment.help).") var at: Moment?
    @Option(help: "Only requests by or to this bureau.") var bureau: String?
    @Flag(help: "Print comma-separated values.") var csv = false
    @Option(help: "What each CSV line is about: request or bureau.") var per = Unit.request
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if csv, options.json { throw ValidationError(localized("give --csv or --json, not both")) }
    }

    func run(_ output: Output) async throws {
      let opened = try await ledger.opened()
      let time = SharingTime(try await opened.utcOffset())
      let (from, to, at) = (from?.range(time.offset), to?.range(time.offset), at?.range(time.offset))
      if let from, let to, from.lowerBound > to.upperBound {
        throw CommandError.usage(localized("--from lies after --to"))
      }
      let state = try await SharingState(opened, at: at?.upperBound)
      try await state.noteUnknown(bureau)
      var query = RequestQuery()
      query.bureau = bureau
      let requests = try await state.requests(query)
      let (now, calendars) = (at?.upperBound ?? CommandContext.now, try await state.calendars())
      let report = SharingReport(
        of: requests, from: from?.lowerBound ?? 0, to: to.map { $0.upperBound + 1 } ?? UInt64.max,
        at: now, calendars: calendars)
      let shown = ShownReport(report: report, time: time)
      if csv { return try output.raw((per == .request ? report.requestsCSV(time) : report.bureausCSV).bytes) }
      try output.result(
        report.json(from: from?.lowerBound, to: to?.upperBound, at: now, calendars),
        text: shown.text)
    }
  }

  /// `zheng share requests`.
  struct Requests: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "List requests, or search for them.",
      discussion: """
        All conditions must hold. --request and --purpose match a part of the number and the purpose.

          zheng share requests ledger
          zheng share requests ledger --bureau education --state granted
          zheng share requests ledger --purpose 入学 --since 2026-07-01 --until 2026-09-30
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "Only requests by or to this bureau.") var bureau: String?
    @Option(help: "Only requests whose number contains this.") var request: String?
    @Option(help: "Only requests whose purpose contains this.") var purpose: String?
    @Option(help: "Only requests for this entry.") var entry: String?
    @Option(help: "Only requests in this state: submitted, granted, refused or revoked.") var state:
      RequestRecord.State?
    @Option(help: "Only requests made from then on: \(Moment.help).") var since: Moment?
    @Option(help: "Only requests made until then: \(Moment.help); a day is included.")
    var until: Moment?
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let known = try await SharingState(ledger.opened())
      try await known.noteUnknown(bureau)
      let calendars = try await known.calendars()
      var query = RequestQuery()
      (query.bureau, query.request, query.purpose, query.entry) = (bureau, request, purpose, entry)
      let time = calendars.time
      query.state = state
      query.since = since?.range(time.offset).lowerBound
      query.until = until?.range(time.offset).upperBound
      let found = try await known.requests(query)
      var table = TextTable([
        "REQUEST", "MADE", "OF", "TO", "ENTRY", "STATE", "DUE", "REPLY", "DELIVERIES", "PURPOSE",
      ])
      for request in found {
        if output.isJSON { try output.result(request.json(calendars, at: CommandContext.now), text: "") }
        table.add([
          request.request, time.day(request.requested), request.demander, request.provider,
          request.entry,
          named("request", request.state.rawValue), request.replyLimit(calendars).lastDay.description,
          request.replied.map { time.day($0) + (request.isLate == true ? localized(" LATE") : "") } ?? "-",
          String(request.deliveries), request.purpose,
        ])
      }
      if found.isEmpty { return Diagnostics.note(localized("no request matches")) }
      try output.say(table.text)
    }
  }

  /// `zheng share entries`.
  struct Entries: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the catalogue, or entries awaiting the authority's countersignature.",
      discussion: """
          zheng share entries ledger
          zheng share entries ledger --item 出生日期
          zheng share entries ledger --waiting
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "Only entries of this bureau.") var bureau: String?
    @Option(help: "Only entries that hold this data item.") var item: String?
    @Flag(help: "Offered entries that are waiting, with the ids to countersign.") var waiting = false
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let state = try await SharingState(ledger.opened())
      try await state.noteUnknown(bureau)
      try await waiting ? offers(state, output) : entries(state, output)
    }

    private func entries(_ state: SharingState, _ output: Output) async throws {
      var table = TextTable([
        "ENTRY", "VERSION", "BUREAU", "ATTRIBUTE", "NAME", "ITEMS", "LEADS IN", "OBJECTIONS", "",
      ])
      for (entry, isInForce) in try await state.entries(of: bureau, holding: item) {
        let catalogue = entry.catalogue
        if output.isJSON {
          try output.result(
            catalogue.json.adding([
              "state": .text(entry.state.rawValue), "provider": .text(entry.provider),
              "authority": .text(entry.authority), "since": .text(entry.since.asTimestamp),
              "statement": .text(entry.statement.hex), "objections": .number(entry.objections),
              "openObjections": .number(entry.openObjections), "providerInForce": .bool(isInForce),
            ]), text: "")
        }
        table.add([
          catalogue.entry, String(catalogue.version), entry.provider,
          named("value", catalogue.attribute.rawValue),
          catalogue.name,
          catalogue.items.list, catalogue.lead?.list ?? "-",
          entry.objections == 0 ? "-" : localized("\(entry.objections), \(entry.openObjections) open"),
          isInForce ? "" : localized("BUREAU LEFT: takes no new requests"),
        ])
      }
      if table.isEmpty {
        return Diagnostics.note(
          localized("no entry in force matches; --waiting shows what awaits a countersignature"))
      }
      try output.say(table.text)
    }

    private func offers(_ state: SharingState, _ output: Output) async throws {
      let offers = try await state.waitingOffers(of: bureau, holding: item)
      let time = try await state.time()
      for (offer, catalogue) in offers {
        let command =
          "zheng share countersign \(ShellText.path(ledger.path)) \(offer.statement) --key AUTHORITY.pem"
        try output.result(
          catalogue.json.adding([
            "state": "waiting", "provider": .text(offer.provider),
            "offered": .text(offer.offered.asTimestamp),
            "statement": .text(offer.statement.hex),
          ]),
          text: labelled(
            [
              ("entry", localized("\(catalogue.entry), version \(catalogue.version), of \(offer.provider)")),
              ("offered", time.text(offer.offered)), ("name", catalogue.name),
              ("items", catalogue.items.list), ("leads in", catalogue.lead?.list ?? "-"),
              ("attribute", named("value", catalogue.attribute.rawValue)),
              ("conditions", catalogue.conditions ?? "-"),
              ("basis", catalogue.basis ?? "-"),
              (
                "data",
                localized(
                  "grade \(catalogue.grade), \(catalogue.format), \(catalogue.frequency), \(catalogue.method)"
                )
              ),
            ].map { ($0, Printable.text($1, keepingNewlines: true)) } + [("next", command + "\n")]))
      }
      if offers.isEmpty { Diagnostics.note(localized("nothing waits for a countersignature")) }
    }
  }

  /// `zheng share objections`.
  struct Objections: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "List objections 校核 and their answers.",
      discussion: """
          zheng share objections ledger --open
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "Only objections by or to this bureau.") var bureau: String?
    @Flag(help: "Only unanswered ones.") var open = false
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let state = try await SharingState(ledger.opened())
      try await state.noteUnknown(bureau)
      var table = TextTable(["STATE", "ABOUT", "FAULT", "OF", "TO", "MADE", "DUE", "ANSWERED", "ID"])
      let calendars = try await state.calendars()
      for objection in try await state.objections(of: bureau, open: open) {
        if output.isJSON { try output.result(objection.json(calendars), text: "") }
        table.add([
          objection.outcome.map { named("value", $0.rawValue) }
            ?? named("objection", objection.state.rawValue), objection.targetText,
          named("value", objection.fault.rawValue),
          objection.demander, objection.provider, calendars.time.day(objection.opened),
          objection.limit(calendars).lastDay.description,
          objection.answered.map {
            calendars.time.day($0) + (objection.isLate == true ? localized(" LATE") : "")
          }
            ?? "-",
          objection.objection.hex,
        ])
      }
      if table.isEmpty { return Diagnostics.note(localized("no objection matches")) }
      try output.say(table.text)
    }
  }
}

extension RequestRecord.State: ExpressibleByArgument {}

extension SharingState {
  /// Says so where nobody is called `bureau`.
  func noteUnknown(_ bureau: String?) async throws {
    guard let bureau, try await ledgerState().roster.member(bureau) == nil else { return }
    Diagnostics.note(
      localized("no member is called \(bureau); `zheng members \(ShellText.path(ledger.place))` shows them"))
  }
}

extension SharingBoardLine.Owed {
  /// What is owed, in a word or two.
  var text: String {
    switch self {
    case .reply: named("owed", "reply")
    case .delivery: named("owed", "delivery")
    case .receipt(let number): localized("receipt \(number)")
    case .answer: named("owed", "answer")
    }
  }
}

extension SharingBoardLine {
  /// What became of the grant under which a delivery is owed; nil where it holds.
  fileprivate var grantText: String? {
    switch grant {
    case .expired: localized("the grant has expired, and the delivery is owed still")
    case .revoked: localized("the grant was revoked, and the delivery is owed still")
    case .notYet: localized("the grant holds from later on")
    case .inForce, .none?, nil: nil
    }
  }
}
