import Certificates
import Hummingbird
import Ledger
import Scenarios
import Workflows

/// *统计报告*: who asked, who answered, how long it took and what was late, with charts, and as CSV.
extension Page {
  private static let period = [
    QueryParameter("from", .text(most: 10), "requests made from this day on, YYYY-MM-DD"),
    QueryParameter("to", .text(most: 10), "requests made until this day"),
  ]

  static let report = PageRoute(
    "report", of: "sharing", "Requests, replies and deliveries by bureau, with charts, for people",
    shows: .records,
    period
  ) { page in .content(try await page.reportPage()) }

  static let reportTable = PageRoute(
    "report.csv", of: "sharing", "The same as comma-separated values", shows: .records,
    period + [QueryParameter("per", .word(["request", "bureau"]), "what a line is about; request otherwise")]
  ) { page in
    let report = try await page.sharingReport()
    let table =
      page.query.text("per") == "bureau"
      ? report.bureausCSV : report.requestsCSV(SharingTime(page.state.roster.terms.parameters.utcOffset))
    return .answer(Answer(.ok, "text/csv; charset=utf-8", .none, table.bytes))
  }

  /// The first and the last day that are asked for.
  private var days: (from: CivilDate?, to: CivilDate?) {
    get throws {
      func day(_ name: String) throws -> CivilDate? {
        guard let text = query.text(name) else { return nil }
        guard let date = CivilDate(text) else { throw Query.wrong("\(name) is not a day such as 2026-11-28") }
        return date
      }
      return (try day("from"), try day("to"))
    }
  }

  private func sharingReport() async throws -> SharingReport {
    let (from, to) = try days
    let clocks = state.roster.terms.parameters.utcOffset
    let state = SharingState(ledger)
    return SharingReport(
      of: try await state.requests(RequestQuery()), from: from?.start(clocks) ?? 0,
      to: to?.end(clocks) ?? .max, at: now,
      calendars: try await state.calendars())
  }

  private func reportPage() async throws -> PageContent {
    let (from, to) = try days
    let report = try await sharingReport()
    let today = day(civil(now))
    let lead: HTML =
      if from == nil, to == nil { try text("report.all", ["day": "\(today)"]) } else {
        try text(
          "report.lead",
          [
            "from": "\(day(from ?? civil(report.lines.first?.record.requested ?? now)))",
            "to": "\(day(to ?? civil(now)))", "day": "\(today)",
          ])
      }
    let asked = [("from", from), ("to", to)].compactMap { name, day in day.map { (name, $0.description) } }
    var body: HTML = try """
    <h1>\(both("report.title"))</h1>\(sharingLinks("report"))<p class="lead">\(lead)</p>
    <form class="number" action="report" method="get"><label for="from">\(text("report.from"))</label>
    <input id="from" name="from" type="date" required value="\(from?.description ?? "")"><label for="to">\(text("report.to"))</label>
    <input id="to" name="to" type="date" required value="\(to?.description ?? "")">\(keptLanguage)
    <button class="plain">\(text("report.go"))</button></form>
    """
    guard !report.lines.isEmpty else {
      return PageContent(title: try text("report.title"), body: body + (try "<p>\(text("report.none"))</p>"))
    }
    let answering = report.bureaus.filter { $0.received > 0 }
    body += try """
    <div class="two"><section class="card"><h2>\(text("report.replies"))</h2>\(replies(answering))</section>
    <section class="card"><h2>\(text("report.days"))</h2>\(replyDays(answering))</section></div>
    <h2>\(both("report.bureau"))</h2>\(table(of: report.bureaus))
    <p class="on-screen">\(text("report.csv", [
        "requests": "<a href=\"\(address("report.csv", asked))\" download=\"requests.csv\">\(text("report.by-request"))</a>",
        "bureaus": "<a href=\"\(address("report.csv", asked + [("per", "bureau")]))\" download=\"bureaus.csv\">\(text("report.by-bureau"))</a>",
      ]))</p>
    <p class="soft">\(text("board.by-rules", ["block": block(newest.height)]))</p>
    """
    return PageContent(title: try text("report.title"), body: body)
  }

