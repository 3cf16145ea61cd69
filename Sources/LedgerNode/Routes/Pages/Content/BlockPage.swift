import Certificates
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import Workflows

/// *区块*: a block's header, each field with what it means, who cosigned it, and its records.
extension Page {
  static let block = PageRoute(
    "block", of: "overview", "A block with its header and its records, for people", shows: .records,
    [
      QueryParameter("height", .number, "its height"),
      QueryParameter("from", .number, "the entry from which on its records are listed"),
    ]
  ) { page in
    guard let height = page.query.number("height"), height < page.state.height else {
      return .content(try page.nothing())
    }
    return .content(try await page.blockPage(height))
  }

  func blockPage(_ height: UInt64) async throws -> PageContent {
    guard let block = try shownBlock(height) else { return try nothing() }
    let header = block.header
    func row(_ key: String, _ value: HTML, _ spelled: String) throws -> (name: HTML, value: HTML) {
      (
        try text("block.\(key)"),
        try
          "<data data-field=\"\(key)\" value=\"\(spelled)\">\(value)</data><span class=\"meaning\">\(text("block.\(key)-means"))</span>"
      )
    }
    let title = try text("block.title", ["height": "\(height)"])
    return PageContent(
      title: title,
      body: try """
      <h1>\(title)\(inOther("block.title", ["height": "\(height)"]))</h1>
      <p class="chips">\(cosigned(block.signed, of: block.all, quorum: block.quorum))</p>
      <p class="soft">\(neighbours(height))</p>
      <h2>\(both("block.records"))</h2>\(try await records(block.row))
      <h2>\(both("block.header"))</h2>
      <div class="card">\(facts([
          row("height", number(header.height), "\(header.height)"),
          row("time", time(header.time), "\(header.time)"),
          row("previous", hash(header.previous), header.previous.hex),
          row("first", number(header.first), "\(header.first)"),
          row("size", number(header.size), "\(header.size)"),
          row("root", hash(header.root), header.root.hex),
          row("state", hash(header.state), header.state.hex),
          row("roster", hash(header.roster), header.roster.hex),
        ]))</div>
      <h2>\(both("block.signatures"))</h2>\(cosigners(block))
      <details><summary>\(text("record.diagnostic"))</summary><pre tabindex="0">\(diagnostic(block.entry))</pre></details>
      \(block.row.first < block.row.size - 1 ? proof("block", "proof/\(block.row.first)") : "")
      """)
  }

  private func neighbours(_ height: UInt64) throws -> HTML {
    var links: [HTML] = []
    if height > 0 { links.append(try "← \(block(height - 1))") }
    if height < newest.height { links.append(try "\(block(height + 1)) →") }
    return try joined(links)
  }

  private func cosigners(_ block: ShownBlock) throws -> HTML {
    let rows = try block.cosigned.map { cosigned in
      (style: "", cells: [try shown(cosigned.validator), try time(cosigned.seconds * 1000)])
    }
    guard !rows.isEmpty else { return try "<p>\(text("none"))</p>" }
    return try table(text("block.signatures"), [text("block.validator"), text("block.signed-at")], rows)
  }

  private func records(_ block: BlockRow) async throws -> HTML {
    var rows: [(style: String, cells: [HTML])] = []
    let first = max(query.number("from") ?? block.first, block.first)
    let end = min(block.size - 1, first &+ 100)
    var index = first
    while index < end {
      let statement = try await ledger.statement(index)
      rows.append(
        (
          "",
          [
            try record(index), try kind(statement.contentType),
            try statement.claims.map { try member($0.issuer) } ?? text("none"),
            try statement.claims?.subject.map { try shown($0) } ?? text("none"),
          ]
        ))
      index += 1
    }
    guard !rows.isEmpty else { return try "<p>\(text("block.empty"))</p>" }
    var html = try table(
      text("block.records"),
      [text("record.entry"), text("record.kind"), text("record.issuer"), text("record.subject")], rows)
    if end < block.size - 1 {
      html += try "<p>\(link("block", [("height", "\(block.height)"), ("from", "\(end)")], text("more")))</p>"
    }
    return html
  }
}
