import Consortium
import Ledger
import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@Suite("The committee of a roster")
struct CommitteeRosterTests {
  private func roster(_ count: Int, quorum: Int, isCrashFaultsOnly: Bool = false) throws -> Roster {
    var parts = RosterParts(
      log: try .log("city.example/pilot"), validators: try (0..<count).map { try TestValidator("v\($0)") },
      members: [try Party("a").member(roles: [])])
    (parts.quorum, parts.isCrashFaultsOnly) = (quorum, isCrashFaultsOnly)
    return try parts.roster()
  }

  @Test("The seats are the roster's validators in its order, and the quorum is the roster's")
  func seats() throws {
    let roster = try roster(4, quorum: 3)
    let committee = try Committee(rosterInForce: roster, of: .zero)
    #expect(committee.seats.map(\.name) == ["v0", "v1", "v2", "v3"])
    #expect(committee.seats.map(\.voteKey) == roster.terms.validators.compactMap(\.voteKey))
    #expect(committee.seats.map(\.cosignerKey) == roster.terms.validators.map(\.cosignerKey))
    #expect(committee.quorum == 3 && committee.faults == 1)
    #expect(committee.roster == roster.root && committee.origin == roster.terms.origin)
    let crashing = try Committee(
      rosterInForce: self.roster(4, quorum: 3, isCrashFaultsOnly: true), of: .zero)
    #expect(crashing.faults == 0)
  }

  @Test("A single validator is no committee")
  func single() throws {
    let roster = try roster(1, quorum: 1)
    #expect(throws: ConsortiumError(.committee, "")) { try Committee(rosterInForce: roster, of: .zero) }
  }
}
