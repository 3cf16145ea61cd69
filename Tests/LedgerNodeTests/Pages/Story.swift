import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import TestKit

@testable import LedgerNode

/// A node whose ledger has something of everything that pages show: an item that is corrected, in dispute and received otherwise, one that
/// waits for its receiver under a legal hold, a catalogue, a request that is overdue, one with a delivery that does not match, an objection, an
/// offer that waits, and a change of the roster that waits.
///
/// `member-0` is court, supervisor and authority and administers with `member-1`, who collects, keeps and provides; `member-2` keeps,
/// examines and demands.
struct Story {
  static let roles = [
    ["court", "supervisor", "authority"], ["collector", "custodian", "notary", "provider"],
    ["custodian", "examiner", "demander"],
  ]

  let ledger: TestLedger
  let node: TestNode
  /// In ms since the epoch.
  let clock: Shared<UInt64>
  static let original = Array("the original".utf8)

  /// Tells it at a new node while `body` runs.
  static func tell(_ body: (Story) async throws -> Void) async throws {
    let ledger = try TestLedger(rules: Scenarios.all, roles: roles, threshold: 2)
    let clock = Shared(UInt64(Date().timeIntervalSince1970) * 1000)
    var settings = TestNode.patient
    settings.writer.now = { .now(wall: clock.withLock { $0 }) }
    try await withNode(ledger, settings) { node in
      let story = Story(ledger: ledger, node: node, clock: clock)
      try await story.evidence()
      try await story.sharing()
      try await story.roster()
      try await body(story)
    }
  }

  /// Has member number `member` say `payload` about `subject`.
  ///
  /// - Returns: the id of the statement, which is a record.
  @discardableResult
  func say(_ payload: [UInt8], _ type: String, about subject: String?, by member: Int) async throws -> Digest
  {
    let seconds = clock.withLock { $0 } / 1000
    let entry = try ledger.members[member].statement(
      payload, on: ledger.id, type: type, subject: subject, at: seconds
    ).entry
    let answer = try await node.connected { try $0.post(entry) }
    guard answer.status == 201 else { throw Refused(description: "\(type): \(answer.text)") }
    return try SignedStatement(decoding: entry).id
  }

  struct Refused: Error, CustomStringConvertible { let description: String }

  private func say(_ payload: some EvidencePayload, about item: String, by member: Int) async throws -> Digest
  {
    try await say(payload.encoded, type(of: payload).kind.contentType, about: item, by: member)
  }

  @discardableResult
  private func say(_ payload: some SharingPayload, by member: Int) async throws -> Digest {
    try await say(payload.encoded, type(of: payload).kind.contentType, about: payload.subject, by: member)
  }

  private func countersign(_ statement: Digest, about subject: String?, by member: Int) async throws {
    try await say(Proposals.countersignPayload(statement), Kind.countersign, about: subject, by: member)
  }

  private func deposited(_ item: String, seal: String) async throws -> (deposit: Digest, sealed: Digest) {
    let deposit = Evidence.Deposit(
      caseReference: "(2026)豫01民初17号", category: .other, scope: .file, size: UInt64(Story.original.count),
      digests: Evidence.Digests([.sha256: SHA256.digest(of: Story.original).bytes]), method: "当面提交",
      format: "text/plain", place: "郑州", source: "出租方", collectors: ["甲"], holder: "出租方")
    let first = try await say(deposit, about: item, by: 1)
    return (
      first, try await say(Evidence.Seal(seal: seal, condition: "完好", previous: first), about: item, by: 1)
    )
  }

  private func evidence() async throws {
    let digest = SHA256.digest(of: Story.original)
    let (deposit, sealed) = try await deposited("E-1", seal: "S-1")
    _ = try await say(Evidence.Correct(statement: deposit, what: "来源：承租方", why: "笔误"), about: "E-1", by: 1)
    let offered = try await say(
      Evidence.Offer(to: "member-2", seal: "S-1", digest: digest, purpose: "鉴定", previous: sealed),
      about: "E-1",
      by: 1)
    _ = try await say(
      Evidence.Accept(seal: "S-9", digest: SHA256.digest(of: [1]), location: "鉴定室", previous: offered),
      about: "E-1",
      by: 2)
    let second = try await deposited("E-2", seal: "S-2").sealed
    _ = try await say(Evidence.Hold(order: "(2026)豫01证保3号", reason: "诉前保全"), about: "E-2", by: 0)
    _ = try await say(
      Evidence.Offer(to: "member-2", seal: "S-2", digest: digest, purpose: "鉴定", previous: second),
      about: "E-2", by: 1)
    // Waits for the countersignature of a court.
    let third = try await deposited("E-3", seal: "S-3").sealed
    _ = try await say(
      Evidence.Release(order: "17号判决", outcome: .released, previous: third), about: "E-3", by: 1)
  }

  private func sharing() async throws {
    func offer(_ entry: String) async throws -> Digest {
      try await say(
        SharingCatalogue(
          entry: entry, version: 1, name: "出生医学证明", items: items, lead: nil, attribute: .unconditional,
          basis: "条例第二十条", grade: "重要", format: "CSV", frequency: "每日", method: "文件"), by: 1)
    }
    try await countersign(try await offer("BIRTHS"), about: "BIRTHS", by: 0)
    _ = try await offer("DEATHS")
    let now = clock.withLock { $0 } / 1000
    for request in ["R-1", "R-2"] {
      try await say(
        SharingRequest(
          request: request, entry: "BIRTHS", version: 1, items: items, purpose: "入学核验", basis: "义务教育法第十一条",
          scenario: "小学新生登记", method: "文件", from: now, until: now + 86_400 * 365, handler: "基础教育科"), by: 2)
    }
    try await say(
      SharingGrant(request: "R-2", items: items, purpose: "入学核验", from: now, until: now + 86_400 * 30), by: 1)
    try await say(
      SharingDeliver(
        request: "R-2", sequence: 1, items: items, purpose: "入学核验", commitment: SHA256.digest(of: [2]),
        records: 3),
      by: 1)
    try await say(SharingReceipt(request: "R-2", delivery: 1, commitment: SHA256.digest(of: [3])), by: 2)
    try await say(
      SharingObject(to: .entry("BIRTHS", version: 1), fault: .outdated, detail: "缺少本年度数据"), by: 2)
  }

  private var items: DataItems { DataItems(["出生日期"])! }

  private func roster() async throws {
    let state = try LedgerReader(asItIs: ledger.folder).state()
    let change = RosterChange(
      of: state.roster.root, .setRoles(member: "member-2", roles: ["custodian", "demander"]))
    try await say(change.payload, change.contentType, about: nil, by: 0)
  }
}
