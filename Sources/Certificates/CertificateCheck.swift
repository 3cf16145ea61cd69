import Ledger
public import TransparencyLog

/// The judgement of a certificate: its proofs under the policy that the person holds, and its visible text against them.
public struct CertificateCheck: Sendable {
  /// What is wrong; nothing where the certificate is good.
  public private(set) var faults: [CertificateFault] = []
  /// What its proofs prove, where all of them hold.
  public private(set) var certificate: ProvenCertificate?

  /// Judges the page in `bytes` under `policy`.
  public init(_ bytes: [UInt8], _ policy: Policy) {
    do {
      try CertificateCheck.requireLineEnds(bytes)
      let file = try CertificateFile(bytes)
      let proofs = try file.proofs()
      try CertificateCheck.requireLedger(proofs[0], policy)
      guard let issue = file.embedded("issue").flatMap({ CertificateIssue($0) }) else {
        throw CertificateFault("issue", "altered", "the page does not embed when it was made, and by whom")
      }
      let blocks = CertificateCheck.blocks(file, policy)
      let source = CertificateSource(
        proofs: proofs, state: file.embedded("state-proof") ?? [], names: file.embedded("roster") ?? [],
        policy: policy.judging.bound(to: blocks), issue: issue)
      let certificate = try ProvenCertificate(source)
      try CertificateCheck.requireBlocks(certificate, policy)
      faults = try CertificateCheck.faults(file, certificate)
      self.certificate = certificate
    } catch let error as CertificateFaults {
      faults = error.faults
    } catch let error as CertificateFault {
      faults = [error]
    } catch {
      faults = [CertificateFault("head", "malformed", "\(error)")]
    }
  }

  /// A page is compared byte for byte; one whose line ends were changed is told so, instead of part by part.
  private static func requireLineEnds(_ bytes: [UInt8]) throws(CertificateFault) {
    guard bytes.contains(UInt8(ascii: "\r")) || bytes.starts(with: [0xef, 0xbb, 0xbf]) else { return }
    let hint = LineEnds.restored(bytes)?.hint ?? LineEnds.hint
    throw CertificateFault(
      "head", "line-ends", "\(hint); get the file again as it was made, for example in a ZIP archive")
  }

  /// Says of a policy of another ledger that it is that, instead of saying of each proof that it does not hold.
  private static func requireLedger(_ first: [UInt8], _ policy: Policy) throws(CertificateFault) {
    let proof: RecordProof
    do { proof = try RecordProof(parsing: first.span) } catch { return }
    let ledger = proof.ledger?.hex ?? "one that it does not name"
    if let asked = policy.ledger, asked != proof.ledger {
      throw CertificateFault(
        "policy", ProofError.Code.wrongLedger.rawValue,
        "this certificate is of ledger \(ledger); the policy is of ledger \(asked)")
    }
    do { _ = try policy.evaluate(proof.proof.checkpoint) } catch {
      guard error.code == .unknownKey else { return }
      throw CertificateFault(
        "policy", ProofError.Code.wrongLedger.rawValue,
        "this certificate is of ledger \(ledger); the policy is of another, whose keys signed nothing here")
    }
  }

  /// The blocks that the policy in the page is for: those of the policy given, or what was known of them when the page was made,
  /// before anyone could tell where they end.
  private static func blocks(_ file: CertificateFile, _ policy: Policy) -> Policy.Blocks? {
    let known = file.embedded("policy").flatMap { try? Policy(parsing: $0.span) }?.blocks
    guard let blocks = policy.blocks else { return known }
    return known == Policy.Blocks(blocks.first, nil) ? known : blocks
  }

  /// Sees that the policy is for every block that the certificate tells of.
  private static func requireBlocks(
    _ certificate: ProvenCertificate, _ policy: Policy
  ) throws(CertificateFault) {
    let heights = certificate.rows.map(\.proven.header.height) + [certificate.asOf.height]
    guard let other = heights.lazy.compactMap({ policy.refusal(ofBlock: $0) }).first else { return }
    throw CertificateFault("policy", ProofError.Code.policy.rawValue, other)
  }

  /// What is not as the template that the page names makes it.
  private static func faults(
    _ file: CertificateFile, _ certificate: ProvenCertificate
  ) throws(CertificateFault) -> [CertificateFault] {
    let known = CertificateTemplate.all
    let named = file.template
    guard let template = named == nil ? known.last : known.first(where: { $0.name.hex == named }) else {
      return [
        CertificateFault(
          "head", "unknown-form",
          "a certificate of another form, \(named?.prefix(16) ?? ""); this program knows \(known.map { $0.name.hex.prefix(16) }.joined(separator: ", "))"
        )
      ]
    }
    let page = try CertificateFile(CertificatePage(certificate, template).bytes)
    return file.differences(from: page).map { fault in
      guard fault.part == "policy", fault.code == "altered" else { return fault }
      return CertificateFault(
        "policy", "altered",
        "the page embeds another policy than the one given: either was altered, or this is another ledger's")
    }
  }

  /// Whether it proves all that it shows.
  public var isGood: Bool { faults.isEmpty && certificate != nil }
}
