import Ledger
import LedgerCrypto
import TestKit
import TransparencyLog

/// Members `m00`, `m01`, … and validators `v0`, `v1`, … with fresh keys; the first members are the administrators.
struct Consortium: Sendable {
  static let origin = "ledger.example/test"

  let members: [Party]
  /// Signs the first line of every checkpoint.
  let log: NoteSigner
  let validators: [TestValidator]
  let roster: Roster

  init(
    members: Int = 3, validators: Int = 1, quorum: Int? = nil, administrators: Int = 1, threshold: Int = 1,
    parameters: [String: UInt64] = [:], roles: [String] = ["x-writer"],
    algorithms: [KeyAlgorithm] = [.es256, .ed25519]
  ) throws {
    let ids = (0..<members).map { "m\($0 < 10 ? "0" : "")\($0)" }
    self.members = try Party.all(ids, algorithms: algorithms)
    log = try .log(Consortium.origin)
    self.validators = try (0..<validators).map { try TestValidator("v\($0)") }
    var parts = try Consortium.parts(self.members, self.validators, log, roles: roles)
    parts.quorum = quorum ?? validators
    parts.administrators = Array(ids.prefix(administrators))
    parts.threshold = threshold
    parts.parameters = parameters
    roster = try parts.roster()
  }

  /// The parts of a roster of these, with one administrator and the quorum of all.
  static func parts(
    _ members: [Party], _ validators: [TestValidator], _ log: NoteSigner, roles: [String] = ["x-writer"]
  ) throws -> RosterParts {
    RosterParts(
      log: log, validators: validators, members: try members.map { try $0.member(roles: roles) })
  }

  var parts: RosterParts {
    get throws { try Consortium.parts(members, validators, log) }
  }
}
