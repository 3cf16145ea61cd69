import Ledger
import LedgerCrypto
import TransparencyLog

/// A validator of a test consortium with its private keys.
public struct TestValidator: Sendable {
  /// What the roster says of it.
  public let validator: Validator
  /// Signs headers and checkpoints.
  public let logKey: PrivateKey
  /// Signs checkpoints by `logKey`.
  public let log: NoteSigner
  /// Cosigns checkpoints.
  public let cosigner: NoteSigner

  /// A validator with fresh keys.
  public init(_ name: String, origin: String) throws {
    logKey = try PrivateKey(generating: .ed25519)
    log = try NoteSigner(name: origin, type: .ed25519, key: logKey)
    cosigner = try NoteSigner(
      name: "\(name).example", type: .cosignature, key: PrivateKey(generating: .ed25519))
    validator = Validator(name: name, logKey: log.verifierKey, cosignerKey: cosigner.verifierKey)
  }
}

/// What a roster is made of, all of it open to be spoilt before one is made.
public struct RosterParts {
  /// The origin of the checkpoints.
  public var origin: String
  /// The name of the ledger.
  public var name = LocalizedName(zh: "示范链", en: "Pilot")!
  /// The validators.
  public var validators: [Validator]
  /// How many validators must cosign; all at first.
  public var quorum: Int
  /// The administrators; the first member alone at first.
  public var administrators: [String]
  /// How many administrators must approve a change.
  public var threshold = 1
  /// The parameters that are not the ordinary ones.
  public var parameters: [String: UInt64] = [:]
  /// What the rules define, besides the ledger's own parameters.
  public var definitions: [Parameters.Definition] = []
  /// The members.
  public var members: [Member]

  /// The parts of a roster of these.
  public init(origin: String, validators: [TestValidator], members: [Member]) {
    (self.origin, self.members) = (origin, members)
    self.validators = validators.map(\.validator)
    (quorum, administrators) = (validators.count, members.prefix(1).map(\.id))
  }

  /// The roster of these parts.
  public func roster() throws(Refusal) -> Roster {
    let terms = try Terms(
      origin: origin, name: name, validators: validators, quorum: quorum, administrators: administrators,
      threshold: threshold, parameters: Parameters(parameters, with: definitions))
    return try Roster(terms: terms, members: members, inForceFrom: 0)
  }
}
