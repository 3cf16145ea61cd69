import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog
import Workflows

/// A statement in the making: its form, and then what is to be signed, which is signed where the key is and never here.
extension Page {
  private static let parameters = [
    QueryParameter("member", .text(most: 64), isRequired: true, "the member that will sign it"),
    QueryParameter("kind", .word(StatementForm.kinds), isRequired: true, "the kind"),
    QueryParameter("about", .text(most: 400), "the item, the request or the entry that it is about"),
    QueryParameter("statement", .digest, "the statement that it countersigns, answers or corrects"),
  ]

  static let statement = PageRoute(
    "statement", of: "todo", "The form for a statement that a member is to sign, for people", shows: .records,
    parameters
  ) { page in .content(try await page.statementPage(isFilled: false)) }

  static let preparedStatement = PageRoute(
    "statement", of: "todo", "What is to be signed, made of a form that was filled in, for people",
    shows: .records,
    isPosted: true, parameters
  ) { page in .content(try await page.statementPage(isFilled: true)) }

  private func statementPage(isFilled: Bool) async throws -> PageContent {
    guard let id = query.text("member"), let member = state.roster.member(id), let kind = query.text("kind")
    else {
      return try nothing()
    }
    let form: StatementForm
    do {
      form = try await StatementForm(
        kind, about: query.text("about"), to: query.digest("statement"), on: ledger)
    } catch is WorkflowError { return try nothing() }
    guard isFilled || form.fields.isEmpty else { return try formPage(form, by: member) }
    let draft: Draft
    do throws(FormFault) {
      draft = try form.draft(self.form.all, state.roster.terms.parameters.utcOffset)
    } catch {
      switch error {
      case .field(let path, let must, let values):
        return try formPage(form, by: member, wrong: (path, text(must, values)))
      case .refusal(let refusal): return try formPage(form, by: member, refused: refusal)
      }
    }
    return try await signingPage(form, draft, by: member)
  }

  /// What it is and about what, which every step shows.
  private func head(_ form: StatementForm, _ member: Member) throws -> HTML {
    let name = try text("kind.\(form.kind)")
    var about: HTML = ""
    if let subject = form.subject {
      let linked =
        try form.kind.hasPrefix("sharing.")
        ? request(subject) : form.kind.hasPrefix("evidence.") ? item(subject) : shown(subject)
      about = " · \(linked)"
    }
    return try """
    <p class="above">\(link("todo", [("member", member.id)], text("todo.title"))) · \(shown(member.name))</p>
    <h1>\(name)\(about)</h1>
    """
  }

  private func formPage(
    _ form: StatementForm, by member: Member, wrong: (path: String, must: HTML)? = nil,
    refused: Refusal? = nil
  ) throws -> PageContent {
    let asked = route.parameters.compactMap { parameter in
      query.spelled(parameter.name).map { (parameter.name, $0) }
    }
    var fault: HTML = ""
    if wrong != nil {
      fault = try
        "<div class=\"verdict warn\" role=\"alert\"><b>△ \(text("form.again-word"))</b><p>\(both("form.again"))</p></div>"
    }
    if let refused {
      fault = try """
      <div class="verdict bad" role="alert"><b>✕ \(text("form.refused-word"))</b><p>\(both("form.refused"))<span lang="en">\(shown(refused.reason))</span></p></div>
      """
    }
    return PageContent(
      status: wrong == nil && refused == nil ? .ok : .unprocessableContent,
      title: try text("kind.\(form.kind)"),
      body: try """
      \(head(form, member))\(fault)
      <form class="statement card" method="post" action="\(address("statement", asked))">
      \(inputs(form, self.form.all, wrong: wrong))
      <p><button>\(text("form.prepare"))</button></p></form>
      <p class="soft">\(text("form.next"))</p>
      """)
  }

  /// What is to be signed, and the two ways to do it.
  private func signingPage(_ form: StatementForm, _ draft: Draft, by member: Member) async throws
    -> PageContent
  {
    var target: HTML = ""
    if let (_, index) = form.target {
      let statement = try await ledger.statement(index)
      let said = try payloadFacts(statement.payload, type: statement.contentType) ?? []
      target = try """
      <section class="card"><h2>\(text("sign.target"))</h2><p>\(kind(statement.contentType)) · \(statement.claims.map { try self.member($0.issuer) } ?? text("none")) · \(record(index))</p>\(said.isEmpty ? "" : facts(said))</section>
      \(said.isEmpty ? plain(statement.payload, statement.contentType) : "")
      """
    }
    let said = try payloadFacts(draft.payload, type: draft.type) ?? []
    let keys = member.keys.filter { $0.isInForce(at: state.height) }
    let spelled = keys.map { "\($0.id.hex):\($0.key.algorithm == .es256 ? "ES256" : "Ed25519")" }
    let file = "\(form.kind).cbor"
    let subject: HTML = draft.subject.map { " data-subject=\"\($0)\"" } ?? ""
    var words: [String: HTML] = [
      "issuer": "\(ShellText.word(member.id))", "type": "\(ShellText.word(draft.type))", "file": "\(file)",
    ]
    if let subject = draft.subject { words["subject"] = "\(ShellText.word(subject))" }
    let command = try text(draft.subject == nil ? "sign.command" : "sign.command-about", words)
    return PageContent(
      title: try text("kind.\(form.kind)"),
      body: try """
      \(head(form, member))
      \(target)
      <section class="card"><h2>\(text("sign.says"))</h2>\(facts(said))</section>
      <h2>\(both("sign.bytes"))</h2><p class="soft">\(text("sign.bytes-hint"))</p>
      <pre tabindex="0">\(Printable.text(PayloadPreview.diagnostic(try CBOR(decoding: draft.payload), isOutermost: true), keepingNewlines: true))</pre>
      <div class="sign" data-sign="\(draft.type)" data-payload="\(Hex.encode(draft.payload))" data-issuer="\(member.id)"\(subject) data-keys="\(spelled.joined(separator: " "))">
      <section class="card"><h2>\(text("sign.file-title"))</h2><p>\(text("sign.file-lead"))</p>
      <ol><li>\(text("sign.file-take", ["file": "<a class=\"button plain\" download=\"\(file)\" href=\"data:application/cbor;base64,\(Base64.encode(draft.payload))\">\(file)</a>"]))</li>
      <li>\(text("sign.file-run"))<pre tabindex="0">\(command)</pre></li>
      <li>\(text("sign.file-back"))</li></ol>
      <noscript><p class="soft">\(text("sign.no-script"))</p></noscript>
      <div class="drop" id="signed-drop" hidden><strong>\(text("sign.drop"))</strong><span><input type="file" id="signed" aria-describedby="signed-state"><label class="button" for="signed">\(text("sign.choose"))</label></span></div></section>
      <section class="card" id="by-browser" hidden><h2>\(text("sign.browser-title"))</h2><p>\(text("sign.browser-lead"))</p><div id="browser-keys"></div></section>
      </div>
      <div id="signed-state" role="status" aria-live="polite"></div>
      """)
  }
}
