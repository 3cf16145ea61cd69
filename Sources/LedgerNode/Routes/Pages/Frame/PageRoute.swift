import Hummingbird
import Ledger
import LedgerStore
import Workflows

/// A page: its address, what may be asked of it, and what it shows.
struct PageRoute: Sendable {
  /// What a page gives.
  enum Outcome {
    case content(PageContent)
    case answer(Answer)
  }

  /// The address below the node's.
  let name: String
  /// In which part of the pages it is: the name of the one that the bar above shows.
  let section: String
  /// The text that the bar above shows; nil for what is reached from elsewhere.
  let label: String?
  /// What it is for, in a sentence.
  let summary: String
  /// What it shows somebody who is no member.
  let shows: Route.Showing
  /// Whether it is of a form that was filled in.
  let isPosted: Bool
  let parameters: [QueryParameter]
  let make: @Sendable (Page) async throws -> Outcome

  init(
    _ name: String, of section: String? = nil, label: String? = nil, _ summary: String, shows: Route.Showing,
    isPosted: Bool = false, _ parameters: [QueryParameter] = [],
    _ make: @escaping @Sendable (Page) async throws -> Outcome
  ) {
    (self.name, self.section, self.label) = (name, section ?? name, label)
    (self.summary, self.shows, self.parameters, self.make) = (summary, shows, parameters, make)
    self.isPosted = isPosted
  }

  /// What asks for a language.
  static let language = QueryParameter(
    "lang", .word(Language.allCases.map(\.rawValue)), "the language; else what Accept-Language prefers")

  /// As the node's table has it.
  func route(_ settings: NodeSettings) -> Route {
    let work: @Sendable (LedgerSnapshot, Ask) async throws -> Answer = { try await answer($0, $1, settings) }
    return Route(
      "/" + name, summary, shows: shows, gives: [.bytes("text/html")],
      query: parameters + [PageRoute.language],
      work: isPosted ? .posted(work) : .page(work))
  }

  private func answer(
    _ reading: LedgerSnapshot, _ ask: Ask, _ settings: NodeSettings
  ) async throws -> Answer {
    let now = settings.writer.now
    let context = WorkContext(wallClock: { now().wall })
    let ledger = DirectoryLedger(reading: reading.reader, context)
    let asked = ask.query.text("lang").flatMap(Language.init)
    let page = Page(
      route: self,
      language: asked
        ?? Language.preferred(ask.request.headers[values: .acceptLanguage].joined(separator: ",")),
      keepsLanguage: asked != nil, query: ask.query, ledger: ledger, state: try await ledger.state(),
      newest: try await ledger.newestBlock(), now: ledger.context.now, commands: settings.commands,
      audits: reading.audits, member: ask.member, form: ask.form, consensus: reading.consensus)
    do {
      switch try await make(page) {
      case .content(let content): return try page.framed(content)
      case .answer(let answer): return answer
      }
    } catch let problem as NodeProblem where problem.status == .notFound {
      return try page.framed(page.nothing())
    } catch let refusal as Refusal where refusal.code.rawValue.hasPrefix("unknown-") {
      return try page.framed(page.nothing())
    } catch let failure as Failure where failure.call == "read" {
      return try page.framed(page.behind())
    }
  }
}

extension Page {
  /// What stands where nothing is.
  func nothing() throws -> PageContent {
    PageContent(
      status: .notFound, title: try text("nothing.title"),
      body: try """
      <h1>\(both("nothing.title"))</h1>
      <div class="verdict none"><b>○ \(text("nothing.word"))</b><p>\(both("nothing.text"))</p></div>
      """)
  }

  /// What stands where the node is not ready yet; it is asked for again.
  func behind() throws -> PageContent {
    PageContent(
      status: .serviceUnavailable, title: try text("behind.title"),
      body: try """
      <h1>\(both("behind.title"))</h1>
      <div class="verdict warn"><b>△ \(text("behind.word"))</b><p>\(both("behind.text"))</p></div>
      """, refresh: 2)
  }
}
