import Ledger
import LedgerCrypto
import TransparencyLog

/// What a validator that joins hands to the administrators: its public keys, and what it signed with them. JSON, keys in PEM and
/// signatures in base64:
///
///     { "format": "zheng-join-1", "name": "v5", "block": "…", "vote": "…", "cosigner": "…", "size": 512, "root": "<hex>",
///       "signatures": { "cosignature": "…", "block": "…", "vote": "…" } }
public struct JoinFile: Sendable {
  static let format = "zheng-join-1"

  /// The most bytes of such a file.
  public static let maximumByteCount = 65_536

  /// The validator, as one of several.
  public let validator: Validator
  /// What it signed.
  public let join: ValidatorJoin

  /// Signs with the keys of the validator called `name` at a checkpoint of the ledger `ledger`, which it has verified.
  ///
  /// - Parameter time: in s since the epoch.
  package init(
    signedBy name: String, with keys: ValidatorKeyFolder, at checkpoint: Checkpoint, of ledger: Digest,
    time: UInt64
  ) throws {
    let (block, vote, cosigner) = try keys.keys(called: name)
    let signer = try NoteSigner(name: "\(checkpoint.origin)/\(name)", type: .cosignature, key: cosigner)
    validator = Validator(
      name: name, blockKey: block.publicKey, voteKey: vote.publicKey, cosignerKey: signer.verifierKey)
    join = try ValidatorJoin(
      signedBy: name, at: checkpoint, of: ledger, time: time, blockKey: block, voteKey: vote, cosigner: signer
    )
  }

  /// Reads such a file. What was signed is judged with the proposal.
  ///
  /// - Parameter origin: of the ledger's checkpoints.
  /// - Throws: `malformed`.
  public init(parsing bytes: [UInt8], origin: String) throws {
    var file = try StrictJSON(parsing: bytes, of: "the file of a joining validator")
    let format = try file.text("format")
    guard format == JoinFile.format else {
      throw file.complaint("the format \(format.quoted) is not \(JoinFile.format)")
    }
    let (name, size) = try (file.text("name"), file.number("size") ?? 0)
    func key(_ use: String) throws -> PublicKey {
      do { return try PublicKey(pem: file.text(use)) } catch let error as CryptoError {
        throw file.complaint("\(use.quoted): \(error.description)")
      }
    }
    let (block, vote, cosigner) = try (key("block"), key("vote"), key("cosigner"))
    guard let root = Digest(hex: try file.text("root")), size >= 0 else {
      throw file.complaint("\"root\" has 64 hex digits, and \"size\" is a number of entries")
    }
    var signatures = try file.requiredObject("signatures")
    try file.finish()
    func signature(_ use: String) throws -> [UInt8] {
      guard let bytes = Base64.decode(try signatures.text(use)) else {
        throw signatures.complaint("\(use.quoted) is not base64")
      }
      return bytes
    }
    join = try ValidatorJoin([
      "name": .text(name), "size": .unsigned(UInt64(size)), "root": .bytes(root.bytes),
      "cosignature": .bytes(signature("cosignature")), "block": .bytes(signature("block")),
      "vote": .bytes(signature("vote")),
    ])
    try signatures.finish()
    do throws(LogError) {
      validator = Validator(
        name: name, blockKey: block, voteKey: vote,
        cosignerKey: try NoteVerifierKey(name: "\(origin)/\(name)", type: .cosignature, publicKey: cosigner))
    } catch { throw Refusal(.malformed, "\(name.quoted) can't name a key: \(error.description)") }
  }

  /// The file's content.
  public var bytes: [UInt8] {
    get throws {
      func pem(_ key: PublicKey) throws -> String { try key.pem().replacing("\n", with: "\\n") }
      let text = """
        {
          "format": "\(JoinFile.format)",
          "name": "\(join.name)",
          "block": "\(try pem(validator.blockKey))",
          "vote": "\(try validator.voteKey.map(pem) ?? "")",
          "cosigner": "\(try pem(validator.cosignerKey.publicKey))",
          "size": \(join.size),
          "root": "\(join.root.hex)",
          "signatures": {
            "cosignature": "\(Base64.encode(join.cosignature.bytes))",
            "block": "\(Base64.encode(join.block))",
            "vote": "\(Base64.encode(join.vote ?? []))"
          }
        }

        """
      return Array(text.utf8)
    }
  }
}
