public import Ledger
public import LedgerCrypto
public import Scenarios
public import Statements
public import TransparencyLog

/// What a certificate is made of: everything that it shows follows from these texts alone.
public struct CertificateSource: Sendable {
  /// The C2SP proofs of the deposit and of each statement about the item after it, in the order of the log.
  public var proofs: [[UInt8]]
  /// The C2SP proof of what the state has of the item as of a block, as `ListedBlock` has it.
  public var state: [UInt8]
  /// What the roster of that block calls the ledger and its members.
  public var names: [UInt8]
  /// Whom to trust.
  public var policy: Policy
  /// When it was made, and by whom.
  public var issue: CertificateIssue

  /// The most proofs.
  public static let maximumProofCount = 2000

  /// A source.
  public init(
    proofs: [[UInt8]], state: [UInt8], names: [UInt8], policy: Policy, issue: CertificateIssue
  ) {
    (self.proofs, self.state, self.names) = (proofs, state, names)
    (self.policy, self.issue) = (policy, issue)
  }
}

/// A part of a certificate that is not as it must be.
public struct CertificateFault: Error, Hashable {
  /// The part, as `depositor`, `custody-row-2` or `proof-1`.
  public let part: String
  /// A stable name: that of a `ProofError`, `altered`, `chain`, `missing`, `rows`, `state`, …
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
  /// Who holds the item after it.
  public let custodian: String
  /// The state of the item after it.
  public let state: Evidence.State
  /// What an `accept` found other than it was deposited and sealed.
  public let differs: [Difference]
  /// The seal that was to be on the item when it was received.
  let sealBefore: String?

  /// What may differ.
  public enum Difference: String, Sendable {
    case digest = "SHA-256"
    case seal
  }

  /// The statement.
  public var statement: SignedStatement { proven.statement }
}

/// A certificate's proofs, all checked under one policy, and the chain that they make: all records about the item as of a
/// block, and how the item stood then.
public struct ProvenCertificate: Sendable {
  /// What all of it follows from.
  public private(set) var source: CertificateSource
  /// The deposit and the statements after it, in the order of the log.
  public let rows: [CertificateRow]
  /// The block as of which the rows are all there are, and what its roster calls whom.
  public let listed: ListedBlock
  /// The claims of the deposit.
  public let claims: Claims
  /// The ledger's id.
  public let ledger: Digest
  /// What the certificate is about.
  public let item: String
  /// The item's last custody entry among the rows.
  public let last: Digest
  /// The row that waits for its countersignature.
  let waiting: Int?
  /// The rows of the holds in force.
  let holds: [Int]

  /// The header of the block as of which the rows are all there are.
  public var asOf: BlockHeader { listed.header }

  /// The policy that it was judged under.
  public var policy: Policy { source.policy }
  /// The first row.
  public var deposit: CertificateRow { rows[0] }

  /// What the certificate is filed under: it names the ledger, the deposit, the block of the list and, by 8 digits, the rows.
  public var number: String {
    var listed: [UInt8] = []
    for row in rows { listed += row.statement.id.bytes }
    return
      "ZC-\(ledger.hex.prefix(8))-\(deposit.statement.id.hex.prefix(16))-\(asOf.height)-\(SHA256.digest(of: listed).hex.prefix(8))"
      .uppercased()
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

  /// The same certificate, made at another time or by somebody else.
  public func issued(_ issue: CertificateIssue) -> ProvenCertificate {
    var certificate = self
    certificate.source.issue = issue
    return certificate
  }

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
    var listed: ListedBlock?
    do throws(CertificateFault) {
      listed = try ListedBlock(source.state, names: source.names, source.policy)
    } catch {
      faults.append(error)
    }
    guard faults.isEmpty, let listed else { throw CertificateFaults(faults) }
    // The rows may leave a gap in the chain, and be less than the list: both are told.
    var incomplete: [CertificateFault] = []
    do throws(CertificateFault) {
      let item = proven[0].1.statement.claims?.subject ?? ""
      try listed.requireAll(proven.map(\.1), of: item)
    } catch { incomplete = [error] }
    do throws(CertificateFault) {
      var chain = try CertificateChain(proven[0].0, proven[0].1)
      for (proof, record) in proven.dropFirst() { try chain.append(proof, record) }
      guard incomplete.isEmpty else { throw incomplete.removeFirst() }
      try listed.require(chain.known, of: chain.item)
      (rows, claims, ledger, item, last) = (chain.rows, chain.claims, chain.ledger, chain.item, chain.last)
      (waiting, holds) = (chain.waiting, chain.holds)
    } catch { throw CertificateFaults([error] + incomplete) }
    self.source = source
    self.listed = listed
  }
}

/// Every fault of a certificate, at least one.
public struct CertificateFaults: Error {
  /// Each with the part that it is in.
  public let faults: [CertificateFault]

  init(_ faults: [CertificateFault]) { self.faults = faults }
}
