import Certificates
import Ledger
import Scenarios
import Workflows

/// The big screen of a demonstration centre: views that follow each other, and a byte that a visitor changes.
extension Page {
  static let screen = PageRoute(
    "screen", of: "overview", "The ledger on a big screen, for people", shows: .records
  ) { page in .content(try await page.screenPage()) }

  /// How many rows a view has.
  private static let rowCount = 6

  private func screenPage() async throws -> PageContent {
    let terms = state.roster.terms
    let statements = try await newestStatements(Page.rowCount)
    return PageContent(
      title: try text("screen.title"),
      body: try """
      <p class="lang">\(link("overview", [], text("screen.leave")))</p>
      <h1>\(shown(terms.name))</h1>
      <div data-loop>
      <section data-view><h2>\(both("overview.chain"))</h2><div data-live>\(try await figures())\(try await chain(6))</div></section>
      <section data-view><h2>\(both("screen.newest"))</h2><div data-live>\(table(of: statements))</div></section>
      <section data-view><h2>\(both("board.title"))</h2><div data-live>\(try await owed())</div></section>
      <section data-view><h2>\(both("screen.who"))</h2><ol class="reasons"><li>\(both("screen.signed"))</li><li>\(both("screen.chained"))</li><li>\(both(
          terms.validators.count == 1 ? "overview.one" : "overview.several",
          terms.validators.count == 1 ? [:] : ["validators": "\(terms.validators.count)", "quorum": "\(terms.quorum)"]))</li><li>\(both("screen.anybody"))</li></ol></section>
      </div>
      <section class="touch" data-tamper="\(statements.first.map { String($0.index) } ?? "0")"><h2>\(both("screen.touch"))</h2><div id="tamper" role="status"></div></section>
      <p class="foot">\(text("overview.id")) \(hash(state.ledgerID))</p>
      """, isScreen: true)
  }

  private func table(of statements: [LedgerEntry]) throws -> HTML {
    try table(
      text("screen.newest"),
      [text("record.kind"), text("record.issuer"), text("record.subject"), text("record.block-time")],
      statements.map { entry in
        let claims = entry.statement.claims
        return (
          style: "",
          cells: [
            try kind(entry.statement.contentType), try claims.map { try member($0.issuer) } ?? text("none"),
            try claims?.subject.map { try shown($0) } ?? text("none"),
            try time(entry.block.time, isShort: true),
          ]
        )
      })
  }

  /// The newest statements, the newest first.
  private func newestStatements(_ most: Int) async throws -> [LedgerEntry] {
    var found: [LedgerEntry] = []
    var index = ledger.size
    while index > 0, found.count < most {
      index -= 1
      let entry = try await LedgerEntry(index, on: ledger)
      if entry.statement.claims != nil { found.append(entry) }
    }
    return found
  }

  /// What is due first.
  private func owed() async throws -> HTML {
    let lines = try await SharingState(ledger).openMatters(at: now).lines
    guard !lines.isEmpty else { return try "<p>\(text("board.empty"))</p>" }
    let overdue = lines.count { $0.isOverdue }
    let rows = try lines.prefix(Page.rowCount).map { line in
      let due = try line.lastDay.map { "\(day($0))" } ?? text("board.no-limit")
      return (
        style: line.isOverdue ? "late" : "",
        cells: [
          line.isOverdue ? try "<b class=\"b\">✕ \(text("board.overdue"))</b> \(due)" : due,
          try member(line.by),
          try owed(line), try shown(line.subject),
        ]
      )
    }
    return try """
    <p class="chips">\(chip(overdue == 0 ? .good : .bad, text("board.overdue-count", ["count": "\(overdue)"])))\(chip(.none, text("board.open-count", ["count": "\(lines.count)"])))</p>
    \(table(text("board.title"), [text("board.due"), text("board.who"), text("board.owes"), text("board.about")], Array(rows)))
    """
  }
}
