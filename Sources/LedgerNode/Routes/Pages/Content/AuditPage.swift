import Certificates
import Ledger
import LedgerStore
import Workflows

/// *审计*: the whole ledger checked again from its entries up, with every fault at its place.
extension Page {
  static let audit = PageRoute(
    "audit", label: "nav.audit",
    "The last audit of the whole ledger, and how far the next has come, for people",
    shows: .records
  ) { page in .content(try page.auditPage()) }

  /// Whoever may read may ask for one: they share it.
  static let beginAudit = Route(
    "/audit", "Begins an audit of the whole ledger, or joins the one under way, for people", shows: .records,
    gives: [.bytes("text/plain", .seeOther)], query: [PageRoute.language], work: .beginAudit)

  private func auditPage() throws -> PageContent {
    let running = audits.running
    let begin: HTML =
      try running != nil
      ? "<button disabled>\(text("audit.under-way"))</button>"
      : now < audits.next
        ? "<button disabled>\(text("audit.begin"))</button> <span class=\"soft\">\(text("audit.next", ["time": time(audits.next, isShort: true)]))</span>"
        : "<button>\(text("audit.begin"))</button>"
    return PageContent(
      title: try text("audit.title"),
      body: try """
      <h1>\(both("audit.title"))</h1><p class="lead">\(both("audit.lead"))</p>
      <div data-audit="\(running == nil ? "rests" : "runs")">
      <form class="on-screen" method="post" action="\(address("audit"))">\(begin)</form>
      \(running.map { try progress($0) } ?? "")
      \(audits.last.map { try found($0) } ?? "<p>\(text("audit.none"))</p>")
      </div>
      <p class="soft">\(text("audit.by-word"))</p>
      """, refresh: running == nil ? nil : 2, isRefreshedByScript: true)
  }

  private func progress(_ running: NodeAudits.Running) throws -> HTML {
    let label = try text("audit.progress")
    guard let total = running.total, total > 0 else {
      return try
        "<p><progress aria-label=\"\(label)\"></progress> \(text("audit.began", ["time": time(running.began)]))</p>"
    }
    return try """
    <p><progress aria-label="\(label)" max="\(total)" value="\(running.done)"></progress> \(text("audit.done", ["done": number(running.done), "total": number(total)])) · \(text("audit.began", ["time": time(running.began)]))</p>
    """
  }

  /// What an audit has found.
  private func found(_ last: NodeAudits.Finished) throws -> HTML {
    let ended = try text(
      "audit.last",
      ["time": time(last.ended), "seconds": "\(seconds(last.ended - min(last.began, last.ended)))"])
    switch last.result {
    case .unreadable(let reason):
      return try """
      <div class="verdict bad" role="status"><b>✕ \(text("audit.unreadable-word"))</b><p>\(both("audit.unreadable"))</p></div>
      <p>\(ended)</p><p lang="en">\(shown(reason))</p>
      """
    case .report(let report):
      let verdict: HTML =
        try report.isGood
        ? "<div class=\"verdict good\" role=\"status\"><b>✓ \(text("audit.good-word"))</b><p>\(both("audit.good"))</p></div>"
        : "<div class=\"verdict bad\" role=\"status\"><b>✕ \(text("audit.bad-word", ["count": "\(report.faults.count)"]))</b><p>\(both("audit.bad"))</p></div>"
      return try """
      \(verdict)<p>\(ended)</p>
      \(when(!report.faults.isEmpty, try "<h2>\(both("audit.faults"))</h2>\(table(of: report.faults))"))
      <section class="card">\(facts(figures(report)))</section>
      \(notes(report.notes))
      """
    }
  }

  private func seconds(_ milliseconds: UInt64) -> String {
    "\(milliseconds / 1000).\(milliseconds % 1000 / 100)"
  }

  private func figures(_ report: LedgerAudit.Report) throws -> [(name: HTML, value: HTML)] {
    var rows: [(name: HTML, value: HTML)] = [
      (try text("audit.entries"), number(report.entries)),
      (try text("overview.records"), number(report.records)),
      (try text("overview.blocks"), number(report.blocks)), (try text("block.root"), hash(report.root)),
    ]
    if let cosigned = report.cosigned {
      rows.append(
        (
          try text("audit.newest"),
          try text("block.cosigned", ["signed": "\(cosigned.names.count)", "all": "\(cosigned.all)"])
        ))
    }
    return rows
  }

  /// Each fault at its place, as `verify` names it.
  private func table(of faults: [Fault]) throws -> HTML {
    try table(
      text("audit.faults"), [text("audit.fault"), text("audit.place"), text("audit.detail")],
      faults.map { fault in
        let places = try [fault.block.map { try block($0) }, fault.entry.map { try record($0) }].compactMap(
          \.self)
        let code = fault.refusal.map { "\(fault.code.rawValue) (\($0.rawValue))" } ?? fault.code.rawValue
        return (
          style: "late",
          cells: [
            try "<b class=\"b\">✕ \(text("verify.\(fault.code.rawValue)"))</b> <code>\(code)</code>",
            try places.isEmpty ? text("audit.whole") : joined(places),
            "<span lang=\"en\">\(try shown(fault.detail))</span>",
          ]
        )
      })
  }

  private func notes(_ notes: [String]) throws -> HTML {
    guard !notes.isEmpty else { return "" }
    var html: HTML = try "<h2>\(both("audit.notes"))</h2><ul lang=\"en\">"
    for note in notes { html += "<li>\(try shown(note))</li>" }
    return html + "</ul>"
  }
}
