import Certificates
import HTTPTypes
import Hummingbird

extension Page {
  /// What the pages may load: from this node alone. A certificate that is read without its style has an empty one.
  static let security =
    "default-src 'none'; style-src 'self' '\(CertificatePage.source(""))'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; "
    + "base-uri 'none'; frame-ancestors 'none'"

  /// The whole page.
  func framed(_ content: PageContent) throws -> Answer {
    let name = try shown(state.roster.terms.name)
    var refresh: HTML = content.refresh.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">" } ?? ""
    if content.refresh != nil, content.isRefreshedByScript { refresh = "<noscript>\(refresh)</noscript>" }
    var html: HTML = try """
    <!doctype html>
    <html lang="\(language.tag)">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    \(refresh)<title>\(content.title) · \(plainName)</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="\(PageAsset.style.name)">
    <script src="\(PageAsset.script.name)" defer></script>
    </head>
    <body\(when(content.isScreen, " class=\"screen\""))>
    <a class="skip" href="#main">\(text("frame.skip"))</a>
    <header class="top"><div class="bar">
    <p class="mark"><a href="\(address(""))">\(name)</a><small>\(text("frame.ledger")) \(hash(state.ledgerID, isShort: true))</small></p>
    <nav aria-label="\(text("frame.nav"))">
    """
    for entry in PageRoute.all {
      guard let label = entry.label else { continue }
      let isHere = route.section == entry.name
      html += try
        "<a href=\"\(address(entry.name))\"\(when(isHere, " aria-current=\"page\""))>\(text(label))</a>"
    }
    html += try """
    </nav>
    <search><form class="find" action="find" method="get"><label class="hidden" for="find">\(text("frame.find"))</label>
    <input id="find" type="search" name="q" maxlength="400" autocomplete="off" placeholder="\(text("frame.find-hint"))">\(keptLanguage)
    <button class="plain">\(text("frame.find-go"))</button></form></search>
    <p class="lang">\(switcher)</p>
    </div></header>
    <main id="main" tabindex="-1" data-size="\(String(ledger.size))" data-offset="\(String(state.roster.terms.parameters.utcOffset.minutes))" data-clock="\(clock())">
    \(content.body)
    </main>
    <footer><div><p>\(text("frame.foot", ["policy": "<a href=\"policy\">\(text("frame.policy"))</a>"]))</p>
    <p>\(text("frame.programs", ["openapi": "<a href=\"openapi.json\">openapi.json</a>", "formats": "<a href=\"formats\">formats</a>"]))</p>
      <p class="id">\(text("frame.whole-id")) \(hash(state.ledgerID))</p></div></footer>
    <script type="application/json" id="texts">\(PageTexts.script(language))</script>
    </body>
    </html>

    """
    return Answer(
      content.status, "text/html; charset=utf-8", .none, Array(html.text.utf8),
      headers: [
        .contentSecurityPolicy: Page.security, .vary: "Accept-Language", .contentLanguage: language.tag,
        .referrerPolicy: "no-referrer",
      ])
  }

  /// The ledger's name without markup.
  private var plainName: String {
    let name = state.roster.terms.name
    return (language == .zh ? name.zh ?? name.en : name.en ?? name.zh) ?? ""
  }

  /// Both languages, of which the other is a link to this page in it.
  private var switcher: HTML {
    get throws {
      var html: HTML = ""
      for one in Language.allCases {
        let label = try PageTexts.text("frame.language", one)
        if !html.text.isEmpty { html += " · " }
        let pairs = route.parameters.compactMap { parameter in
          query.spelled(parameter.name).map { (parameter.name, $0) }
        }
        html +=
          one == language
          ? "<span aria-current=\"true\">\(label)</span>"
          : "<a href=\"\(address(route.name, pairs, language: one))\" lang=\"\(one.tag)\" hreflang=\"\(one.tag)\">\(label)</a>"
      }
      return html
    }
  }
}

extension HTTPField.Name {
  /// `Referrer-Policy`.
  fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
