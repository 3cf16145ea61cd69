public import LedgerCrypto
import Statements
import TransparencyLog

/// Evidence that can be judged offline: the validator by name and keys, and the two things that it signed.
///
/// ```cddl
/// file = { zheng: "misconduct", ledger: digest, roster: digest, ? restart: digest, origin: tstr, validator: tstr, vote: COSE_Key,
///          cosigner: vkey, first: testimony, second: testimony }
/// testimony = { kind: tstr, height: uint, round: uint, ? digest: digest, ? size: uint, ? justified: uint, signature: bstr .size 64 }
///           / { size: uint, root: digest, ? header: bstr, ? path: [* digest], signature: bstr .size 72 }
/// ```
///
/// It proves that whoever holds those keys signed both. That they are the keys of that validator in that roster, `concerns` says, or
/// whoever has the roster with that root.
public struct MisconductFile: Sendable {
  /// The ledger id, and the root of the roster, that the validator signed for.
  public let ledger, roster: Digest
  /// The restart above whose height it signed; nil where there was none.
  public let restart: Digest?
  /// The origin of the ledger's checkpoints.
  public let origin: String
  /// The validator.
  public let seat: Committee.Seat
  /// What it did. `validator` in it is 0: the file has no other.
  public let misconduct: Misconduct

  /// No file is longer, in bytes.
  public static let maximumByteCount = 16_384
  private static let mark = "misconduct"

  /// The file of what a validator of `committee` did.
  ///
  /// - Throws: `unknown-validator`; `bad-signature` where a signature does not hold.
  public init(_ misconduct: Misconduct, in committee: Committee) throws(ConsortiumError) {
    let seat = try committee.seat(misconduct.validator)
    try self.init(
      misconduct.first, misconduct.second, ledger: committee.ledger, roster: committee.roster,
      restart: committee.restart, origin: committee.origin, seat: seat)
  }

  private init(
    _ first: Misconduct.Testimony, _ second: Misconduct.Testimony, ledger: Digest, roster: Digest,
    restart: Digest?, origin: String, seat: Committee.Seat
  ) throws(ConsortiumError) {
    guard let misconduct = Misconduct(validator: 0, first, second) else {
      throw ConsortiumError(.noMisconduct, "\(seat.name) may sign both")
    }
    let alone = Committee(
      unchecked: ledger, roster: roster, origin: origin, seats: [seat], quorum: 1, faults: 0
    ).after(restart)
    for testimony in [first, second] {
      guard try alone.isValid(testimony, by: seat) else {
        throw ConsortiumError(.badSignature, "a signature is not by the key of \(seat.name)")
      }
    }
    (self.ledger, self.roster, self.restart, self.origin) = (ledger, roster, restart, origin)
    (self.seat, self.misconduct) = (seat, misconduct)
  }

  /// Whether the validator has these keys in `committee`, which is known by other ways to be of this ledger and roster.
  public func concerns(_ committee: Committee) -> Bool {
    committee.ledger == ledger && committee.roster == roster && committee.restart == restart
      && committee.origin == origin && committee.seats.contains(seat)
  }

  // MARK: Encoding

  /// The file's content.
  public var bytes: [UInt8] {
    var pairs: [(CBOR, CBOR)] = [
      ("zheng", .text(MisconductFile.mark)), ("ledger", .bytes(ledger.bytes)),
      ("roster", .bytes(roster.bytes)), ("origin", .text(origin)), ("validator", .text(seat.name)),
      ("vote", seat.voteKey.coseKey), ("cosigner", .text(seat.cosignerKey.description)),
      ("first", misconduct.first.cbor), ("second", misconduct.second.cbor),
    ]
    if let restart { pairs.append(("restart", .bytes(restart.bytes))) }
    return CBOR.map(CBORMap(pairs)).encoded
  }

  /// Whether the bytes say that they are such a file; whether it proves anything is another matter.
  public static func isOne(_ bytes: [UInt8]) -> Bool {
    guard bytes.count <= MisconductFile.maximumByteCount, case .map(let map)? = try? CBOR(decoding: bytes)
    else { return false }
    return map["zheng"] == .text(MisconductFile.mark)
  }

