import Foundation
import Ledger
import LedgerCrypto
import TransparencyLog

/// The private keys with which this node proposes and cosigns: the ledger's `keys/log.pem`, and of each validator that it is
/// `keys/<validator>.block.pem` and `keys/<validator>.cosigner.pem`.
struct NodeKeys: Sendable {
  /// The validator that proposes, the first of the roster whose block key is here, with that key.
  let proposer: Validator
  let blockKey: PrivateKey
  private let logSigner: NoteSigner
  private let cosigners: [NoteSigner]
  /// The height from which the validators hold office whose keys they are.
  let since: UInt64

  static let logKeyName = "log.pem"

  static func blockKeyName(_ validator: String) -> String { "\(validator).block.pem" }

  static func voteKeyName(_ validator: String) -> String { "\(validator).vote.pem" }

  static func cosignerKeyName(_ validator: String) -> String { "\(validator).cosigner.pem" }

  /// The keys in the ledger's directory that belong to validators of `terms`.
  ///
  /// - Throws: `Failure` where a key can't be read or is another than the roster's, or too few are here for the quorum.
  init(in ledger: Directory, _ terms: Terms) throws {
    PrivateMemory.guardProcess()
    let folder = ledger.exists("keys") ? try ledger.folder("keys") : nil
    var proposer: (Validator, PrivateKey)?
    var cosigners: [NoteSigner] = []
    for validator in terms.validators {
      let (block, cosigner) = (Self.blockKeyName(validator.name), Self.cosignerKeyName(validator.name))
      if let key = try Self.key(folder, block, validator.blockKey), proposer == nil {
        proposer = (validator, key)
      }
      if let key = try Self.key(folder, cosigner, validator.cosignerKey.publicKey) {
        cosigners.append(try NoteSigner(name: validator.cosignerKey.name, type: .cosignature, key: key))
      }
    }
    guard let proposer else {
      throw Failure(
        "open", ledger.path(of: "keys"),
        reason: "no validator's block key is here; this directory can be read, not written"
      )
    }
    guard let logKey = try Self.key(folder, Self.logKeyName, terms.logKey.publicKey) else {
      throw Failure(
        "open", ledger.path(of: "keys"),
        reason:
          "the ledger's log key, \(Self.logKeyName), is not here; this directory can be read, not written")
    }
    guard cosigners.count >= terms.quorum else {
      throw Failure(
        "open", ledger.path(of: "keys"),
        reason: "\(cosigners.count) cosigner keys are here, and the quorum is \(terms.quorum)")
    }
    (self.proposer, blockKey) = proposer
    logSigner = try NoteSigner(name: terms.origin, type: .ed25519, key: logKey)
    (self.cosigners, since) = (cosigners, terms.since)
  }

  /// The private key in the file `name` of `folder`; nil where there is none.
  ///
  /// - Throws: `Failure` where others may read it, or it is another than `expected`, where that is given.
  static func key(
    _ folder: Directory?, _ name: String, _ expected: PublicKey?
  ) throws -> PrivateKey? {
    guard let folder, folder.exists(name) else { return nil }
    let path = folder.path(of: name)
    let file = try File(name, in: folder, .read)
    guard try file.permissions() & 0o077 == 0 else {
      throw Failure(
        "open", path, errorNumber: EPERM,
        reason: "others may read this private key; `chmod 600 '\(path)'` keeps it to its owner")
    }
    let key: PrivateKey
    do {
      key = try PrivateKey(pem: String(decoding: file.contents(limit: 65_536), as: UTF8.self))
    } catch let error as CryptoError { throw Failure("read", path, reason: error.description) }
    guard expected == nil || key.publicKey == expected else {
      throw Failure(
        "read", path, reason: "another key than the roster's; this ledger was founded with other keys")
    }
    return key
  }

  /// The cosigned checkpoint of a block that the validation core has found good.
  ///
  /// - Parameter time: s since the epoch, by the validators' clock.
  func cosign(_ block: ValidatedBlock, time: UInt64) throws -> SignedNote {
    let text = block.checkpoint.text
    var note = try SignedNote(text: text, signatures: [logSigner.sign(text)])
    for cosigner in cosigners { try note.append(cosigner.cosign(text, time: time)) }
    return note
  }
}
