public import LedgerCrypto
public import Statements
public import TransparencyLog

/// What a validator signs to hold office: its cosignature of a checkpoint, and a signature by each of its other keys. It shows that the
/// keys are its own, and that it has verified the ledger up to that checkpoint.
///
/// ```cddl
/// join = { name: id, size: uint, root: digest, cosignature: bstr .size 72, block: bstr .size 64, ? vote: bstr .size 64 }
/// joining = { ledger: digest, name: id, use: "block" / "vote", size: uint, root: digest }
/// ```
///
/// `size` and `root` are the checkpoint's, whose origin is the ledger's. `block` and `vote` are signatures by those keys over
/// `zheng/validator/v1`, a newline, and `joining`.
public struct ValidatorJoin: Hashable, Sendable {
  /// The validator's name.
  public let name: String
  /// The checkpoint that it cosigned.
  public let size: UInt64
  public let root: Digest
  /// The cosigner key's cosignature of that checkpoint.
  public let cosignature: Cosignature
  /// The block key's signature, 64 bytes.
  public let block: [UInt8]
  /// The vote key's signature, 64 bytes; nil where the validator has no vote key.
  public let vote: [UInt8]?

  /// What the validator called `name` signs with its keys.
  ///
  /// - Parameters:
  ///   - checkpoint: one of the ledger `ledger`, which the validator has verified.
  ///   - time: by its clock, in s since the epoch.
  /// - Throws: `CryptoError`, `LogError`.
  public init(
    signedBy name: String, at checkpoint: Checkpoint, of ledger: Digest, time: UInt64, blockKey: PrivateKey,
    voteKey: PrivateKey?, cosigner: NoteSigner
  ) throws {
    (self.name, size, root) = (name, checkpoint.size, checkpoint.root)
    let line = try cosigner.cosign(checkpoint.text, time: time).signature
    cosignature = try Cosignature(parsing: line.span)
    func subject(_ use: String) -> [UInt8] {
      ValidatorJoin.subject(use, name, checkpoint.size, checkpoint.root, of: ledger)
    }
    block = try blockKey.signature(over: subject("block"))
    vote = try voteKey?.signature(over: subject("vote"))
  }

  /// What a key signs.
  private static func subject(
    _ use: String, _ name: String, _ size: UInt64, _ root: Digest, of ledger: Digest
  ) -> [UInt8] {
    Array("zheng/validator/v1\n".utf8)
      + CBOR.map([
        "ledger": .bytes(ledger.bytes), "name": .text(name), "use": .text(use), "size": .unsigned(size),
        "root": .bytes(root.bytes),
      ]).encoded
  }

  /// Checks that all of it was signed by the keys of `validator`.
  ///
  /// - Throws: `malformed` where it is another's or a signature is missing, `bad-signature` where one does not verify.
  public func check(_ validator: Validator, of ledger: Digest, origin: String) throws(Refusal) {
    guard name == validator.name, (vote == nil) == (validator.voteKey == nil) else {
      throw Refusal(.malformed, "what \(name.quoted) signed is not what \(validator.name) must sign")
    }
    let text: String
    do throws(LogError) { text = try Checkpoint(origin: origin, size: size, root: root).text } catch {
      throw Refusal(.malformed, error.description)
    }
    func holds(_ signature: [UInt8], _ use: String, _ key: PublicKey) -> Bool {
      let subject = ValidatorJoin.subject(use, name, size, root, of: ledger)
      return key.isValid(signature: signature.span, over: subject.span)
    }
    func refusal(_ use: String) -> Refusal {
      Refusal(.badSignature, "the signature by the \(use) key of \(name) does not verify")
    }
    guard cosignature.isValid(over: text, by: validator.cosignerKey.publicKey) else {
      throw refusal("cosigner")
    }
    guard holds(block, "block", validator.blockKey) else { throw refusal("block") }
    if let vote, let voteKey = validator.voteKey, !holds(vote, "vote", voteKey) { throw refusal("vote") }
  }

  /// The encoding.
  public var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [
      ("name", .text(name)), ("size", .unsigned(size)), ("root", .bytes(root.bytes)),
      ("cosignature", .bytes(cosignature.bytes)), ("block", .bytes(block)),
    ]
    if let vote { pairs.append(("vote", .bytes(vote))) }
    return .map(CBORMap(pairs))
  }

  /// What has this encoding.
  ///
  /// - Throws: `malformed`.
  public init(_ cbor: CBOR) throws(StatementError) {
    var fields = try CBORFields(cbor, of: "join")
    name = try fields.text("name", bytes: 1...64)
    size = try fields.unsigned("size")
    root = try fields.digest("root")
    let bytes = try fields.bytes("cosignature", count: Cosignature.byteCount)
    block = try fields.bytes("block", count: 64)
    vote = try fields.optionalBytes("vote", count: 64)
    try fields.finish()
    do throws(LogError) { cosignature = try Cosignature(parsing: bytes.span) } catch {
      throw StatementError(.malformed, error.description)
    }
  }
}