  /// The file in these bytes: judged, not only read.
  ///
  /// - Throws: `malformed`; `no-misconduct` where an honest validator may sign both; `bad-signature`.
  public init(decoding bytes: [UInt8]) throws(ConsortiumError) {
    guard bytes.count <= MisconductFile.maximumByteCount else {
      throw ConsortiumError(.malformed, "a file of more than \(MisconductFile.maximumByteCount) bytes")
    }
    let parts: (Misconduct.Testimony, Misconduct.Testimony, Digest, Digest, Digest?, String, Committee.Seat)
    do {
      var fields = try CBORFields(CBOR(decoding: bytes), of: "misconduct")
      guard try fields.text("zheng", bytes: 1...32) == MisconductFile.mark else {
        throw StatementError(.malformed, "misconduct: another sort of file")
      }
      let ledger = try fields.digest("ledger")
      let roster = try fields.digest("roster")
      let restart = try fields.optionalDigest("restart")
      let origin = try fields.text("origin", bytes: 1...200)
      let seat = Committee.Seat(
        name: try fields.text("validator", bytes: 1...64),
        voteKey: try PublicKey(coseKey: fields.value("vote")),
        cosignerKey: try NoteVerifierKey(fields.text("cosigner", bytes: 1...512)))
      let first = try Misconduct.Testimony(fields.fields("first"))
      let second = try Misconduct.Testimony(fields.fields("second"))
      try fields.finish()
      parts = (first, second, ledger, roster, restart, origin, seat)
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
    try self.init(
      parts.0, parts.1, ledger: parts.2, roster: parts.3, restart: parts.4, origin: parts.5, seat: parts.6)
  }
}

extension Committee {
  fileprivate func isValid(_ testimony: Misconduct.Testimony, by seat: Seat) throws(ConsortiumError) -> Bool {
    switch testimony.content {
    case .ballot(let subject): return isValid(testimony.signature, over: subject, by: seat)
    case .tree(let size, let root, _):
      let text = try checkpoint(size: size, root: root).text
      guard let cosignature = try? Cosignature(parsing: testimony.signature.span) else { return false }
      return cosignature.isValid(over: text, by: seat.cosignerKey.publicKey)
    }
  }
}

extension Misconduct.Testimony {
  fileprivate var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [("signature", .bytes(signature))]
    switch content {
    case .ballot(let subject):
      pairs += [
        ("kind", .text(subject.kind)), ("height", .unsigned(subject.height)), ("round", CBOR(subject.round)),
      ]
      if let digest = subject.digest { pairs.append(("digest", .bytes(digest.bytes))) }
      if let size = subject.size { pairs.append(("size", CBOR(size))) }
      if let justified = subject.justified { pairs.append(("justified", CBOR(justified))) }
    case .tree(let size, let root, let header):
      pairs += [("size", .unsigned(size)), ("root", .bytes(root.bytes))]
      if let header {
        pairs += [
          ("header", .bytes(header.entry)), ("path", .array(header.path.map { .bytes($0.bytes) })),
        ]
      }
    }
    return .map(CBORMap(pairs))
  }

  fileprivate init(_ fields: CBORFields) throws {
    var fields = fields
    if let kind = try fields.optionalText("kind", bytes: 1...16) {
      let rounds = Message.rounds
      var subject = SignedSubject(
        kind: kind, height: try fields.unsigned("height"),
        round: Int(try fields.unsigned("round", in: rounds)), digest: try fields.optionalDigest("digest"))
      subject.size = try fields.optionalUnsigned("size", in: 1...UInt64(Message.maximumBlockByteCount)).map(
        Int.init)
      subject.justified = try fields.optionalUnsigned("justified", in: rounds).map(Int.init)
      self.init(.ballot(subject), signature: try fields.bytes("signature", count: signatureByteCount))
    } else {
      let size = try fields.unsigned("size", in: 1...UInt64(Int64.max))
      let root = try fields.digest("root")
      var header: HeaderProof?
      if let entry = try fields.optionalBytes("header", count: 1...65_535) {
        var path: [Digest] = []
        for item in try fields.array("path", count: 0...63) {
          guard case .bytes(let bytes) = item, let digest = Digest(bytes) else {
            throw StatementError(.malformed, "misconduct: a path is not of digests")
          }
          path.append(digest)
        }
        header = try HeaderProof(entry: entry, path: path, size: size, root: root)
      }
      let signature = try fields.bytes("signature", count: Cosignature.byteCount)
      self.init(.tree(size: size, root: root, header: header), signature: signature)
    }
    try fields.finish()
  }
}
