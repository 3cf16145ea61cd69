import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Testing
import Workflows

@Suite("Evidence, without a command line")
struct EvidenceWorkTests {
  private static let roles = [["collector", "custodian"], ["custodian"]]

  private func signer(_ office: TestOffice, _ member: Int = 0) -> Signer {
    Signer(key: office.members[member].key, path: "member-\(member).pem")
  }

  /// An office with an item that is sealed and was offered to the second member.
  private func offered() async throws -> TestOffice {
    let office = try TestOffice(roles: EvidenceWorkTests.roles)
    let ledger = try office.writing()
    let fingerprint = try Fingerprint(of: Array("contract".utf8))
    let deposit = Evidence.Deposit(
      caseReference: "case 1", category: .file, scope: .file, size: fingerprint.byteCount,
      digests: fingerprint.digests, method: "handed in", manifest: nil, format: nil, collected: nil,
      place: nil, tool: nil, source: nil, medium: nil, seal: nil, collectors: [], holder: nil, occurred: nil)
    _ = try await ledger.record(as: signer(office), at: office.context.now) { _, _ in
      try .evidence(deposit, about: "E-1")
    }
    _ = try await ledger.record(as: signer(office), at: office.context.now) { ledger, _ in
      let item = try await ledger.evidenceItem("E-1")
      return try .evidence(
        Evidence.Seal(seal: "S-1", condition: nil, previous: item.last, occurred: nil), about: "E-1")
    }
    _ = try await ledger.record(as: signer(office), at: office.context.now) { ledger, _ in
      let item = try await ledger.evidenceItem("E-1")
      return try .evidence(
        Evidence.Offer(
          to: "member-1", seal: "S-1", digest: fingerprint.digest, purpose: "custody", previous: item.last,
          occurred: nil), about: "E-1")
    }
    return office
  }

  @Test("What comes next names the act and who may do it")
  func steps() async throws {
    let office = try await offered()
    let status = try await ItemStatus("E-1", on: office.reading())
    #expect(status.item.state == .inTransit)
    #expect(status.steps.map(\.kind) == [.accept, .decline])
    #expect(status.steps.allSatisfy { $0.who == ["member-1"] })
  }

  @Test("The history is one chain, and a file is found by its content")
  func history() async throws {
    let office = try await offered()
    let ledger = try office.reading()
    let history = try await ItemHistory(of: "E-1", on: ledger)
    #expect(history.events.map(\.what) == ["deposit", "seal", "offer"])
    #expect(history.events.allSatisfy(\.isCustody) && history.fault == nil)
    let check = try await DepositCheck(item: nil, on: ledger)
    let found = try await check.finding("a", Fingerprint(of: Array("contract".utf8)))
    #expect(found.isGood && found.own?.item == "E-1")
    #expect(try await !check.finding("b", Fingerprint(of: Array("forgery".utf8))).isGood)
  }

  @Test("What fails in the middle is passed on: there is no half of a history, a status or a check")
  func faults() async throws {
    let office = try await offered()
    let sound = try office.reading()
    let fingerprint = try Fingerprint(of: Array("contract".utf8))
    let work: [(any LedgerAccess) async throws -> Void] = [
      { _ = try await ItemHistory(of: "E-1", on: $0) },
      { _ = try await ItemStatus("E-1", on: $0) },
      { _ = try await DepositCheck(item: "E-1", on: $0).finding("a", fingerprint) },
      { try await $0.eachItem(ItemQuery()) { _ in } },
    ]
    for body in work {
      let whole = FaultyLedger(sound, answers: .max)
      try await body(whole)
      #expect(whole.askedCount > 0)
      for answers in 0..<whole.askedCount {
        await #expect(throws: FaultyLedger.failure) { try await body(FaultyLedger(sound, answers: answers)) }
      }
    }
  }

  @Test("An item that nobody deposited, and a key that is nobody's, are complaints that name their ledger")
  func complaints() async throws {
    let office = try await offered()
    let ledger = try office.reading()
    await #expect {
      try await ItemStatus("E-2", on: ledger)
    } throws: { error in
      (error as? WorkflowError)?.lead == .items(of: ledger.place)
    }
    let stranger = Signer(key: try PrivateKey(generating: .es256), path: "stranger.pem")
    await #expect {
      try await ledger.record(as: stranger, at: office.context.now) { _, _ in
        Draft(type: "text/plain", subject: nil, payload: [1])
      }
    } throws: { error in
      (error as? WorkflowError)?.lead == .members(of: ledger.place)
    }
  }
}
