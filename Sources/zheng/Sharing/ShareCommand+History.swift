import ArgumentParser
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import TransparencyLog

extension ShareCommand {
  /// `zheng share history`.
  struct History: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show everything that was recorded about a request, oldest first.",
      discussion: """
        How it stands, and then a line for each record: who, what, and how many working days after the request. Each can be \
        proven by its entry: zheng prove LEDGER ENTRY.

          zheng share history ledger R-2026-017
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request.") var request: String
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let state = try SharingState(ledger)
      guard let record = try state.request(request) else {
        throw CommandError.noInput(
          "\(ledger.path): no request is called \(Printable.text(request)); `zheng share requests \(ShellText.path(ledger.path))` shows those that there are"
        )
      }
      let events = try SharingEvent.all(of: record, in: state)
      let deliveries = try state.deliveries(of: request)
      let calendars = try state.calendars()
      try output.result(
        record.json(calendars).adding([
          "deliveryRecords": .array(deliveries.map(\.json)), "history": .array(events.map(\.json)),
        ]),
        text: text(record.rows(calendars), deliveries, events))
    }

    private func text(
      _ rows: [(String, String)], _ deliveries: [DeliveryRecord], _ events: [SharingEvent]
    ) -> String {
      var rows = rows.map { ($0, Printable.text($1)) }
      for delivery in deliveries {
        rows.append(("delivery \(delivery.delivery)", Printable.text(delivery.summary)))
      }
      var table = TextTable(["ENTRY", "TIME", "DAY", "WHO", "WHAT", "", "DETAILS"])
      for event in events {
        table.add([
          String(event.index), SharingTime.text(event.time), "+\(event.days)", event.issuer,
          event.kind.rawValue,
          event.mark, event.details,
        ])
      }
      return "\(Printable.table(rows))\n\n\(table.text)"
    }
  }
}

/// A record about a request, as its history shows it.
struct SharingEvent {
  let index: UInt64
  let id: Digest
  /// The time of its block in ms since the epoch.
  let time: UInt64
  /// The working days after the day of the request.
  let days: Int
  let issuer: String
  let kind: SharingKind
  /// What is to be seen at a glance: `LATE`, `MISMATCH`.
  let mark: String
  /// What it says, in a line.
  let details: String

  /// Every record about the request `record`, oldest first.
  static func all(of record: RequestRecord, in state: SharingState) throws -> [SharingEvent] {
    let deliveries = Dictionary(try state.deliveries(of: record.request).map { ($0.delivery, $0) }) {
      first, _ in first
    }
    let calendar = try record.replyLimit(state.calendars()).days
    var query = SearchQuery()
    query.subject = record.request
    var events: [SharingEvent] = []
    try state.reader.search(query) { found in
      guard let kind = SharingKind(contentType: found.type), let entry = try state.reader.entry(found.index)
      else {
        return
      }
      let payload = try SignedStatement(decoding: entry).payload
      // An entry or a calendar may have the same name as a request.
      guard let (details, mark) = try described(kind, payload, found, record, deliveries, state) else {
        return
      }
      events.append(
        SharingEvent(
          index: found.index, id: found.id, time: found.time,
          days: calendar.count(after: CivilDate(at: record.requested), through: CivilDate(at: found.time)),
          issuer: found.issuer, kind: kind, mark: mark, details: details))
    }
    return events
  }

  private static func described(
    _ kind: SharingKind, _ payload: [UInt8], _ found: RecordSummary, _ record: RequestRecord,
    _ deliveries: [UInt64: DeliveryRecord], _ state: SharingState
  ) throws -> (details: String, mark: String)? {
    let reply = record.isLate == true ? "LATE" : ""
    switch kind {
    case .calendar, .catalogue: return nil
    case .request:
      let request = try SharingRequest(decoding: payload)
      return ("\(request.items.list) of \(request.entry); \(request.purpose); \(request.basis ?? "")", "")
    case .grant:
      let grant = try SharingGrant(decoding: payload)
      let span = SharingTime.span(grant.from * 1000, grant.until * 1000)
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
        deliveries[delivery.sequence]?.isLate == true ? "LATE" : ""
      )
    case .receipt:
      let receipt = try SharingReceipt(decoding: payload)
      let isMismatch = deliveries[receipt.delivery].map { $0.commitment != receipt.commitment } ?? false
      return (
        isMismatch ? "\(receipt.delivery): got commitment \(receipt.commitment)" : "\(receipt.delivery)",
        isMismatch ? "MISMATCH" : ""
      )
    case .use:
      let use = try SharingUse(decoding: payload)
      let logged = try state.uses(of: use.request).first {
        $0.delivery == use.delivery && $0.used == found.time
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
      let isLate = try state.objection(answer.objection)?.isLate == true
      return ("\(answer.outcome.rawValue): \(answer.reply)\(corrected)", isLate ? "LATE" : "")
    case .revoke:
      let revocation = try SharingRevoke(decoding: payload)
      let effective = revocation.effective.map { "; from \(SharingTime.text($0 * 1000)) on" } ?? ""
      return ("\(revocation.basis ?? "")\(effective)", "")
    case .erase:
      let erasure = try SharingErase(decoding: payload)
      return ("\(erasure.delivery): \(erasure.reason ?? "")", "")
    }
  }

  /// Every part.
  var json: JSON {
    [
      "index": .number(index), "id": .text(id.hex), "time": .text(time.asTimestamp),
      "workingDays": .number(UInt64(max(0, days))), "issuer": .text(issuer), "kind": .text(kind.rawValue),
      "mark": mark.isEmpty ? .null : .text(mark), "details": .text(details),
    ]
  }
}
