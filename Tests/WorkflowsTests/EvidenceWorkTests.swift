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

  private func request(_ office: TestOffice, _ item: String = "E-1") -> ItemCertificate.Request {
    ItemCertificate.Request(
      item: item, policy: office.folder.policy, issuer: "Notary", name: "certificate.html")
  }

  @Test(
    "A certificate has every row, passes with its policy and file, and is the same again for the same rows")
  func certificate() async throws {
    let office = try await offered()
    let ledger = try office.reading()
    let made = try #require(try await ItemCertificate(request(office), on: ledger, office.context))
    #expect(made.certificate.rows.map(\.kind) == ["deposit", "seal", "offer"].map { "evidence.\($0)" })
    let policy = try PolicyFile.read(office.folder.policy)
    func finding(_ content: String) throws -> CertificateFinding {
      let fingerprint = try Fingerprint(of: Array(content.utf8))
      return try CertificateFinding(
        "certificate.html", made.bytes, policy, original: "contract", manifest: nil,
        digest: { _ in (fingerprint.digest, fingerprint.byteCount) })
    }
    #expect(try finding("contract").isGood)
    #expect(try finding("forgery").check.isGood && !finding("forgery").isGood)
    var again = request(office)
    again.earlier = made.bytes
    var later = office.context
    let tomorrow = later.now + 86_400_000
    later.wallClock = { tomorrow }
    #expect(try await ItemCertificate(again, on: ledger, later)?.bytes == made.bytes)
    #expect(try await ItemCertificate(request(office), on: ledger, later)?.bytes != made.bytes)
    #expect(try await ItemCertificate(request(office, "E-2"), on: ledger, later) == nil)
  }

  @Test("What fails in the middle is passed on: no half of a history, a status, a check or a certificate")
  func faults() async throws {
    let office = try await offered()
    let sound = try office.reading()
    let fingerprint = try Fingerprint(of: Array("contract".utf8))
    let work: [(any LedgerAccess) async throws -> Void] = [
      { _ = try await ItemHistory(of: "E-1", on: $0) },
      { _ = try await ItemStatus("E-1", on: $0) },
      { _ = try await DepositCheck(item: "E-1", on: $0).finding("a", fingerprint) },
      { try await $0.eachItem(ItemQuery()) { _ in } },
      { _ = try await ItemCertificate(self.request(office), on: $0, office.context) },
    ]
    for body in work { try await FaultyLedger.expectFailure(at: sound, of: body) }
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
