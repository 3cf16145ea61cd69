import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// *证据*: the items, those of one case, and the records that name a digest.
extension Page {
  static let evidence = PageRoute(
    "evidence", label: "nav.evidence", "The items of evidence, for people", shows: .records,
    [QueryParameter("after", .text(most: 400), "only items whose names come later")]
  ) { page in .content(try await page.itemsPage()) }

  static let caseItems = PageRoute(
    "case", of: "evidence", "The items of a case, for people", shows: .records,
    [QueryParameter("number", .text(most: 400), "the case")]
  ) { page in
    guard let number = page.query.text("number") else { return .content(try page.nothing()) }
    return .content(try await page.casePage(number))
  }

  static let digest = PageRoute(
    "digest", of: "", "The records that name a digest, or that there are none, for people", shows: .records,
    [QueryParameter("sha256", .digest, "the SHA-256")]
  ) { page in
    guard let digest = page.query.digest("sha256") else { return .content(try page.nothing()) }
    return .content(try await page.digestPage(digest))
  }

  /// How many items are on a page.
  private static let pageLength = 100

  private func itemsPage() async throws -> PageContent {
    var items: [ListedItem] = []
    let after = query.text("after")
    try await ledger.eachItem(ItemQuery()) { item in
      if items.count <= Page.pageLength,
        after.map({ $0.utf8.lexicographicallyPrecedes(item.id.utf8) }) ?? true
      {
        items.append(item)
      }
    }
    var body: HTML = try "<h1>\(both("evidence.title"))</h1><p class=\"lead\">\(both("evidence.lead"))</p>"
    body +=
      try items.isEmpty ? "<p>\(text("evidence.none"))</p>" : table(of: Array(items.prefix(Page.pageLength)))
    body += try "<p class=\"soft\">\(text("list.by-word"))</p>"
    if items.count > Page.pageLength {
      body += try "<p>\(link("evidence", [("after", items[Page.pageLength - 1].id)], text("more")))</p>"
    }
    return PageContent(title: try text("evidence.title"), body: body)
  }

  private func casePage(_ number: String) async throws -> PageContent {
    var wanted = ItemQuery()
    wanted.caseReference = number
    var items: [ListedItem] = []
    try await ledger.eachItem(wanted) { items.append($0) }
    guard !items.isEmpty else { return try nothing() }
    return PageContent(
      title: try text("case.title"),
      body: try """
      <p class="above">\(text("case.title"))</p><h1>\(shown(number))</h1>
      <p class="lead">\(both("case.lead", ["count": "\(items.count)"]))</p>
      \(table(of: items))
      <p class="soft">\(text("case.by-word"))</p>
      """)
  }

  private func table(of items: [ListedItem]) throws -> HTML {
    try table(
      text("evidence.title"),
      [
        text("item.number"), text("member.case"), text("item.state"), text("item.custodian"),
        text("item.deposited"),
      ],
      items.map { item in
        let number = item.item.caseReference
        return (
          style: item.item.state == .disputed ? "late" : "",
          cells: [
            try self.item(item.id), link("case", [("number", number)], try shown(number)),
            try "\(chip(of: item.item))\(item.item.orders.isEmpty ? "" : chip(.warn, text("item.held")))",
            try member(item.item.custodian), try time(item.deposited),
          ]
        )
      })
  }

  /// The state of an item, in its colour.
  func chip(of item: Evidence.Item) throws -> HTML {
    let tone: Tone =
      switch item.state {
      case .deposited, .sealed: .good
      case .inTransit, .examining: .warn
      case .disputed: .bad
      case .released, .disposed: .none
      }
    return chip(tone, try text("state.\(item.state.rawValue)"))
  }

  private func digestPage(_ digest: Digest) async throws -> PageContent {
    let indices = try await ledger.records(listedAt: .digest(digest))
    var rows: [(style: String, cells: [HTML])] = []
    var marks: HTML = ""
    for index in indices {
      let statement = try await ledger.statement(index)
      marks += "<data data-entry=\"\(index)\" data-id=\"\(statement.id.hex)\"></data>"
      let subject = try statement.claims?.subject.map { subject in
        statement.contentType.hasPrefix(EvidenceKind.prefix) ? try item(subject) : try shown(subject)
      }
      rows.append(
        (
          "",
          [
            try record(index), try kind(statement.contentType),
            try statement.claims.map { try member($0.issuer) } ?? text("none"), try subject ?? text("none"),
            try time(try await ledger.block(of: index).time),
          ]
        ))
    }
    let hex = digest.hex
    var body: HTML = try """
    <h1>\(both("digest.title"))</h1><p>\(hash(digest))</p>
    """
    if rows.isEmpty {
      body += try """
      <div class="verdict none"><b>○ \(text("answer.never"))</b><p>\(both("digest.never", ["block": block(newest.height)]))</p></div>
      \(proof("absent", "state/digest/\(hex)"))
      """
    } else {
      body += try """
      <p class="lead">\(both("digest.lead", ["count": "\(rows.count)", "block": block(newest.height)]))</p>
      \(table(text("digest.title"), [text("record.entry"), text("record.kind"), text("record.issuer"), text("record.subject"), text("record.block-time")], rows))\(marks)
      \(proof("records", "proof?digest=\(hex)"))
      """
    }
    return PageContent(title: try text("digest.title"), body: body)
  }
}
