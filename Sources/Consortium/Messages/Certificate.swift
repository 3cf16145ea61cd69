public import LedgerCrypto
import Statements

/// What q validators said about one round: proof to anyone that knows the roster.
///
/// ```cddl
/// certificate = { kind: "vote" / "skip" / "confirm", height: uint, round: uint, ? digest: digest,   ; none for "skip"
///                 signatures: [1*32 [validator: uint, signature: bstr .size 64]] }                 ; validators ascending
/// ```
public struct Certificate: Hashable, Sendable {
  /// What was said.
  public enum Kind: String, Sendable {
    /// QC: q votes for one (height, round, block).
    case vote
    /// SC: q skips of one (height, round).
    case skip
    /// DC: q confirms of one (height, round, block), which decide the height.
    case confirm
  }

  /// One validator's signature, over what the certificate says and nothing else: never over another certificate.
  public struct Endorsement: Hashable, Sendable {
    /// Its place in the roster.
    public let validator: Int
    /// By its vote key, 64 bytes.
    public let signature: [UInt8]

    package init(_ validator: Int, _ signature: [UInt8]) {
      (self.validator, self.signature) = (validator, signature)
    }
  }

  /// What was said.
  public let kind: Kind
  /// Of which height.
  public let height: UInt64
  /// Of which round.
  public let round: Int
  /// Of which block: the leaf hash of its header entry. Nil for a skip, and for nothing else.
  public let digest: Digest?
  /// By whom, in the order of their places: exactly a quorum.
  public let endorsements: [Endorsement]

  /// A certificate of messages that were checked.
  package init(kind: Kind, height: UInt64, round: Int, digest: Digest?, endorsements: [Endorsement]) {
    precondition((kind == .skip) == (digest == nil), "a skip names no block, a vote and a confirm do")
    (self.kind, self.height, self.round) = (kind, height, round)
    (self.digest, self.endorsements) = (digest, endorsements)
  }

  /// What each of the signatures is over.
  public var subject: SignedSubject {
    SignedSubject(kind: kind.rawValue, height: height, round: round, digest: digest)
  }

  // MARK: Encoding

  var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [
      ("kind", .text(kind.rawValue)), ("height", .unsigned(height)), ("round", .unsigned(UInt64(round))),
      ("signatures", .array(endorsements.map { [CBOR($0.validator), .bytes($0.signature)] })),
    ]
    if let digest { pairs.append(("digest", .bytes(digest.bytes))) }
    return .map(CBORMap(pairs))
  }

  /// The certificate of this shape; whether its signatures hold is another matter.
  init(_ cbor: CBOR) throws(StatementError) {
    var fields = try CBORFields(cbor, of: "certificate")
    guard let kind = Kind(rawValue: try fields.text("kind", bytes: 1...16)) else {
      throw StatementError(.malformed, "certificate: kind is not vote, skip or confirm")
    }
    height = try fields.unsigned("height")
    round = Int(try fields.unsigned("round", in: Message.rounds))
    digest = kind == .skip ? nil : try fields.digest("digest")
    endorsements = try Certificate.endorsements(&fields, count: 1...Committee.maximumCount)
    try fields.finish()
    self.kind = kind
  }

  /// The places and signatures in the field `signatures`, ascending.
  static func endorsements(
    _ fields: inout CBORFields, count: ClosedRange<Int>
  ) throws(StatementError) -> [Endorsement] {
    var endorsements: [Endorsement] = []
    for item in try fields.array("signatures", count: count) {
      guard case .array(let parts) = item, parts.count == 2, case .unsigned(let place) = parts[0],
        place < UInt64(Committee.maximumCount), case .bytes(let signature) = parts[1],
        signature.count == signatureByteCount
      else {
        throw StatementError(
          .malformed, "\(fields.name): a signature is not a validator's place and 64 bytes")
      }
      guard endorsements.last.map({ $0.validator < Int(place) }) ?? true else {
        throw StatementError(.malformed, "\(fields.name): the validators do not ascend")
      }
      endorsements.append(Endorsement(Int(place), signature))
    }
    return endorsements
  }
}
