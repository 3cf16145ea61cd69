import Foundation
import Ledger
import LedgerCrypto
import TransparencyLog

/// The private keys with which this node makes blocks: the ledger's log key (`logSigner`), and of each validator that it is
/// `keys/<validator>.block.pem` and `keys/<validator>.cosigner.pem`.
struct NodeKeys: Sendable {
  /// The name of the validator that proposes: the first of the roster whose block key is here, or the one that was asked for.
  let name: String
  private let ownBlockKey: PrivateKey?
  private let logSigner: NoteSigner?
  /// Those with which this node alone signs checkpoints; none where the validators decide together.
  private let cosigners: [NoteSigner]
  /// The height from which the terms' validators and log key hold whose keys they are.
  let since: UInt64

  static let logKeyName = "log.pem"

  static func blockKeyName(_ validator: String) -> String { "\(validator).block.pem" }

  static func voteKeyName(_ validator: String) -> String { "\(validator).vote.pem" }

  static func cosignerKeyName(_ validator: String) -> String { "\(validator).cosigner.pem" }

  /// The keys in the ledger's directory that belong to validators of `terms`, for a node that decides alone.
  ///
  /// - Throws: `Failure` where a key can't be read or is another than the roster's, or too few are here for the quorum.
  init(in ledger: Directory, _ terms: Terms, _ remedies: Remedies = Remedies()) throws {
    PrivateMemory.guardProcess()
    let folder = ledger.exists("keys") ? try ledger.folder("keys") : nil
    var proposer: (name: String, key: PrivateKey)?
    var cosigners: [NoteSigner] = []
    for validator in terms.validators {
      let (block, cosigner) = (Self.blockKeyName(validator.name), Self.cosignerKeyName(validator.name))
      if let key = try Self.key(folder, block, validator.blockKey), proposer == nil {
        proposer = (validator.name, key)
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
    logSigner = try Self.logSigner(folder, at: ledger.path(of: "keys"), terms)
    guard cosigners.count >= terms.quorum else {
      throw Failure(
        "open", ledger.path(of: "keys"),
        reason: """
          the ledger's \(terms.validators.count) validators decide together, and of the \(terms.quorum) cosigner keys that a block \
          needs \(cosigners.count) are here; start this validator's node, \(remedies.validatorNode), and use it with \(remedies.node)
          """)
    }
    (name, ownBlockKey) = proposer
    (self.cosigners, since) = (cosigners, terms.since)
  }

  /// The keys of the validator called `name`, whose blocks the others decide with it: its block key, and the ledger's log key. Where
  /// `terms` do not name it, because it has left or is still to join, it needs neither.
  ///
  /// - Throws: `Failure` where a key is missing or another than the roster's, no key of that name is here, or `terms` have one validator.
  init(of name: String, in ledger: Directory, _ terms: Terms) throws {
    PrivateMemory.guardProcess()
    guard terms.hasVotes else {
      throw Failure(
        "open", ledger.path,
        reason: "the ledger has one validator, which decides alone: start its node without naming a validator"
      )
    }
    let folder = try ledger.folder("keys")
    let blockName = Self.blockKeyName(name)
    if let validator = terms.validators.first(where: { $0.name == name }) {
      ownBlockKey = try Self.required(folder, blockName, validator.blockKey)
      logSigner = try Self.logSigner(folder, at: folder.path, terms)
    } else if folder.exists(blockName) {
      (ownBlockKey, logSigner) = (nil, nil)
    } else {
      throw Failure(
        "open", folder.path(of: blockName), errorNumber: ENOENT,
        reason: """
          \(name.quoted) is no validator of this ledger, and none of its keys is here; the validators are \
          \(terms.validators.map(\.name).joined(separator: ", "))
          """)
    }
    (self.name, cosigners, since) = (name, [], terms.since)
  }

  /// The signer with the log key of `terms`: of `log.pem` and the `log-NAME.pem` in `folder` the one that has it. A new log key is put
  /// beside the old one before it comes into force, and each is used in its time.
  ///
  /// - Parameter path: of `folder`, which may be missing.
  /// - Throws: `Failure` where none has it; that of a file which can't be read, where there is such a one.
  static func logSigner(_ folder: Directory?, at path: String, _ terms: Terms) throws -> NoteSigner {
    var failure: (any Error)?
    for name in try folder?.names().filter(isLogKeyName).sorted() ?? [] {
      do {
        guard let key = try Self.key(folder, name, nil), key.publicKey == terms.logKey.publicKey else {
          continue
        }
        return try NoteSigner(name: terms.origin, type: .ed25519, key: key)
      } catch { failure = failure ?? error }
    }
    throw failure
      ?? Failure(
        "open", path,
        reason: """
          the ledger's log key, \(terms.logKey), is neither in \(logKeyName) nor in a log-NAME.pem here: put its private key there, and \
          start again; without it this directory can be read, not written
          """)
  }

  /// Whether a log key is looked for in the file `name`. Those of a validator have a dot more.
  private static func isLogKeyName(_ name: String) -> Bool {
    guard name != logKeyName else { return true }
    return name.hasPrefix("log-") && name.hasSuffix(".pem") && !name.dropLast(".pem".count).contains(".")
  }

  /// What signs the headers of this validator's blocks.
  var blockKey: PrivateKey {
    get throws(Failure) {
      guard let ownBlockKey else {
        throw Failure(
          "propose", name, reason: "it is none of the validators in office, and only follows them")
      }
      return ownBlockKey
    }
  }

  /// The private key in the file `name` of `folder`.
  ///
  /// - Throws: as `key`; also where there is none.
  static func required(
    _ folder: Directory, _ name: String, _ expected: PublicKey
  ) throws -> PrivateKey {
    guard let key = try key(folder, name, expected) else {
      throw Failure("open", folder.path(of: name), errorNumber: ENOENT)
    }
    return key
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
    guard let logSigner, !cosigners.isEmpty else {
      preconditionFailure("what validators decide together is cosigned by each")
    }
    let text = block.checkpoint.text
    var note = try SignedNote(text: text, signatures: [logSigner.sign(text)])
    for cosigner in cosigners { try note.append(cosigner.cosign(text, time: time)) }
    return note
  }
}

extension LedgerWriter.Options {
  /// The keys with which the blocks of a ledger with `terms` are made here.
  ///
  /// - Throws: as `NodeKeys`.
  func keys(in ledger: Directory, _ terms: Terms, _ remedies: Remedies) throws -> NodeKeys {
    guard let validator else { return try NodeKeys(in: ledger, terms, remedies) }
    return try NodeKeys(of: validator, in: ledger, terms)
  }
}
