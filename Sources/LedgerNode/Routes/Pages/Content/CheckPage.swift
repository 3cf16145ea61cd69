import Certificates

/// *核验*: is this file the one that was deposited? The file is hashed in the browser, and the answer checked there.
extension Page {
  static let check = PageRoute(
    "", label: "nav.check",
    "Is a file the one that was deposited? For people; the file never leaves the browser",
    shows: .nothing,
    [QueryParameter("number", .text(most: 400), "an item, a digest or a certificate's number to check by")]
  ) { page in .content(try page.checkPage()) }

  private func checkPage() throws -> PageContent {
    let number = query.text("number") ?? ""
    return PageContent(
      title: try text("check.title"),
      body: try """
      <h1>\(both("check.title"))</h1>
      <p class="lead">\(both("check.lead"))</p>
      <noscript><div class="verdict none"><b>○ \(text("check.no-script-word"))</b><p>\(both("check.no-script"))</p></div></noscript>
      <div class="verdict warn" id="no-crypto" hidden><b>△ \(text("check.no-crypto-word"))</b><p>\(both("check.no-crypto"))</p></div>
      <div class="two first" data-check>
      <div class="drop" id="drop"><strong>\(text("check.drop"))</strong><span class="soft">\(text("check.stays"))</span>
      <span><input type="file" id="file" multiple aria-describedby="file-state"><label class="button" for="file">\(text("check.choose"))</label></span>
      <p class="soft" id="file-state" role="status">\(text("js.none-chosen"))</p></div>
      <div class="card on-screen"><h2>\(text("check.number-title"))</h2>
      <form class="number" action="find" method="get"><label class="hidden" for="number">\(text("check.number"))</label>
      <input id="number" name="q" maxlength="400" autocomplete="off" value="\(number)" placeholder="E-2026-001 / ZC-… / SHA-256">\(keptLanguage)
      <button>\(text("check.number-go"))</button></form>
      <p class="soft">\(text("check.number-hint"))</p></div>
      </div>
      <ul class="held" id="held" aria-label="\(text("check.held"))"></ul>
      <div id="answer" aria-live="polite"></div>
      <section class="explained on-screen" aria-labelledby="explained"><h2 id="explained">\(both("check.four"))</h2>
      \(facts([
          (chip(.good, try text("answer.same")), try text("check.four-same")),
          (chip(.bad, try text("answer.other")), try text("check.four-other")),
          (chip(.none, try text("answer.never")), try text("check.four-never")),
          (chip(.warn, try text("answer.corrected")), try text("check.four-corrected")),
        ]))</section>
      """)
  }
}
