import Ledger
import LedgerCrypto
import TestKit

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
    let ids = (0..<members).map { "m\($0 < 10 ? "0" : "")\($0)" }
    self.members = try Party.all(ids, algorithms: algorithms)
    self.validators = try (0..<validators).map { try TestValidator("v\($0)", origin: Consortium.origin) }
    var parts = try Consortium.parts(self.members, self.validators, roles: roles)
    parts.quorum = quorum ?? validators
    parts.administrators = Array(ids.prefix(administrators))
    parts.threshold = threshold
    parts.parameters = parameters
    roster = try parts.roster()
  }

  /// The parts of a roster of these, with one administrator and the quorum of all.
  static func parts(
    _ members: [Party], _ validators: [TestValidator], roles: [String] = ["x-writer"]
  ) throws -> RosterParts {
    RosterParts(
      origin: origin, validators: validators, members: try members.map { try $0.member(roles: roles) })
  }

  var parts: RosterParts {
    get throws { try Consortium.parts(members, validators) }
  }
}
