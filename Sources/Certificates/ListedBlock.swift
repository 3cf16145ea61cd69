public import Ledger
import LedgerCrypto
public import Statements
public import TransparencyLog

/// The block up to which a certificate lists rows, and what its roster calls the ledger and its members.
///
/// A C2SP tlog-proof of the block's header; its `extra` is a CBOR sequence: the header's entry, and a `RosterExtract`.
public struct ListedBlock: Sendable {
  /// The block's header.
  public let header: BlockHeader
  /// When the block existed at the latest, in s since the epoch.
  public let time: UInt64?
  /// What the ledger is called.
  public let ledgerName: LocalizedName
  /// What members are called, by their ids.
  public let names: [String: LocalizedName]

  /// The proof of `header`.
  ///
  /// - Parameters:
  ///   - path: where the header lies in the tree of `checkpoint`.
  ///   - roster: the one that the header names.
  ///   - members: whose names are told, as far as the roster has them.
  /// - Throws: `ProofError`, `LogError` where it would be too large.
  public static func proof(
    of header: SignedStatement, path: InclusionProof, checkpoint: SignedNote, roster: Roster,
    members: Set<String>
  ) throws -> [UInt8] {
    try TLogProof(
      extra: header.entry + RosterExtract(of: roster, members: members).encoded, index: path.index,
      path: path.path,
      checkpoint: checkpoint
    ).bytes
  }

  /// The ids of the members that these statements are by or name as receivers.
  public static func members(in statements: [SignedStatement]) -> Set<String> {
    var ids: Set<String> = []
    for statement in statements {
      if let claims = statement.claims { ids.insert(claims.issuer) }
      guard let payload = try? CBOR(decoding: statement.payload), case .map(let map) = payload,
        case .text(let to)? = map["to"]
      else { continue }
      ids.insert(to)
    }
    return ids
  }

  /// What `text` proves under `policy`.
  init(_ text: [UInt8], _ policy: Policy) throws(CertificateFault) {
    do {
      let proof = try TLogProof(parsing: text.span)
      let (checkpoint, verdict) = try policy.evaluate(proof.checkpoint)
      guard let extra = proof.extra else { throw HeaderFault("it holds no header") }
      var items = try CBOR.decodeSequence(extra.span, maximum: 3 + 2 * RosterExtract.maximumMemberCount)
      guard !items.isEmpty else { throw HeaderFault("it holds no header") }
      let entry = items.removeFirst().encoded
      var hasher = TreeHasher()
      try InclusionProof(index: proof.index, size: checkpoint.size, path: proof.path)
        .verify(leaf: hasher.leaf(entry.span), root: checkpoint.root, using: &hasher)
      let statement = try SignedStatement(decoding: entry)
      guard statement.contentType == Kind.block, statement.claims == nil, statement.algorithm == .edDSA
      else { throw HeaderFault("it is no header of the log") }
      header = try BlockHeader(payload: statement.payload)
      guard header.size == proof.index else { throw HeaderFault("the header does not stand where it says") }
      if let other = policy.refusal(ofBlock: header.height) { throw HeaderFault(other) }
      let extract = try RosterExtract(items, root: header.roster)
      guard entry + extract.encoded == extra else { throw HeaderFault("it is not spelled as it must be") }
      time = verdict.time
      ledgerName = extract.terms.name
      names = extract.members.mapValues(\.name)
    } catch { throw CertificateFault("as-of", ProofError.Code.header.rawValue, "\(error)") }
  }

  private struct HeaderFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }
}
