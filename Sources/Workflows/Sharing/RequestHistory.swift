import Ledger
import LedgerCrypto
import Scenarios

/// Everything that was recorded about a request.
package struct RequestHistory {
  /// A record about it.
  package struct Event {
    package let index: UInt64
    package let id: Digest
    /// The time of its block in ms since the epoch.
    package let time: UInt64
    /// The working days after the day of the request.
    package let days: Int
    package let issuer: String
    package let kind: SharingKind
    /// What is to be seen at a glance: `LATE`, `MISMATCH`.
    package let mark: String
    /// What it says, in a line.
    package let details: String
  }

  /// The request as it stands.
  package let request: RequestRecord
  /// Its deliveries, as they were made.
  package let deliveries: [DeliveryRecord]
  package let calendars: SharingCalendars
  /// The records, oldest first.
  package private(set) var events: [Event] = []
  private let byNumber: [UInt64: DeliveryRecord]

  /// The history of the request called `id`.
  ///
  /// - Throws: no input, where none is.
  package init(of id: String, in state: SharingState) async throws {
    guard let request = try await state.request(id) else {
      let place = state.ledger.place
      throw WorkflowError(
        .noInput, "not-found", "\(place): no request is called \(Printable.text(id))",
        lead: .requests(of: place))
    }
    self.request = request
    deliveries = try await state.deliveries(of: id)
    byNumber = Dictionary(deliveries.map { ($0.delivery, $0) }) { first, _ in first }
    calendars = try await state.calendars()
    let calendar = request.replyLimit(calendars).days
    let ledger = state.ledger
    for index in try await ledger.records(listedAt: .subject(id, of: DataSharing.scenario.name)) {
      let statement = try await ledger.statement(index)
      guard let kind = SharingKind(contentType: statement.contentType) else { continue }
      let time = try await ledger.block(of: index).time
      // An entry or a calendar may have the same name as a request.
      guard let (details, mark) = try await described(kind, statement.payload, at: time, state) else {
        continue
      }
      events.append(
        Event(
          index: index, id: statement.id, time: time,
          days: calendars.count(from: request.requested, to: time, by: calendar),
          issuer: statement.claims?.issuer ?? "", kind: kind, mark: mark, details: details))
    }
  }

  /// What `payload` says, in a line; nil where it is about something else of the same name.
  private func described(
    _ kind: SharingKind, _ payload: [UInt8], at time: UInt64, _ state: SharingState
  ) async throws -> (details: String, mark: String)? {
    let reply = request.isLate == true ? "LATE" : ""
    switch kind {
    case .calendar, .catalogue: return nil
    case .request:
      let asked = try SharingRequest(decoding: payload)
      return ("\(asked.items.list) of \(asked.entry); \(asked.purpose); \(asked.basis ?? "")", "")
    case .grant:
      let grant = try SharingGrant(decoding: payload)
      let span = calendars.time.span(grant.from * 1000, grant.until * 1000)
      return (
        "\(grant.items.list); \(grant.purpose); \(span)" + (grant.conditions.map { "; \($0)" } ?? ""), reply
      )
    case .refuse:
      let refusal = try SharingRefuse(decoding: payload)
      return ([refusal.reason, refusal.basis].compactMap { $0 }.joined(separator: "; "), reply)
    case .deliver:
      let delivery = try SharingDeliver(decoding: payload)
      return (
        "\(delivery.sequence): \(Printable.count(delivery.records, "record")), \(delivery.items.list); commitment \(delivery.commitment)",
        byNumber[delivery.sequence]?.isLate == true ? "LATE" : ""
      )
    case .receipt:
      let receipt = try SharingReceipt(decoding: payload)
      let isMismatch = byNumber[receipt.delivery].map { $0.commitment != receipt.commitment } ?? false
      return (
        isMismatch ? "\(receipt.delivery): got commitment \(receipt.commitment)" : "\(receipt.delivery)",
        isMismatch ? "MISMATCH" : ""
      )
    case .use:
      let use = try SharingUse(decoding: payload)
      let logged = try await state.uses(of: use.request).first {
        $0.delivery == use.delivery && $0.used == time
          && $0.reference.hasSameBytes(as: use.reference)
      }
      return (
        "\(use.delivery): \(use.purpose); \(use.reference)",
        (logged?.openObjections ?? 0) > 0 ? "OBJECTED TO" : ""
      )
    case .object:
      let objection = try SharingObject(decoding: payload)
      guard case .delivery(_, let number) = objection.target else { return nil }
      return ("\(number): \(objection.fault.rawValue)" + (objection.detail.map { "; \($0)" } ?? ""), "")
    case .answer:
      let answer = try SharingAnswer(decoding: payload)
      guard case .request = answer.about else { return nil }
      let corrected = answer.corrected.map { "; corrected by delivery \($0)" } ?? ""
      let isLate = try await state.objection(answer.objection)?.isLate == true
      return ("\(answer.outcome.rawValue): \(answer.reply)\(corrected)", isLate ? "LATE" : "")
    case .revoke:
      let revocation = try SharingRevoke(decoding: payload)
      let effective = revocation.effective.map { "; from \(calendars.time.text($0 * 1000)) on" } ?? ""
      return ("\(revocation.basis ?? "")\(effective)", "")
    case .erase:
      let erasure = try SharingErase(decoding: payload)
      return ("\(erasure.delivery): \(erasure.reason ?? "")", "")
    }
  }
}
