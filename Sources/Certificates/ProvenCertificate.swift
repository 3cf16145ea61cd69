public import Ledger
public import LedgerCrypto
import Scenarios
public import Statements
public import TransparencyLog

/// What a certificate is made of: everything that it shows follows from these texts alone.
public struct CertificateSource: Sendable {
  /// The C2SP proofs of the deposit and of each statement about the item after it, in the order of the log.
  public var proofs: [[UInt8]]
  /// The C2SP proof of the header of the block up to which the list was made; its `extra` is that header.
  public var asOf: [UInt8]
  /// Whom to trust.
  public var policy: Policy

  /// The most proofs.
  public static let maximumProofCount = 2000

  /// A source.
  public init(proofs: [[UInt8]], asOf: [UInt8], policy: Policy) {
    (self.proofs, self.asOf, self.policy) = (proofs, asOf, policy)
  }
}

/// A part of a certificate that is not as it must be.
public struct CertificateFault: Error, Hashable {
  /// The part, as `depositor`, `custody-row-2` or `proof-1`.
  public let part: String
  /// A stable name: that of a `ProofError`, `altered`, `chain`, `missing`, …
  public let code: String
  /// A sentence that says what is wrong with it.
  public let detail: String

  init(_ part: String, _ code: String, _ detail: String) {
    (self.part, self.code, self.detail) = (part, code, detail)
  }
}

/// One statement about the item, proven.
public struct CertificateRow: Sendable {
  /// From 1, the deposit.
  public let number: Int
  /// The proof as it was given.
  public let proof: RecordProof
  /// What it proves.
  public let proven: ProvenRecord
  /// As `evidence.accept` or `countersign`.
  public let kind: String
  let payload: CBORMap
  /// The row that is corrected or countersigned.
  public let about: Int?
  /// Who holds the item after it, and its state then.
  public let custodian, state: String
  /// What an `accept` found other than it was deposited and sealed.
  public let differs: [Bilingual]

  /// The statement.
  public var statement: SignedStatement { proven.statement }
}

/// A certificate's proofs, all checked under one policy, and the chain that they make.
public struct ProvenCertificate: Sendable {
  /// What all of it follows from.
  public let source: CertificateSource
  /// The deposit and the statements after it, in the order of the log.
  public let rows: [CertificateRow]
  /// The header up to which the list of rows was made.
  public let asOf: BlockHeader
  /// When that block existed at the latest, in s since the epoch.
  public let asOfTime: UInt64?
  /// The claims of the deposit.
  public let claims: Claims
  /// The ledger's id.
  public let ledger: Digest
  /// What the certificate is about.
  public let item: String
  /// The item's last custody entry among the rows.
  public let last: Digest

  /// The policy that it was judged under.
  public var policy: Policy { source.policy }
  /// The first row.
  public var deposit: CertificateRow { rows[0] }

  /// What the certificate is filed under: it names the ledger and the deposit.
  public var number: String {
    "ZC-\(ledger.hex.prefix(8))-\(deposit.statement.id.hex.prefix(16))".uppercased()
  }

  /// The deposited SHA-256 digest, where the deposit names one; the rules see to it.
  public var digest: Digest? {
    guard case .map(let digests)? = deposit.payload["digests"], case .bytes(let bytes)? = digests["sha-256"]
    else {
      return nil
    }
    return Digest(bytes)
  }

  /// Whether a directory was deposited, by its manifest.
  public var isDirectory: Bool { deposit.payload["manifest"] != nil }

  /// Checks everything under the policy of `source`.
  ///
  /// - Throws: every fault that was found.
  public init(_ source: CertificateSource) throws(CertificateFaults) {
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
public struct CertificateFaults: Error {
  /// Each with the part that it is in.
  public let faults: [CertificateFault]

  init(_ faults: [CertificateFault]) { self.faults = faults }
}
