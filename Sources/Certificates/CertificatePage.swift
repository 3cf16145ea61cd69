import LedgerCrypto
import TransparencyLog

/// The HTML document of a certificate: a pure function of what it embeds.
///
/// It is split into named parts by comments, `<!--part:depositor-->`, so that whoever renders it again can say which part of a
/// page is not as it must be. No value can hold such a comment: values are escaped.
///
/// What is rendered is form 1. Certificates live longer than programs: a change of a single byte makes a new form, and a
/// certificate of an old one must still be rendered as it was.
public struct CertificatePage: Sendable {
  /// The form of the page, in its `meta name="generator"`.
  static let form = "zheng certificate 1"
  /// The largest page that is read or made.
  public static let maximumByteCount = 64 << 20

  /// A part of the page.
  struct Part: Hashable, Sendable {
    /// As `custody-row-2`.
    let name: String
    /// With the comment that begins it.
    let bytes: [UInt8]
  }

  /// What it shows.
  public let certificate: ProvenCertificate
  let values: CertificateValues
  private(set) var parts: [Part] = []

  /// The page of `certificate`.
  public init(_ certificate: ProvenCertificate) {
    self.certificate = certificate
    values = CertificateValues(certificate)
    add("style", "<style>\(HTML(trusted: CertificatePage.style))</style>\n")
    addSections()
    embed()
    add("script", "<script>\(HTML(trusted: CertificatePage.script))</script>\n")
    add("end", "</body>\n</html>\n")
    let body = PageBody.digest(parts.flatMap(\.bytes))
    parts.insert(CertificatePage.part("head", head(body)), at: 0)
  }

  /// The whole document.
  public var bytes: [UInt8] { CertificatePage.beginning + parts.flatMap(\.bytes) }

  /// What stands before the first part.
  static let beginning = Array("<!doctype html>\n<html lang=\"zh-CN\">\n".utf8)
  /// What begins the comment that begins a part, and ends it.
  static let marker = (before: Array("<!--part:".utf8), after: Array("-->".utf8))

  /// Adds a part.
  mutating func add(_ name: String, _ html: HTML) {
    parts.append(CertificatePage.part(name, html))
  }

  private static func part(_ name: String, _ html: HTML) -> Part {
    Part(name: name, bytes: marker.before + name.utf8 + marker.after + html.text.utf8)
  }

  /// The value `name` as the page shows it; the script finds it by the attribute.
  func value(_ name: String) -> HTML { "<span class=\"v\" data-v=\"\(name)\">\(values[name])</span>" }

  /// Words in both languages, one above the other.
  func label(_ words: Bilingual) -> HTML { "\(words.zh)<small lang=\"en\">\(words.en)</small>" }

  /// A row of a table of two columns.
  func row(_ zh: String, _ en: String, _ content: HTML) -> HTML {
    "<tr><th>\(label(Bilingual(zh, en)))</th><td>\(content)</td></tr>\n"
  }

  /// Paragraphs side by side.
  func paragraphs(_ zh: HTML, _ en: HTML, class style: String = "two") -> HTML {
    "<div class=\"\(style)\"><p>\(zh)</p><p lang=\"en\">\(en)</p></div>\n"
  }

  // MARK: Head, script and what is embedded

  private static let style = String(decoding: PackageResources.certificate_css, as: UTF8.self)
  private static let script = String(decoding: PackageResources.certificate_js, as: UTF8.self)

  /// A content security policy's source that allows exactly `text`.
  private static func source(_ text: String) -> String {
    "'sha256-\(Base64.encode(SHA256.digest(of: Array(text.utf8)).bytes))'"
  }

  /// - Parameter body: the digest of what a browser makes of the rest.
  private func head(_ body: Digest) -> HTML {
    let policy =
      "default-src 'none'; script-src \(CertificatePage.source(CertificatePage.script)); "
      + "style-src \(CertificatePage.source(CertificatePage.style)); base-uri 'none'; form-action 'none'"
    return """
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="generator" content="\(CertificatePage.form)">
      <meta name="body-sha-256" content="\(body.hex)">
      <meta name="referrer" content="no-referrer">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>存证证书 Certificate of deposit \(certificate.number)</title>
      </head>
      <body>

      """
  }

  /// The texts that everything above follows from, to be read by programs and, unfolded, by people.
  private mutating func embed() {
    func pre(_ id: String, _ text: [UInt8]) -> HTML {
      // A line feed right after the tag is not part of the text.
      "<pre id=\"\(id)\">\n\(String(decoding: text, as: UTF8.self))</pre>"
    }
    add(
      "embedded",
      """
      <section class="appendix">
      <h2>\(label(Bilingual("内嵌的证明与策略", "Embedded proofs and policy")))</h2>
      \(paragraphs(
        "以下文本可另存为文件：证明可用 zheng check 单独核验。C2SP tlog-proof、signed-note、tlog-policy 与 RFC 6962 为公开格式。",
        "Each text can be saved as a file of its own: zheng check reads a proof by itself. C2SP tlog-proof, signed-note and tlog-policy, and RFC 6962, are open formats."
      ))
      """)
    for row in certificate.rows {
      add(
        "proof-\(row.number)",
        "<details><summary>证明 Proof \(row.number)</summary>\(pre("proof-\(row.number)", row.proof.bytes))</details>\n"
      )
    }
    add(
      "as-of",
      "<details><summary>截至区块 Block of the list</summary>\(pre("as-of", certificate.source.asOf))</details>\n"
    )
    add(
      "policy",
      """
      <details><summary>策略 Policy</summary>\(pre("policy", certificate.policy.bytes))</details>
      </section>

      """)
  }
}
