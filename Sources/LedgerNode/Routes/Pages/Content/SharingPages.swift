import Certificates
import Hummingbird
import Ledger
import Scenarios
import Statements
import Workflows

/// *共享*: who owes what to whom and by when, a request's path, the report with its charts, and the catalogue.
extension Page {
  static let board = PageRoute(
    "sharing", label: "nav.board", "Who owes what to whom, and by when, for people", shows: .records
  ) { page in .content(try await page.boardPage()) }

  static let request = PageRoute(
    "request", of: "sharing", "A request of data sharing: how it stands, and its path, for people",
    shows: .records,
    [QueryParameter("id", .text(most: 400), "the request")]
  ) { page in
    guard let id = page.query.text("id") else { return .content(try page.nothing()) }
    guard try await page.ledger.value(RequestRecord.key(id)) != nil else {
      return .content(try page.neverRecorded(id, "request"))
    }
    return .content(try await page.requestPage(id))
  }

  static let catalogue = PageRoute(
    "catalogue", of: "sharing", "The catalogue in force, for people", shows: .records
  ) { page in .content(try await page.cataloguePage()) }

  private var sharing: SharingState { SharingState(ledger) }

  /// The pages of data sharing.
  func sharingLinks(_ here: String) throws -> HTML {
    var html: HTML = "<p class=\"chips on-screen\">"
    for (path, label) in [
      ("sharing", "board.title"), ("report", "report.title"), ("catalogue", "catalogue.title"),
    ] {
      html +=
        try path == here
        ? "<span class=\"chip none\" aria-current=\"page\">\(text(label))</span>"
        : "<a class=\"chip none\" href=\"\(address(path))\">\(text(label))</a>"
    }
    return html + "</p>"
  }

  private func boardPage() async throws -> PageContent {
    let open = try await sharing.openMatters(at: now)
    let calendars = try await sharing.calendars()
    let rows = try open.lines.map { line in
      let left = line.workingDaysLeft
      let style = line.isOverdue ? "late" : left.map { $0 <= 2 } ?? false ? "soon" : ""
      var due: HTML =
        try line.due.map { "\(day(civil($0 == 0 ? 0 : $0 - 1)))" } ?? text("board.no-limit")
      if line.isOverdue { due = try "<b class=\"b\">✕ \(text("board.overdue"))</b> \(due)" }
      if !line.silentYears.isEmpty {
        due += try
          "<span class=\"other\">\(text("board.silent", ["years": "\(line.silentYears.map(String.init).joined(separator: ", "))"]))</span>"
      }
      var who = try member(line.by)
      if open.left.contains(line.by) { who += try " <span class=\"w\">△ \(text("members.left"))</span>" }
      return (
        style: style,
        cells: [
          due, who, try owed(line),
          try line.subject == line.entry ? shown(line.subject) : request(line.subject),
          try member(line.to),
          try left.map { "\(String($0).replacing("-", with: "−"))" } ?? text("board.no-limit"),
        ]
      )
    }
    let calendar: HTML =
      try calendars.newest.map {
        try text("board.by-calendar", ["version": shown($0), "day": "\(day(civil(now)))", "clock": clock()])
      }
      ?? text("board.no-calendar", ["day": "\(day(civil(now)))", "clock": clock()])
    let overdue = open.lines.count { $0.isOverdue }
    return PageContent(
      title: try text("board.title"),
      body: try """
      <h1>\(both("board.title"))</h1>\(sharingLinks("sharing"))
      <p class="lead">\(calendar)</p>
      <p class="chips">\(chip(overdue == 0 ? .good : .bad, try text("board.overdue-count", ["count": "\(overdue)"])))\(chip(.none, try text("board.open-count", ["count": "\(open.lines.count)"])))</p>
      \(rows.isEmpty ? "<p>\(text("board.empty"))</p>" : table(text("board.title"), [text("board.due"), text("board.who"), text("board.owes"), text("board.about"), text("board.to"), text("board.days")], rows))
      <p class="soft">\(text("board.by-rules", ["block": block(newest.height)]))</p>
      <h2>\(both("board.requests"))</h2>\(try await requests())
      """)
  }

  func owed(_ line: SharingBoardLine) throws -> HTML {
    switch line.owed {
    case .reply: try text("owed.reply")
    case .delivery: try text("owed.delivery")
    case .receipt(let number): try text("owed.receipt", ["number": "\(number)"])
    case .answer: try text("owed.answer")
    }
  }

  private func requests() async throws -> HTML {
    let rows = try await sharing.requests(RequestQuery()).suffix(200).reversed().map { record in
      (
        style: "",
        cells: [
          try request(record.request), try chip(of: record), try shown(record.entry),
          try member(record.demander),
          try member(record.provider), try time(record.requested),
        ]
      )
    }
    guard !rows.isEmpty else { return try "<p>\(text("board.no-requests"))</p>" }
    return try table(
      text("board.requests"),
      [
        text("field.request"), text("item.state"), text("field.entry"), text("request.demander"),
        text("request.provider"),
        text("request.made"),
      ], rows)
  }

