import Certificates
import Hummingbird
import Ledger
import Scenarios
import TransparencyLog
import Workflows

/// *存证证书*: the certificate of an item as of the newest block, to be kept and handed out.
extension Page {
  static let certificate = PageRoute(
    "certificate", of: "evidence",
    "The certificate of an item of evidence, which proves itself without the node",
    shows: .records, [QueryParameter("id", .text(most: 400), "the item")]
  ) { page in
    guard let id = page.query.text("id") else { return .content(try page.nothing()) }
    do {
      guard let made = try await page.certificate(of: id) else {
        return .content(try page.neverRecorded(id, "item"))
      }
      let file = "attachment; filename=\"\(made.certificate.number).html\""
      return .answer(
        Answer(
          .ok, "text/html; charset=utf-8", .none, made.bytes,
          headers: [.contentDisposition: file, .contentLanguage: Language.zh.tag]))
    } catch let error as WorkflowError where error.kind == .busy {
      return .content(try page.behind())
    }
  }

  /// The certificate of the item `id`, under the ledger's own policy; it names nobody as its issuer. Nil where there is no such item.
  private func certificate(of id: String) async throws -> ItemCertificate? {
    let policy = try Policy(parsing: Array(state.roster.policyText(ledger: state.ledgerID).utf8).span)
    let request = ItemCertificate.Request(item: id, policy: "the ledger's policy", issuer: nil, name: id)
    return try await ItemCertificate(request, under: policy, on: ledger, ledger.context)
  }
}
