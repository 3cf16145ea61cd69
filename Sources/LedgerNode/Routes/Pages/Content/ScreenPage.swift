import Certificates
import Ledger

/// The big screen of a demonstration centre: the ledger growing, and a byte that a visitor changes.
extension Page {
  static let screen = PageRoute(
    "screen", of: "overview", "The ledger on a big screen, for people", shows: .records
  ) { page in .content(try await page.screenPage()) }

  private func screenPage() async throws -> PageContent {
    let terms = state.roster.terms
    let blocks = try newestBlocks(1)
    // Each block that a statement made has a record before its header.
    let record = blocks.first.map { $0.row.first < $0.row.size - 1 ? $0.row.size - 2 : 0 } ?? 0
    return PageContent(
      title: try text("screen.title"),
      body: try """
      <p class="lang">\(link("overview", [], text("screen.leave")))</p>
      <h1>\(shown(terms.name))</h1>
      <div data-live>\(try await figures())<h2>\(both("overview.chain"))</h2>\(try await chain(6))</div>
      <section data-tamper="\(String(record))"><h2>\(both("screen.touch"))</h2><div id="tamper" role="status"></div></section>
      <p>\(text("overview.id")) \(hash(state.ledgerID))</p>
      """, isScreen: true)
  }
}
