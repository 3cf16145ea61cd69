import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import TestKit
import Testing
import Workflows

@Suite("Data sharing, without a command line", .timeLimit(.minutes(30)))
struct SharingWorkTests {
  private static let roles = [["authority"], ["provider"], ["demander"]]

  private func signer(_ office: TestOffice, _ member: Int) -> Signer {
    Signer(key: office.members[member].key, path: "member-\(member).pem")
  }

  /// An office with a request that was granted, and data to deliver.
  private func granted() async throws -> TestOffice {
    let office = try TestOffice(roles: SharingWorkTests.roles)
    let (ledger, now) = (try office.writing(), office.context.now)
    let items = try #require(DataItems(["number", "day"]))
    let (authority, provider, demander) = (signer(office, 0), signer(office, 1), signer(office, 2))
    _ = try await ledger.record(sharingAs: authority, at: now) { _, _ in
      SharingCalendar(version: "1", basis: nil, holidays: [], workingDays: [])
    }
    let offered = try await ledger.record(sharingAs: provider, at: now) { _, _ in
      SharingCatalogue(
        entry: "BIRTHS", version: 1, name: "births", items: items, lead: nil, attribute: .unconditional,
        conditions: nil, basis: nil, grade: "L2", format: "CSV", frequency: "daily", method: "file")
    }
    _ = try await ledger.record(as: authority, at: now) { ledger, _ in
      let offer = try await SharingState(ledger).knownOffer(offered.recorded.id)
      #expect(offer.entry == "BIRTHS")
      return .countersignature(of: offered.recorded.id)
    }
    _ = try await ledger.record(sharingAs: demander, at: now) { _, _ in
      SharingRequest(
        request: "R-1", entry: "BIRTHS", version: 1, items: items, purpose: "enrolment", basis: "act 11",
        scenario: "school", method: "file", from: nil, until: nil, handler: "office 3", calendar: nil)
    }
    _ = try await ledger.record(sharingAs: provider, at: now) { state, _ in
      let asked = try await state.knownRequest("R-1")
      return SharingGrant(
        request: "R-1", items: asked.items, purpose: asked.purpose, from: now / 1000 - 60,
        until: now / 1000 + 864_000, limit: nil, conditions: nil)
    }
    try Data("number,day\n1,2\n".utf8).write(to: URL(fileURLWithPath: "\(office.path)/births.csv"))
    return office
  }

  @Test("The board, a history and the catalogue are whole, or a failure: never a part of them")
  func faults() async throws {
    let office = try await granted()
    let (sound, now) = (try office.reading(), office.context.now)
    let then = try await sound.newestBlock().time - 1
    let open = try await SharingState(sound).openMatters(at: now)
    #expect(open.lines.map(\.owed) == [.delivery] && open.left.isEmpty)
    #expect(
      try await RequestHistory(of: "R-1", in: SharingState(sound)).events.map(\.kind) == [.request, .grant])
    let work: [(any LedgerAccess) async throws -> Void] = [
      { _ = try await SharingState($0).openMatters(at: now) },
      { _ = try await SharingState($0, at: then).openMatters(at: then) },
      { _ = try await RequestHistory(of: "R-1", in: SharingState($0)) },
      { _ = try await SharingState($0).entries(of: "member-1") },
      { _ = try await SharingState($0).waitingOffers() },
      { _ = try await Holdings(of: "member-1", on: $0) },
    ]
    for body in work { try await FaultyLedger.expectFailure(at: sound, of: body) }
  }

  @Test("A delivery that fails before it is submitted leaves no data; one that fails then keeps them")
  func delivery() async throws {
    let office = try await granted()
    let (vault, out) = ("\(office.path)/vault", "\(office.path)/out")
    let draft = VaultWork.DeliveryDraft(
      request: "R-1", file: "\(office.path)/births.csv", records: 1, items: nil, purpose: nil)
    let reading = try office.reading()
    let writing = FaultyLedger(try office.writing(), answers: .max)
    func deliver(_ answers: Int) async throws -> VaultWork.Delivered {
      let faulty = FaultyLedger(writing, answers: answers)
      return try await VaultWork(reading, signer(office, 1), office.context) { faulty }
        .deliver(draft, into: vault, handingOverIn: out)
    }
    func left() throws -> [String] {
      let names = try FileManager.default.contentsOfDirectory(atPath: vault)
      return names.filter { $0 != "vault.json" && $0 != "items" }.sorted()
    }
    // The roster, the request, and the submission.
    for answers in 0..<2 {
      await #expect(throws: FaultyLedger.failure) { _ = try await deliver(answers) }
      #expect(try left() == [] && !FileManager.default.fileExists(atPath: out))
    }
    await #expect(throws: FaultyLedger.failure) { _ = try await deliver(2) }
    #expect(try left() == ["R-1.1"] && !FileManager.default.fileExists(atPath: out))
    let delivered = try await deliver(.max)
    #expect(try left() == ["R-1.1"] && delivered.item.delivery == 1 && delivered.handover != nil)
    let audit = try await VaultAudit([vault], of: office.reading(), office.context)
    #expect(audit.isGood && audit.findings.map(\.state.code) == ["intact"])
  }

  @Test("What nobody asked for, offered or objected to is a complaint that names its ledger")
  func complaints() async throws {
    let office = try TestOffice(roles: SharingWorkTests.roles)
    let ledger = try office.reading()
    let state = SharingState(ledger)
    func lead(_ body: () async throws -> Void) async throws -> WorkflowError.Lead? {
      do { try await body() } catch let error as WorkflowError { return error.lead }
      return nil
    }
    #expect(try await lead { _ = try await state.knownRequest("R-9") } == .requests(of: ledger.place))
    #expect(
      try await lead { _ = try await RequestHistory(of: "R-9", in: state) } == .requests(of: ledger.place))
    #expect(
      try await lead { _ = try await state.knownOffer(ledger.ledgerID) } == .waitingOffers(of: ledger.place))
    #expect(
      try await lead { _ = try await state.knownObjection(ledger.ledgerID) } == .objections(of: ledger.place))
  }
}