  /// The state of a request, in its colour.
  private func chip(of record: RequestRecord) throws -> HTML {
    let tone: Tone =
      switch record.state {
      case .submitted: .warn
      case .granted: .good
      case .refused, .revoked: .none
      }
    return chip(tone, try text("request.\(record.state.rawValue)"))
  }

  private func requestPage(_ id: String) async throws -> PageContent {
    let history = try await RequestHistory(of: id, in: sharing)
    let record = history.request
    let limit = record.replyLimit(history.calendars)
    func field(_ name: String, _ spelled: String, _ value: HTML) -> HTML {
      "<data data-field=\"\(name)\" value=\"\(spelled)\">\(value)</data>"
    }
    var chips = try chip(of: record)
    let isLate = record.isLate ?? (now >= limit.due)
    if isLate { chips += try chip(.bad, text(record.replied == nil ? "board.overdue" : "request.late")) }
    if record.mismatches > 0 { chips += try chip(.bad, text("request.mismatch")) }
    var rows: [(name: HTML, value: HTML)] = [
      (try text("request.demander"), field("demander", record.demander, try member(record.demander))),
      (try text("request.provider"), field("provider", record.provider, try member(record.provider))),
      (
        try text("field.entry"),
        try
          "\(field("entry", record.entry, shown(record.entry))) · \(text("request.version", ["number": "\(record.version)"])) · \(text("value.\(record.attribute.rawValue)"))"
      ),
      (try text("field.items"), try joined(record.items.names.map { try shown($0) })),
      (try text("member.purpose"), field("purpose", record.purpose, try shown(record.purpose))),
      (try text("request.made"), try time(record.requested)),
      (try text("request.reply-due"), "\(day(limit.lastDay))"),
      (try text("request.replied"), try record.replied.map { try time($0) } ?? text("request.not-yet")),
      (try text("request.deliveries"), number(record.deliveries)),
    ]
    if let due = record.deliveryDue {
      rows.append((try text("request.delivery-due"), "\(day(civil(due == 0 ? 0 : due - 1)))"))
    }
    let events = try history.events.map { try event($0) }.reduce(into: HTML(trusted: "")) { $0 += $1 }
    return PageContent(
      title: try shown(id),
      body: try """
      <p class="above">\(text("find.request"))</p><h1>\(shown(id))</h1><p class="chips">\(chips)</p>
      <section class="card">\(facts(rows))</section>
      <h2>\(both("request.path"))</h2><ol class="line">\(events)</ol>
      \(proof("records", "proof?request=\(PercentEncoding.encode(id))"))
      """)
  }

  private func event(_ event: RequestHistory.Event) throws -> HTML {
    let statement = try SignedStatement(decoding: ledger.reader.entry(event.index) ?? [])
    let isMismatch = event.mark == "MISMATCH"
    var what: HTML = try
      "<p class=\"act\"><b>\(text("kind.sharing.\(event.kind.rawValue)"))</b> · \(member(event.issuer))</p>"
    if !event.mark.isEmpty { what += try "<p class=\"b\">✕ \(text("mark.\(event.mark)"))</p>" }
    let said = try payloadFacts(statement.payload, type: statement.contentType, but: ["request"]) ?? []
    if !said.isEmpty { what += try facts(said) }
    what += try
      "<p class=\"soft\">\(text("request.day", ["count": "\(event.days)"])) · \(record(event.index))</p>"
    let style = isMismatch ? "wrong" : event.kind == .deliver || event.kind == .grant ? "move" : "act"
    return try """
    <li class="\(style)" data-entry="\(event.index)" data-id="\(event.id.hex)"><div class="when">\(time(event.time))</div><span class="dot"></span><div class="what">\(what)</div></li>
    """
  }

  private func cataloguePage() async throws -> PageContent {
    let rows = try await sharing.entries(of: nil).map { entry in
      let catalogue = entry.record.catalogue
      var provider = try member(entry.record.provider)
      if !entry.isProviderInForce { provider += try " <span class=\"w\">△ \(text("members.left"))</span>" }
      return (
        style: "",
        cells: [
          try shown(catalogue.entry), try shown(catalogue.name), provider,
          try text("value.\(catalogue.attribute.rawValue)"),
          try joined(catalogue.items.names.map { try shown($0) }), number(catalogue.version),
        ]
      )
    }
    return PageContent(
      title: try text("catalogue.title"),
      body: try """
      <h1>\(both("catalogue.title"))</h1>\(sharingLinks("catalogue"))
      \(rows.isEmpty ? "<p>\(text("catalogue.empty"))</p>" : table(text("catalogue.title"), [text("field.entry"), text("field.name"), text("request.provider"), text("field.attribute"), text("field.items"), text("field.version")], rows))
      <p class="soft">\(text("list.by-word"))</p>
      """)
  }
}
