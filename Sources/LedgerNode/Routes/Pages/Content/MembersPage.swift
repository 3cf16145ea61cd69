import Certificates
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// *成员*: who may write, in which roles and with which keys, at any height.
extension Page {
  static let members = PageRoute(
    "organisations", label: "nav.members", "Who may write, in which roles and with which keys, for people",
    shows: .records,
    [
      QueryParameter("at", .number, "the height of a block; the next one's where it is not given"),
      QueryParameter("member", .text(most: 64), "the member that is marked"),
    ]
  ) { page in .content(try page.membersPage()) }

  private func membersPage() throws -> PageContent {
    var (roster, height) = (state.roster, state.height)
    var source = "state?key=\(Hex.encode(StateKey.roster.bytes)) roster"
    if let at = query.number("at"), at < state.height {
      guard let block = try shownBlock(at) else {
        throw NodeProblem.notFound("the ledger has no block \(at)")
      }
      (roster, height) = (try ledger.reader.roster(block.header.roster, at: at), at)
      let hasRecord = block.row.first < block.row.size - 1
      source = hasRecord ? "proof/\(block.row.first) roster/\(roster.root.hex)?height=\(at)" : ""
    }
    let marked = query.text("member")
    var cards: HTML = ""
    for member in roster.members {
      cards += try """
      <section class="card\(when(marked == member.id, " marked"))" data-member="\(member.id)" data-roles="\(member.roles.joined(separator: " "))"><h2>\(shown(member.name))</h2>
      \(memberFacts(member, roster, height))</section>
      """
    }
    let terms = roster.terms
    return PageContent(
      title: try text("members.title"),
      body: try """
      <h1>\(both("members.title"))</h1>
      <p class="lead">\(both("members.lead", ["height": "\(height)"]))</p>
      <form class="number" action="organisations" method="get"><label for="at">\(text("members.at"))</label>
      <input id="at" name="at" inputmode="numeric" pattern="[0-9]{1,19}" size="8" value="\(height)">\(keptLanguage)
      <button class="plain">\(text("members.go"))</button></form>
      <div class="members">\(cards)</div>
      <h2>\(both("members.terms"))</h2>
      <div class="card">\(facts([
          (try text("members.administrators"), try joined(terms.administrators.map { try called($0, roster) })),
          (try text("members.threshold"), try text("members.of", ["count": "\(terms.threshold)", "all": "\(terms.administrators.count)"])),
          (try text("members.quorum"), try quorum(terms)),
          (try text("members.root"), hash(roster.root)),
        ]))</div>
      \(source.isEmpty ? "" : proof("members", source))
      """)
  }

  private func quorum(_ terms: Terms) throws -> HTML {
    let quorum = try text("members.of", ["count": "\(terms.quorum)", "all": "\(terms.validators.count)"])
    return terms.isCrashFaultsOnly ? try "\(quorum)<br>\(text("members.crash"))" : quorum
  }

  /// Several values in one line.
  func joined(_ values: [HTML]) throws -> HTML {
    guard var html = values.first else { return try text("none") }
    for value in values.dropFirst() { html += (language == .zh ? "、" : ", ") + value }
    return html
  }

  private func called(_ id: String, _ roster: Roster) throws -> HTML {
    guard let member = roster.member(id) else { return try shown(id) }
    return try shown(member.name)
  }

  private func memberFacts(_ member: Member, _ roster: Roster, _ height: UInt64) throws -> HTML {
    let roles = try member.roles.map { try role($0) }
    var rows: [(name: HTML, value: HTML)] = [
      (try text("members.id"), "<code>\(member.id)</code>"),
      (
        try text("members.state"),
        member.isInForce(at: height)
          ? chip(.good, try text("members.in-force")) : chip(.none, try text("members.left"))
      ),
      (try text("members.roles"), try joined(roles)),
    ]
    for key in member.keys {
      let until =
        try key.until.map { try text("members.until", ["height": "\($0)"]) } ?? text("members.open-end")
      rows.append(
        (
          try text("members.key", ["algorithm": key.key.algorithm == .es256 ? "ES256" : "Ed25519"]),
          try
            "\(hash(key.id, isShort: true)) <span class=\"meaning\">\(text("members.from", ["height": "\(key.from)"]))\(until)</span>"
        ))
    }
    return try facts(rows)
  }

  /// What a role is called.
  private func role(_ id: String) throws -> HTML {
    if let role = Scenarios.roles.first(where: { $0.id == id }), language == .zh { return "\(role.zh)" }
    return try shown(id)
  }
}
