import LedgerCrypto
import TransparencyLog

/// The HTML document of a certificate: a pure function of what it embeds and of a template.
///
/// It is split into named parts by comments, `<!--part:depositor-->`, so that whoever renders it again can say which part of a
/// page is not as it must be. No value can hold such a comment: values are escaped.
public struct CertificatePage: Sendable {
  /// The largest page that is read or made.
  public static let maximumByteCount = 64 << 20

  /// What it shows.
  public let certificate: ProvenCertificate
  /// The whole document.
  public let bytes: [UInt8]

  /// The page of `certificate` in the newest form.
  public init(_ certificate: ProvenCertificate) { self.init(certificate, CertificateTemplate.newest) }

  init(_ certificate: ProvenCertificate, _ template: CertificateTemplate) {
    self.certificate = certificate
    var values = CertificateValues(certificate).values
    values.set("template", template.name.hex)
    let style = template.style.filled(values)
    values.set("style", style)
    values.set("script", template.script)
    values.set("style-source", CertificatePage.source(style))
    values.set("script-source", CertificatePage.source(template.script))
    let body = Array(template.body.filled(values).utf8)
    // The digest of what a browser makes of the rest.
    values.set("body-digest", PageBody.digest(body).hex)
    bytes = Array(template.head.filled(values).utf8) + body
  }

  /// What begins the comment that begins a part, and ends it.
  static let marker = (before: Array("<!--part:".utf8), after: Array("-->".utf8))

  /// A content security policy's source that allows exactly `text`.
  package static func source(_ text: String) -> String {
    "sha256-\(Base64.encode(SHA256.digest(of: Array(text.utf8)).bytes))"
  }
}
