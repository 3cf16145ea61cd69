import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// A member of a test consortium and its private key.
struct Party: Sendable {
  let id: String
  let key: PrivateKey
}

/// A validator of a test consortium with its private keys.
struct TestValidator: Sendable {
  let validator: Validator
  let logKey: PrivateKey
  let log: NoteSigner
  let cosigner: NoteSigner

  init(_ name: String, origin: String) throws {
    logKey = try PrivateKey(generating: .ed25519)
    log = try NoteSigner(name: origin, type: .ed25519, key: logKey)
    cosigner = try NoteSigner(
      name: "\(name).example", type: .cosignature, key: PrivateKey(generating: .ed25519))
    validator = Validator(name: name, logKey: log.verifierKey, cosignerKey: cosigner.verifierKey)
  }
}

/// What a consortium is made of, all of it open to be spoilt before a roster is made.
struct RosterParts {
  var origin = Consortium.origin
  var name = LocalizedName(zh: "示范链", en: "Pilot")!
  var validators: [Validator]
  var quorum: Int
  var administrators: [String]
  var threshold: Int
  var parameters: [String: UInt64] = [:]
  var members: [Member]

  func roster() throws(Refusal) -> Roster {
    let terms = try Terms(
      origin: origin, name: name, validators: validators, quorum: quorum, administrators: administrators,
      threshold: threshold, parameters: Parameters(parameters))
    return try Roster(terms: terms, members: members, inForceFrom: 0)
  }
}

/// Members `m00`, `m01`, … and validators `v0`, `v1`, … with fresh keys; the first members are the administrators.
struct Consortium: Sendable {
  static let origin = "ledger.example/test"

  let members: [Party]
  let validators: [TestValidator]
  let roster: Roster

  init(
    members: Int = 3, validators: Int = 1, quorum: Int? = nil, administrators: Int = 1, threshold: Int = 1,
    parameters: [String: UInt64] = [:], roles: [String] = ["x-writer"],
    algorithms: [KeyAlgorithm] = [.es256, .ed25519]
  ) throws {
    self.members = try (0..<members).map { number in
      Party(
        id: "m\(number < 10 ? "0" : "")\(number)",
        key: try PrivateKey(generating: algorithms[number % algorithms.count]))
    }
    self.validators = try (0..<validators).map { try TestValidator("v\($0)", origin: Consortium.origin) }
    var parts = try Consortium.parts(self.members, self.validators, roles: roles)
    parts.quorum = quorum ?? validators
    parts.administrators = self.members.prefix(administrators).map(\.id)
    parts.threshold = threshold
    parts.parameters = parameters
    roster = try parts.roster()
  }

  /// The parts of a roster of these, with one administrator and the quorum of all.
  static func parts(
    _ members: [Party], _ validators: [TestValidator], roles: [String] = ["x-writer"]
  ) throws -> RosterParts {
    RosterParts(
      validators: validators.map(\.validator), quorum: validators.count,
      administrators: members.prefix(1).map(\.id), threshold: 1,
      members: try members.map { party in
        try Member(
          id: party.id, name: LocalizedName(zh: "单位", en: "Member \(party.id)")!, roles: roles,
          keys: [MemberKey(party.key.publicKey, from: 0)])
      })
  }

  var parts: RosterParts {
    get throws { try Consortium.parts(members, validators) }
  }
}

/// Fresh random bytes for `cti`; statements made twice are then two.
func freshTokenID() -> [UInt8] { (0..<16).map { _ in UInt8.random(in: .min ... .max) } }
