import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// *待办*: what waits for a member, each with the statement that settles it.
extension Page {
  static let todo = PageRoute(
    "todo", label: "nav.todo", "What waits for a member, and until when, for people", shows: .records,
    [QueryParameter("member", .text(most: 64), "the member; otherwise the one whose token is shown")]
  ) { page in
    guard let id = page.query.text("member") ?? page.member else { return .content(try page.choicePage()) }
    guard let member = page.state.roster.member(id) else { return .content(try page.nothing()) }
    return .content(try await page.todoPage(member))
  }

  /// Whose to-do list is wanted.
  private func choicePage() throws -> PageContent {
    var list: HTML = "<ul class=\"search-hits\">"
    for member in state.roster.members where member.isInForce(at: state.height) {
      list += try "<li>\(link("todo", [("member", member.id)], shown(member.name)))</li>"
    }
    return PageContent(
      title: try text("todo.title"),
      body: try """
      <h1>\(both("todo.title"))</h1><p class="lead">\(both("todo.whose"))</p>\(list)</ul>
      """)
  }

  /// Something that waits.
  private struct Matter {
    let what: HTML
    let state: HTML
    let since: UInt64
    let due: HTML
    var isLate = false
    let steps: [HTML]
  }

  private func todoPage(_ member: Member) async throws -> PageContent {
    let matters = try await evidence(of: member) + sharing(of: member) + roster(of: member)
    let rows = try matters.map { matter in
      (
        style: matter.isLate ? "late" : "",
        cells: [
          matter.what, matter.state, try time(matter.since), matter.due,
          try matter.steps.isEmpty ? text("none") : matter.steps.reduce(into: HTML(trusted: "")) { $0 += $1 },
        ]
      )
    }
    return PageContent(
      title: try text("todo.title"),
      body: try """
      <p class="above">\(shown(member.name))</p><h1>\(both("todo.title"))</h1>
      <p class="chips">\(chip(matters.contains(where: \.isLate) ? .bad : rows.isEmpty ? .good : .none, try text("todo.count", ["count": "\(rows.count)"])))</p>
      \(rows.isEmpty ? "<p>\(text("todo.nothing"))</p>" : table(text("todo.title"), [text("todo.what"), text("item.state"), text("todo.since"), text("board.due"), text("todo.steps")], rows))
      <p class="soft">\(text("todo.by-rules", ["block": block(newest.height)]))</p>
      """)
  }

  private func step(
    _ kind: String, _ member: Member, about: String?, statement: Digest? = nil
  ) throws -> HTML {
    let asked: [(String, String)] =
      [("member", member.id), ("kind", kind)] + (about.map { [("about", $0)] } ?? [])
      + (statement.map { [("statement", $0.hex)] } ?? [])
    return try
      "<a class=\"button plain\" href=\"\(address("statement", asked))\">\(text("kind.\(kind)"))</a> "
  }

  private func evidence(of member: Member) async throws -> [Matter] {
    try await ledger.items(waitingFor: member.id).map { status in
      let steps = status.steps.filter { $0.who.contains(member.id) }
      return Matter(
        what: try item(status.id), state: try chip(of: status.item), since: status.item.since,
        due: try text("board.no-limit"),
        steps: try steps.map { next in
          try next.isCountersignature
            ? step(StatementForm.countersign, member, about: status.id, statement: status.item.pending)
            : step("evidence.\(next.kind.rawValue)", member, about: status.id)
        })
    }
  }

  private func sharing(of member: Member) async throws -> [Matter] {
    let state = SharingState(ledger)
    let lines = try await state.openMatters(at: now, of: member.id).lines.filter { $0.by == member.id }
    var matters = try lines.map { line in
      let steps: [HTML] =
        switch line.owed {
        case .reply:
          [
            try step("sharing.grant", member, about: line.subject),
            try step("sharing.refuse", member, about: line.subject),
          ]
        case .answer(let objection):
          [try step("sharing.answer", member, about: line.subject, statement: objection)]
        // Data and salts stay in the vault of the office.
        case .delivery, .receipt: [try text("todo.at-vault")]
        }
      var due = try line.lastDay.map { "\(day($0))" } ?? text("board.no-limit")
      if line.isOverdue { due = try "<b class=\"b\">✕ \(text("board.overdue"))</b> \(due)" }
      return Matter(
        what: try line.subject == line.entry ? shown(line.subject) : request(line.subject),
        state: try owed(line),
        since: line.since, due: due, isLate: line.isOverdue, steps: steps)
    }
    for offer in try await state.offers(waitingFor: member.id) {
      matters.append(
        Matter(
          what: try shown(offer.entry), state: try text("kind.sharing.catalogue"), since: offer.offered,
          due: try text("board.no-limit"),
          steps: [try step(StatementForm.countersign, member, about: offer.entry, statement: offer.statement)]
        ))
    }
    return matters
  }

  /// Changes of the roster that wait for an administrator.
  private func roster(of member: Member) throws -> [Matter] {
    guard state.roster.terms.administrators.contains(member.id) else { return [] }
    return try state.proposals.pending.filter { !$0.value.approvals.contains(member.id) }
      .sorted { ($0.value.proposed, $0.key) < ($1.value.proposed, $1.key) }.map { id, pending in
        Matter(
          what: try text("members.title"), state: try kind(pending.change.contentType),
          since: pending.proposed,
          due: try text("board.no-limit"),
          steps: [try step(StatementForm.countersign, member, about: nil, statement: id)])
      }
  }
}
