import Certificates
public import Ledger

/// `verify.html`: one file, for founders to publish, in which people check certificates and proofs against the original file with no node
/// and no network.
///
/// It holds the script by which the node's pages and certificates check, and the trust file as of when it was made. It is in Chinese, and
/// in English by a switch. Its security policy lets it load nothing and ask nobody.
public struct VerifyPage {
  /// What the file is called.
  public static let name = "verify.html"

  /// The document.
  public let bytes: [UInt8]

  /// The page of the ledger whose roster in force `state` has.
  ///
  /// - Throws: where a text of ours is missing.
  public init(_ state: LedgerState) throws {
    let terms = state.roster.terms
    let style = String(decoding: PackageResources.pages_css, as: UTF8.self)
    let script = String(
      decoding: CertificateTemplate.proofScript + PackageResources.answers_js + PackageResources.verify_js,
      as: UTF8.self)
    let more = ["verify.", "check.", "clock.", "frame.skip", "frame.ledger", "frame.whole-id"]
    let (zh, en) = (terms.name.zh ?? terms.name.en ?? "", terms.name.en ?? terms.name.zh ?? "")
    let html: HTML = try """
    <!doctype html>
    <html lang="zh-CN">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '\(CertificatePage.source(style))' '\(CertificatePage.source(""))'; script-src '\(CertificatePage.source(script))'; img-src data:; base-uri 'none'; form-action 'none'">
    <meta name="generator" content="verify.html of zheng">
    <meta name="referrer" content="no-referrer">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(PageTexts.text("verify.title", .zh)) · \(zh)</title>
    <link rel="icon" href="data:,">
    <style>\(HTML(trusted: style))</style>
    </head>
    <body>
    <a class="skip" href="#main">\(VerifyPage.text("frame.skip"))</a>
    <header class="top"><div class="bar">
    <p class="mark"><span data-name data-zh="\(zh)" data-en="\(en)">\(zh)</span><small>\(VerifyPage.text("frame.ledger")) \(Page.groups(state.ledgerID.bytes, isShort: true))</small></p>
    <p class="lang"><button type="button" class="plain" id="language" lang="en">English</button></p>
    </div></header>
    <main id="main" tabindex="-1" data-offset="\(String(terms.parameters.utcOffset.minutes))">
    <h1>\(VerifyPage.text("verify.title"))</h1>
    <p class="lead">\(VerifyPage.text("verify.lead"))</p>
    <noscript><div class="verdict none"><b>○ \(PageTexts.text("check.no-script-word", .zh))</b><p>\(PageTexts.text("verify.no-script", .zh))<span class="other" lang="en">\(PageTexts.text("verify.no-script", .en))</span></p></div></noscript>
    <div class="verdict warn" id="no-crypto" hidden><b>△ \(VerifyPage.text("check.no-crypto-word"))</b><p>\(VerifyPage.text("verify.no-crypto"))</p></div>
    <div class="two first">
    <div class="drop" id="drop"><strong>\(VerifyPage.text("verify.drop"))</strong><span class="soft">\(VerifyPage.text("verify.what"))</span>
    <span class="choices"><span><input type="file" id="file" multiple aria-describedby="file-state"><label class="button" for="file">\(VerifyPage.text("verify.choose"))</label></span>
    <span><input type="file" id="any" aria-describedby="file-state"><label class="button plain" for="any">\(VerifyPage.text("verify.choose-original"))</label></span></span>
    <p class="soft" id="file-state" role="status">\(VerifyPage.text("js.none-chosen"))</p></div>
    <section class="card" aria-labelledby="at-hand"><h2 id="at-hand">\(VerifyPage.text("verify.held"))</h2>
    <p>\(VerifyPage.text("verify.embedded-policy"))</p><ul class="held" id="held" aria-labelledby="at-hand"></ul>
    <p class="soft on-screen">\(VerifyPage.text("verify.held-hint"))</p></section>
    </div>
    <div id="answer" aria-live="polite"></div>
    <p class="on-screen"><button type="button" class="plain" id="print">\(VerifyPage.text("verify.print"))</button></p>
    <section class="explained on-screen" aria-labelledby="explained"><h2 id="explained">\(VerifyPage.text("check.four"))</h2>
    <dl class="facts">
    """
    var body = html
    let four: [(Page.Tone, String)] = [
      (.good, "same"), (.bad, "other"), (.none, "never"), (.warn, "corrected"),
    ]
    for (tone, name) in four {
      body += try """
      <dt><span class="chip \(tone.rawValue)"><span aria-hidden="true">\(tone.sign)</span> \(VerifyPage.text("answer.\(name)"))</span></dt><dd>\(VerifyPage.text("check.four-\(name)"))</dd>
      """
    }
    body += try """
    </dl></section>
    </main>
    <footer><div><p>\(VerifyPage.text("verify.foot"))</p>
    <p class="id">\(VerifyPage.text("frame.whole-id")) \(Page.groups(state.ledgerID.bytes))</p>
    <details><summary>\(VerifyPage.text("verify.policy"))</summary><pre id="policy" tabindex="0">
    \(state.roster.policyText(ledger: state.ledgerID))</pre></details></div></footer>
    <script type="application/json" id="texts">{"zh":\(PageTexts.script(.zh, and: more)),"en":\(PageTexts.script(.en, and: more))}</script>
    <script>\(HTML(trusted: script))</script>
    </body>
    </html>

    """
    bytes = Array(body.text.utf8)
  }

  /// A text in Chinese, which the page's script can have in English.
  private static func text(_ key: String) throws -> HTML {
    try "<span data-text=\"\(key)\">\(PageTexts.text(key, .zh))</span>"
  }
}
