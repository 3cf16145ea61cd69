import Ledger
import LedgerCrypto
import TransparencyLog

/// A validator of a test consortium with its private keys.
public struct TestValidator: Sendable {
  /// What the roster says of it where it is one of several.
  public let validator: Validator
  /// What the roster says of it where it is the only one.
  public var alone: Validator {
    Validator(name: validator.name, blockKey: validator.blockKey, cosignerKey: validator.cosignerKey)
  }
  /// Signs headers.
  public let blockKey: PrivateKey
  /// Signs votes.
  public let voteKey: PrivateKey
  /// Cosigns checkpoints.
  public let cosigner: NoteSigner

  /// A validator with fresh keys.
  public init(_ name: String) throws {
    (blockKey, voteKey) = try (PrivateKey(generating: .ed25519), PrivateKey(generating: .ed25519))
    cosigner = try NoteSigner(
      name: "\(name).example", type: .cosignature, key: PrivateKey(generating: .ed25519))
    validator = Validator(
      name: name, blockKey: blockKey.publicKey, voteKey: voteKey.publicKey, cosignerKey: cosigner.verifierKey)
  }
}

extension NoteSigner {
  /// A log's signer with a fresh key.
  public static func log(_ origin: String) throws -> NoteSigner {
    try NoteSigner(name: origin, type: .ed25519, key: PrivateKey(generating: .ed25519))
  }
}

/// What a roster is made of, all of it open to be spoilt before one is made.
public struct RosterParts {
  /// The origin of the checkpoints.
  public var origin: String
  /// The name of the ledger.
  public var name = LocalizedName(zh: "示范链", en: "Pilot")!
  /// The ledger's log key.
  public var logKey: NoteVerifierKey
  /// The validators.
  public var validators: [Validator]
  /// How many validators must cosign; all at first.
  public var quorum: Int
  /// Whether they only crash.
  public var isCrashFaultsOnly = false
  /// The administrators; the first member alone at first.
  public var administrators: [String]
  /// How many administrators must approve a change.
  public var threshold = 1
  /// The parameters that are not the ordinary ones.
  public var parameters: [String: UInt64] = [:]
  /// The ledger's clocks.
  public var utcOffset = UTCOffset.standard
  /// What the rules define, besides the ledger's own parameters.
  public var definitions: [Parameters.Definition] = []
  /// The members.
  public var members: [Member]

  /// The parts of a roster of these.
  public init(log: NoteSigner, validators: [TestValidator], members: [Member]) {
    (origin, logKey, self.members) = (log.verifierKey.name, log.verifierKey, members)
    self.validators = validators.map { validators.count > 1 ? $0.validator : $0.alone }
    (quorum, administrators) = (validators.count, members.prefix(1).map(\.id))
  }

  /// The roster of these parts.
  public func roster() throws(Refusal) -> Roster {
    let terms = try Terms(
      origin: origin, name: name, logKey: logKey, validators: validators, quorum: quorum,
      isCrashFaultsOnly: isCrashFaultsOnly, administrators: administrators, threshold: threshold,
      parameters: Parameters(parameters, with: definitions, utcOffset: utcOffset))
    return try Roster(terms: terms, members: members, inForceFrom: 0)
  }
}
