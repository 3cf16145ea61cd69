import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog

/// The certificate of an item: gathered from a ledger, proven, and checked as its receiver will check it.
package struct ItemCertificate {
  /// What the proofs prove.
  package let certificate: ProvenCertificate
  /// The page.
  package let bytes: [UInt8]

  /// What a certificate is made with.
  package struct Request {
    /// The item.
    package var item: String
    /// The policy file that it embeds and is judged under, or what complaints call the policy.
    package var policy: String
    /// Who issues it, in their own words; 1 to 200 bytes without control characters.
    package var issuer: String?
    /// The file or the address that it is for, as complaints name it.
    package var name: String
    /// A certificate made earlier: where it is the same but for its time, it is given again.
    package var earlier: [UInt8]?

    package init(item: String, policy: String, issuer: String?, name: String, earlier: [UInt8]? = nil) {
      (self.item, self.policy, self.issuer) = (item, policy, issuer)
      (self.name, self.earlier) = (name, earlier)
    }

    /// Whether `issuer` can be who issues a certificate.
    package static func isIssuer(_ issuer: String) -> Bool {
      CertificateIssue(time: 0, by: issuer) != nil
    }
  }

  /// The certificate that `request` asks for, of all that `ledger` has about the item up to its newest block; nil where no such
  /// item was deposited.
  ///
  /// - Throws: busy, where the ledger goes on meanwhile; cannot create, where it would be larger than what is
  ///   read; not verified, where the ledger does not prove the item under the policy.
  package init?(_ request: Request, on ledger: any LedgerAccess, _ context: WorkContext) async throws {
    let policy = try PolicyFile.read(request.policy, note: context.note)
    try await self.init(request, under: policy, on: ledger, context)
  }

  /// The same under `policy`, which is that of the request, read.
  package init?(
    _ request: Request, under policy: Policy, on ledger: any LedgerAccess, _ context: WorkContext
  ) async throws {
    let policy = policy.judging
    guard let issue = CertificateIssue(time: context.now / 1000, by: request.issuer) else {
      throw WorkflowError.usage("this machine's clock is after the year 9999")
    }
    guard let source = try await ItemCertificate.source(request, policy, issue, on: ledger) else {
      return nil
    }
    do throws(CertificateFaults) { certificate = try ProvenCertificate(source) } catch {
      let fault = error.faults[0]
      throw WorkflowError(
        .notVerified, fault.code,
        "\(ledger.place): the ledger does not prove the item under \(request.policy): \(fault.part): \(fault.detail)",
        lead: .verification)
    }
    bytes = ItemCertificate.page(certificate, earlier: request.earlier)
    guard bytes.count <= CertificatePage.maximumByteCount else {
      throw WorkflowError.cannotCreate(
        "\(request.name): the certificate would have \(Printable.byteCount(UInt64(bytes.count))), more than is read"
      )
    }
    // What is handed out has been checked as its receiver will.
    let check = CertificateCheck(bytes, policy)
    guard check.isGood else {
      throw WorkflowError(
        .notVerified, "altered",
        "\(request.name): not written, because it would not pass: \(check.faults.first?.detail ?? "")")
    }
  }

  /// What the ledger has about the item as of its newest block; nil where it has no such item.
  private static func source(
    _ request: Request, _ policy: Policy, _ issue: CertificateIssue, on ledger: any LedgerAccess
  ) async throws -> CertificateSource? {
    let keys = ListedBlock.keys(of: request.item)
    let state = try await ledger.stateProofs(keys)
    guard state.keys.allSatisfy({ $0.value != nil }) else { return nil }
    let indices = try await ledger.records(listedAt: keys[0])
    guard indices.count <= CertificateSource.maximumProofCount else {
      throw WorkflowError.cannotCreate(
        "\(request.name): \(indices.count) statements are about \(Printable.text(request.item)); a certificate shows at most \(CertificateSource.maximumProofCount)"
      )
    }
    var proofs: [RecordProof] = []
    for index in indices { proofs.append(try await ledger.proof(of: index, atHead: false)) }
    let header = try BlockHeader(payload: state.header.payload)
    guard try await ledger.newestBlock().height == header.height else {
      throw WorkflowError(
        .busy, "busy", "\(ledger.place): more was recorded while the certificate was made; try again")
    }
    let names = try await ListedBlock.names(
      ledger.roster(header.roster, at: header.height),
      members: ListedBlock.members(in: proofs.map(\.statement)))
    return CertificateSource(
      proofs: proofs.map(\.bytes), state: state.bytes, names: names, policy: policy, issue: issue)
  }

  /// The page of `certificate`; where `earlier` is that page but for its time, that one.
  private static func page(_ certificate: ProvenCertificate, earlier: [UInt8]?) -> [UInt8] {
    if let earlier, let issue = CertificateFile.issue(earlier), issue.by == certificate.source.issue.by,
      CertificatePage(certificate.issued(issue)).bytes == earlier
    {
      return earlier
    }
    return CertificatePage(certificate).bytes
  }
}
