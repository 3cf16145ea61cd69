import Ledger
import LedgerCrypto
import TransparencyLog

/// The private keys with which one of several validators votes, cosigns and writes final checkpoints, as they lie in its ledger's
/// `keys/`: `<validator>.vote.pem`, `<validator>.cosigner.pem`, and the ledger's log key in `log.pem` or a `log-NAME.pem`.
public struct ValidatorKeyFiles: Sendable {
  /// Signs votes.
  public let voteKey: PrivateKey
  /// Cosigns checkpoints.
  public let cosigner: NoteSigner
  /// Signs the first line of checkpoints.
  public let log: NoteSigner

  /// The keys of the validator called `name` in `folder`.
  ///
  /// - Throws: `Failure` with the file, where a key is missing, others may read it, or it is another than that of `terms`; also where
  ///   `terms` have no such validator, or one that casts no votes.
  public init(in folder: LedgerFolder, validator name: String, terms: Terms) throws {
    PrivateMemory.guardProcess()
    let keys = try Directory(folder.keys)
    guard let validator = terms.validators.first(where: { $0.name == name }),
      let voteKey = validator.voteKey
    else {
      throw Failure(
        "open", keys.path(of: NodeKeys.voteKeyName(name)),
        reason: "\(name.quoted) is none of several validators of this ledger")
    }
    self.voteKey = try NodeKeys.required(keys, NodeKeys.voteKeyName(name), voteKey)
    let cosignerKey = validator.cosignerKey
    cosigner = try NoteSigner(
      name: cosignerKey.name, type: .cosignature,
      key: NodeKeys.required(keys, NodeKeys.cosignerKeyName(name), cosignerKey.publicKey))
    log = try NodeKeys.logSigner(keys, at: keys.path, terms)
  }
}
