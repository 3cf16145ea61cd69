import Certificates
import Hummingbird
import LedgerCrypto

/// The style sheet and the script of the pages, under names that change with their content.
struct PageAsset: Sendable {
  /// The name, below the node's address.
  let name: String
  /// The type without its parameter.
  private let mediaType: String
  private let bytes: [UInt8]

  private init(_ stem: String, _ ending: String, _ mediaType: String, _ bytes: [UInt8]) {
    name = "\(stem)-\(SHA256.digest(of: bytes).hex.prefix(16)).\(ending)"
    (self.mediaType, self.bytes) = (mediaType, bytes)
  }

  static let style = PageAsset("pages", "css", "text/css", PackageResources.pages_css)

  /// The certificate's reader of proofs, the answers, and what pages do with them.
  static let script = PageAsset(
    "pages", "js", "text/javascript",
    CertificateTemplate.proofScript + PackageResources.answers_js + PackageResources.pages_js)

  /// The route that gives it.
  var route: Route {
    Route("/" + name, "A part of the pages for people", shows: .nothing, gives: [.bytes(mediaType)]) {
      [self] _, _ in
      Answer(.ok, "\(mediaType); charset=utf-8", .immutable, bytes)
    }
  }
}
