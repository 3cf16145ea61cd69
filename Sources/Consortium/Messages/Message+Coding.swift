import LedgerCrypto
import Statements
import TransparencyLog

extension Message {
  /// The encoding: what the board holds, what travels, and what the journal keeps.
  ///
  /// ```cddl
  /// message = { kind: "enter" / "propose" / "vote" / "skip" / "confirm" / "cosign", by: uint, height: uint, round: uint,
  ///             ? digest: digest,                ; propose, vote
  ///             ? size: uint, ? root: digest,    ; propose: the block's bytes; cosign: the tree's
  ///             ? certificate: certificate,      ; enter: SC or QC; propose: QC or none; confirm: QC; cosign: DC
  ///             signature: bstr }                ; 64 bytes; cosign: 72
  /// ```
  public var bytes: [UInt8] {
    var pairs: [(CBOR, CBOR)] = [
      ("kind", .text(ballot.kind.rawValue)), ("by", CBOR(sender)), ("height", .unsigned(ballot.height)),
      ("round", CBOR(ballot.round)), ("signature", .bytes(signature)),
    ]
    if let certificate = ballot.certificate { pairs.append(("certificate", certificate.cbor)) }
    switch ballot.content {
    case .propose(let proposal):
      pairs += [("digest", .bytes(proposal.digest.bytes)), ("size", CBOR(proposal.size))]
    case .vote(let digest): pairs.append(("digest", .bytes(digest.bytes)))
    case .cosign(let tree): pairs += [("size", .unsigned(tree.size)), ("root", .bytes(tree.root.bytes))]
    case .enter, .skip, .confirm: break
    }
    return CBOR.map(CBORMap(pairs)).encoded
  }
}

/// A message as somebody wrote it: of the right shape, and not yet anybody's word.
public struct UnverifiedMessage: Sendable {
  /// What it would say. The journal's own records are read by way of this; everything else is verified first.
  let claimed: Message

  /// The height that it is about, by which its committee is found.
  public var height: UInt64 { claimed.ballot.height }

  /// The message in these bytes.
  ///
  /// - Throws: `malformed` for more than 4,096 bytes, for any other shape or encoding, and where a certificate is of another height,
  ///   round or block than the message.
  public init(decoding bytes: [UInt8]) throws(ConsortiumError) {
    guard bytes.count <= Message.maximumByteCount else {
      throw ConsortiumError(.malformed, "a message of more than \(Message.maximumByteCount) bytes")
    }
    do {
      claimed = try UnverifiedMessage.message(CBOR(decoding: bytes))
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
  }

  static func message(_ cbor: CBOR) throws(StatementError) -> Message {
    var fields = try CBORFields(cbor, of: "message")
    let name = try fields.text("kind", bytes: 1...16)
    guard let kind = Ballot.Kind(rawValue: name) else { throw malformed("kind is none that is known") }
    let sender = Int(try fields.unsigned("by", in: 0...UInt64(Committee.maximumCount - 1)))
    let height = try fields.unsigned("height")
    let round = Int(try fields.unsigned("round", in: Message.rounds))
    let ballot = try ballot(kind, height, round, &fields)
    guard ballot.height == height, ballot.round == round else {
      throw malformed("its certificate is of another height or round")
    }
    let signature = try fields.bytes(
      "signature", count: kind == .cosign ? Cosignature.byteCount : signatureByteCount)
    try fields.finish()
    return Message(sender: sender, ballot: ballot, signature: signature)
  }

  private static func ballot(
    _ kind: Ballot.Kind, _ height: UInt64, _ round: Int, _ fields: inout CBORFields
  ) throws(StatementError) -> Ballot {
    switch kind {
    case .vote: return .vote(try fields.digest("digest"), height: height, round: round)
    case .skip: return .skip(height: height, round: round)
    case .enter: return .enter(try certificate(&fields, [.skip, .vote]))
    case .confirm: return .confirm(try certificate(&fields, [.vote]))
    case .propose:
      let digest = try fields.digest("digest")
      let size = try fields.unsigned("size", in: 1...UInt64(Message.maximumBlockByteCount))
      var justification: Certificate?
      if let value = fields.optionalValue("certificate") {
        let certificate = try Certificate(value)
        guard certificate.kind == .vote, certificate.digest == digest, certificate.height == height,
          certificate.round < round
        else { throw malformed("its certificate is no QC of the same block in a round before") }
        justification = certificate
      }
      let proposal = Proposal(digest: digest, size: Int(size), justification: justification)
      return .propose(proposal, height: height, round: round)
    case .cosign:
      let size = try fields.unsigned("size", in: 1...UInt64(Int64.max))
      let root = try fields.digest("root")
      return .cosign(CosignedTree(size: size, root: root, decision: try certificate(&fields, [.confirm])))
    }
  }

  private static func certificate(
    _ fields: inout CBORFields, _ kinds: [Certificate.Kind]
  ) throws(StatementError) -> Certificate {
    let certificate = try Certificate(fields.value("certificate"))
    guard kinds.contains(certificate.kind) else {
      throw malformed("its certificate is of the kind \(certificate.kind.rawValue)")
    }
    return certificate
  }

  private static func malformed(_ what: String) -> StatementError {
    StatementError(.malformed, "message: \(what)")
  }
}
