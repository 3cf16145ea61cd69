import LedgerCrypto

/// A form of the certificate: markup, style, script and words. Named by its digest; one that was released stays in the program, so
/// that what was handed out can be rendered again after a word was mended.
package struct CertificateTemplate: Sendable {
  /// SHA-256 over its files, each with its length (8 bytes, big-endian) before it.
  let name: Digest
  let head, body, style: Template
  let script: String

  /// Every form that is known; the newest, which is written, last.
  static let all = [
    CertificateTemplate(
      markup: PackageResources.certificate_html, style: PackageResources.certificate_css,
      script: PackageResources.proofs_js + PackageResources.custody_js + PackageResources.certificate_js,
      words: PackageResources.certificate_words)
  ]
  static let newest = all[all.count - 1]

  /// The beginning of the page's script, up to what it shows: the reader and the checks of proofs and of certificates, for pages of other
  /// modules. Their own part follows, and closes the function that this opens with `})();`.
  package static var proofScript: [UInt8] { PackageResources.proofs_js + PackageResources.custody_js }

  /// The words of certificates, by keys such as `kind.evidence.deposit`, `state.sealed` and `member.case`.
  package static let words = read(words: String(decoding: PackageResources.certificate_words, as: UTF8.self))

  /// The words in `text`: a line each, the key, Chinese and English between tabs. Traps on any other line, and on a key that comes twice.
  package static func read(words text: String) -> [String: (zh: String, en: String)] { Template.words(text) }

  private init(markup: [UInt8], style: [UInt8], script: [UInt8], words: [UInt8]) {
    var named: [UInt8] = []
    for file in [markup, style, script, words] {
      for shift in stride(from: 56, through: 0, by: -8) {
        named.append(UInt8(truncatingIfNeeded: UInt64(file.count) >> UInt64(shift)))
      }
      named += file
    }
    name = SHA256.digest(of: named)
    let text = String(decoding: markup, as: UTF8.self)
    let list = Template.words(String(decoding: words, as: UTF8.self))
    guard let start = text.firstRange(of: "<body>\n")?.upperBound else {
      preconditionFailure("a template without a body")
    }
    (head, body) = (
      Template(String(text[..<start]), words: list), Template(String(text[start...]), words: list)
    )
    self.style = Template(String(decoding: style, as: UTF8.self), words: list)
    self.script = String(decoding: script, as: UTF8.self)
  }
}
