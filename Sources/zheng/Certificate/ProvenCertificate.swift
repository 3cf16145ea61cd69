import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog

/// What a certificate is made of: everything that it shows follows from these texts alone.
struct CertificateSource: Sendable {
  /// The C2SP proofs of the deposit and of each statement about the item after it, in the order of the log.
  var proofs: [[UInt8]]
  /// The C2SP proof of the header of the block up to which the list was made; its `extra` is that header.
  var asOf: [UInt8]
  /// Whom to trust.
  var policy: Policy

  /// The most proofs.
  static let maximumProofCount = 2000
}

/// A part of a certificate that is not as it must be.
struct CertificateFault: Error, Hashable {
  /// The part, as `depositor`, `custody-row-2` or `proof-1`.
  let part: String
  /// A stable name: that of a `ProofError`, `altered`, `chain`, `missing`, …
  let code: String
  /// A sentence that says what is wrong with it.
  let detail: String

  init(_ part: String, _ code: String, _ detail: String) {
    (self.part, self.code, self.detail) = (part, code, detail)
  }
}

/// One statement about the item, proven.
struct CertificateRow: Sendable {
  /// From 1, the deposit.
  let number: Int
  let proof: RecordProof
  let proven: ProvenRecord
  /// As `evidence.accept` or `countersign`.
  let kind: String
  let payload: CBORMap
  /// The row that is corrected or countersigned.
  let about: Int?
  /// Who holds the item after it, and its state then.
  let custodian, state: String
  /// What an `accept` found other than it was deposited and sealed.
  let differs: [Bilingual]

  var statement: SignedStatement { proven.statement }
}

/// A certificate's proofs, all checked under one policy, and the chain that they make.
struct ProvenCertificate: Sendable {
  let source: CertificateSource
  let rows: [CertificateRow]
  /// The header up to which the list of rows was made.
  let asOf: BlockHeader
  /// When that block existed at the latest, in s since the epoch.
  let asOfTime: UInt64?
  /// The claims of the deposit.
  let claims: Claims
  /// The ledger's id.
  let ledger: Digest
  /// What the certificate is about.
  let item: String
  /// The item's last custody entry among the rows.
  let last: Digest

  var policy: Policy { source.policy }
  var deposit: CertificateRow { rows[0] }

  /// What the certificate is filed under: it names the ledger and the deposit.
  var number: String {
    "ZC-\(ledger.hex.prefix(8))-\(deposit.statement.id.hex.prefix(16))".uppercased()
  }

  /// The deposited SHA-256 digest, where the deposit names one; the rules see to it.
  var digest: Digest? {
    guard case .map(let digests)? = deposit.payload["digests"], case .bytes(let bytes)? = digests["sha-256"]
    else {
      return nil
    }
    return Digest(bytes)
  }

  /// Checks everything under the policy of `source`.
  ///
  /// - Throws: every fault that was found.
  init(_ source: CertificateSource) throws(CertificateFaults) {
    guard (1...CertificateSource.maximumProofCount).contains(source.proofs.count) else {
      throw CertificateFaults([
        CertificateFault(
          "proof-1", "missing",
          "there are \(source.proofs.count) proofs; 1 to \(CertificateSource.maximumProofCount) are allowed")
      ])
    }
    var faults: [CertificateFault] = []
    var proven: [(RecordProof, ProvenRecord)] = []
    for (place, text) in source.proofs.enumerated() {
      do throws(ProofError) {
        let proof = try RecordProof(parsing: text.span)
        proven.append((proof, try proof.check(source.policy)))
      } catch {
        faults.append(CertificateFault("proof-\(place + 1)", error.code.rawValue, error.description))
      }
    }
    var asOf: (BlockHeader, UInt64?)?
    do throws(CertificateFault) { asOf = try ProvenCertificate.header(source.asOf, source.policy) } catch {
      faults.append(error)
    }
    guard faults.isEmpty, let asOf else { throw CertificateFaults(faults) }
    do throws(CertificateFault) {
      var chain = try CertificateChain(proven[0].0, proven[0].1)
      for (proof, record) in proven.dropFirst() { try chain.append(proof, record) }
      for row in chain.rows where row.proven.index >= asOf.0.size || row.proven.header.height > asOf.0.height
      {
        throw CertificateFault(
          "proof-\(row.number)", "chain",
          "it lies after block \(asOf.0.height), up to which the list is said to be")
      }
      (rows, claims, ledger, item, last) = (chain.rows, chain.claims, chain.ledger, chain.item, chain.last)
    } catch { throw CertificateFaults([error]) }
    self.source = source
    (self.asOf, asOfTime) = asOf
  }

  /// The header that `text` proves, and by when its block existed.
  private static func header(_ text: [UInt8], _ policy: Policy) throws(CertificateFault) -> (
    BlockHeader, UInt64?
  ) {
    do {
      let proof = try TLogProof(parsing: text.span)
      let (checkpoint, verdict) = try policy.evaluate(proof.checkpoint)
      guard let entry = proof.extra else { throw HeaderFault("it holds no header") }
      var hasher = TreeHasher()
      try InclusionProof(index: proof.index, size: checkpoint.size, path: proof.path)
        .verify(leaf: hasher.leaf(entry.span), root: checkpoint.root, using: &hasher)
      let statement = try SignedStatement(decoding: entry)
      guard statement.contentType == Kind.block, statement.claims == nil, statement.algorithm == .edDSA,
        statement.keyID == verdict.log.publicKey.thumbprint, statement.isSigned(by: verdict.log.publicKey)
      else { throw HeaderFault("it is no header of the log") }
      let header = try BlockHeader(payload: statement.payload)
      guard header.size == proof.index else { throw HeaderFault("the header does not stand where it says") }
      return (header, verdict.time)
    } catch { throw CertificateFault("as-of", ProofError.Code.header.rawValue, "\(error)") }
  }

  private struct HeaderFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }
}

/// Every fault of a certificate, at least one.
struct CertificateFaults: Error {
  let faults: [CertificateFault]

  init(_ faults: [CertificateFault]) { self.faults = faults }
}