  private func table(of bureaus: [SharingReport.Bureau]) throws -> HTML {
    try table(
      text("report.title"),
      [
        text("report.bureau"), text("report.asked"), text("report.received"), text("report.granted"),
        text("report.refused"), text("report.late"), text("report.mean"), text("report.longest"),
        text("report.deliveries"), text("report.mismatches"),
      ],
      bureaus.map { bureau in
        (
          style: bureau.overdueReplies > 0 ? "late" : "",
          cells: [
            try member(bureau.id), "\(bureau.asked)", "\(bureau.received)", "\(bureau.granted)",
            "\(bureau.refused)",
            "\(bureau.lateReplies + bureau.overdueReplies)",
            try bureau.meanDays.map { "\($0)" } ?? text("report.no-mean"),
            try bureau.meanDays == nil ? text("report.no-mean") : "\(bureau.longestReply)",
            number(bureau.deliveries),
            number(bureau.mismatches),
          ]
        )
      })
  }

  // MARK: Charts

  /// A bar of a chart: what it is of, and its parts, each with its colour and the sign that stands for that colour.
  private struct Bar {
    let name: String
    let parts: [(value: Double, colour: String)]
    let figures: String
  }

  private func name(_ id: String) -> String {
    let name = state.roster.member(id)?.name
    return Printable.text((language == .zh ? name?.zh ?? name?.en : name?.en ?? name?.zh) ?? id)
  }

  private func replies(_ bureaus: [SharingReport.Bureau]) throws -> HTML {
    let bars = bureaus.map { bureau in
      let late = bureau.lateReplies + bureau.overdueReplies
      let good = bureau.granted + bureau.refused - bureau.lateReplies
      let waiting = bureau.open - bureau.overdueReplies
      return Bar(
        name: name(bureau.id),
        parts: [(Double(good), "#22614a"), (Double(late), "#a3161b"), (Double(waiting), "#b9b3a5")],
        figures: "✓ \(good)  ✕ \(late)  ○ \(waiting)")
    }
    return try
      "\(chart(bars, text("report.replies-drawn")))<p class=\"soft\"><span class=\"g\">✓ \(text("report.in-time"))</span> · <span class=\"b\">✕ \(text("report.late"))</span> · ○ \(text("report.waiting"))</p>"
  }

  private func replyDays(_ bureaus: [SharingReport.Bureau]) throws -> HTML {
    let bars = bureaus.filter { $0.granted + $0.refused > 0 }.map { bureau in
      Bar(
        name: name(bureau.id),
        parts: [(Double(bureau.replyDays) / Double(bureau.granted + bureau.refused), "#5d5a54")],
        figures: bureau.meanDays ?? "0")
    }
    return bars.isEmpty ? try "<p>\(text("none"))</p>" : try chart(bars, text("report.days-drawn"))
  }

  private func chart(_ bars: [Bar], _ label: HTML) throws -> HTML {
    let most = max(1, bars.map { $0.parts.reduce(0) { $0 + $1.value } }.max() ?? 1)
    let height = bars.count * 58
    var html: HTML =
      "<svg viewBox=\"0 0 480 \(height)\" width=\"480\" height=\"\(height)\" role=\"img\" aria-label=\"\(label)\">"
    for (number, bar) in bars.enumerated() {
      let y = number * 58
      html += "<text x=\"0\" y=\"\(y + 18)\" font-size=\"15\">\(bar.name)</text>"
      html += "<text x=\"480\" y=\"\(y + 18)\" font-size=\"14\" text-anchor=\"end\">\(bar.figures)</text>"
      var x = 0
      for part in bar.parts where part.value > 0 {
        let width = max(2, Int(480 * part.value / most))
        html += "<rect x=\"\(x)\" y=\"\(y + 26)\" width=\"\(width)\" height=\"16\" fill=\"\(part.colour)\"/>"
        x += width
      }
      if x == 0 { html += "<rect x=\"0\" y=\"\(y + 26)\" width=\"2\" height=\"16\" fill=\"#b9b3a5\"/>" }
    }
    return html + "</svg>"
  }
}
