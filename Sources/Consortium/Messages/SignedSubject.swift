public import LedgerCrypto
import Statements

/// What a vote key signs: a line that keeps it apart from everything else that keys sign here, then this map in canonical CBOR.
///
/// ```cddl
/// subject = { ledger: digest, roster: digest, ? restart: digest, height: uint, round: uint, kind: tstr, ? digest: digest,
///             ? size: uint, ? justified: uint }
/// ```
///
/// `digest` is there for proposals, votes and confirms; `size`, the bytes of the block, for proposals; `justified`, the round whose
/// certificate a proposal follows, where it follows one; `restart`, the restart above whose height it is. A certificate that travels with a message is not signed: it proves itself.
public struct SignedSubject: Hashable, Sendable {
  /// The name of what is said.
  public var kind: String
  /// The height.
  public var height: UInt64
  /// The round.
  public var round: Int
  /// The block.
  public var digest: Digest?
  /// The bytes of the block.
  public var size: Int?
  /// The round of the QC that a proposal follows.
  public var justified: Int?

  package init(
    kind: String, height: UInt64, round: Int, digest: Digest? = nil, size: Int? = nil, justified: Int? = nil
  ) {
    (self.kind, self.height, self.round, self.digest) = (kind, height, round, digest)
    (self.size, self.justified) = (size, justified)
  }

  /// What every message begins with: no statement, note, token or header does.
  static let domain = Array("zheng/consensus/v1\n".utf8)

  /// The bytes that are signed by a validator of `committee`.
  public func bytes(for committee: Committee) -> [UInt8] {
    var pairs: [(CBOR, CBOR)] = [
      ("ledger", .bytes(committee.ledger.bytes)), ("roster", .bytes(committee.roster.bytes)),
      ("height", .unsigned(height)), ("round", .unsigned(UInt64(round))), ("kind", .text(kind)),
    ]
    if let restart = committee.restart { pairs.append(("restart", .bytes(restart.bytes))) }
    if let digest { pairs.append(("digest", .bytes(digest.bytes))) }
    if let size { pairs.append(("size", .unsigned(UInt64(size)))) }
    if let justified { pairs.append(("justified", .unsigned(UInt64(justified)))) }
    return SignedSubject.domain + CBOR.map(CBORMap(pairs)).encoded
  }
}
