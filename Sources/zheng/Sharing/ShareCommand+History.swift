import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share history`.
  struct History: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show everything recorded about a request, oldest first.",
      discussion: """
        Shows the current state, then one line per record: who, what, and how many working days after the request. \
        `zheng prove LEDGER ENTRY` proves any of them.

          zheng share history ledger R-2026-017
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The request's number.") var request: String
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let history = try await RequestHistory(of: request, in: SharingState(ledger.opened()))
      let (record, calendars) = (history.request, history.calendars)
      try output.result(
        record.json(calendars, at: CommandContext.now).adding([
          "deliveryRecords": .array(history.deliveries.map(\.json)),
          "history": .array(history.events.map(\.json)),
        ]),
        text: text(record.rows(calendars), history.deliveries, history.events, calendars.time))
    }

    private func text(
      _ rows: [(String, String)], _ deliveries: [DeliveryRecord], _ events: [RequestHistory.Event],
      _ time: SharingTime
    ) -> String {
      var rows = rows.map { ($0, Printable.text($1)) }
      for delivery in deliveries {
        rows.append((localized("delivery \(delivery.delivery)"), Printable.text(delivery.summary)))
      }
      var table = TextTable(["ENTRY", "TIME", "DAY", "WHO", "WHAT", "", "DETAILS"])
      for event in events {
        table.add([
          String(event.index), time.text(event.time), "+\(event.days)", event.issuer,
          named(kind: event.kind.rawValue, of: "sharing"),
          event.mark.isEmpty ? "" : named("mark", event.mark), event.shownDetails,
        ])
      }
      return "\(labelled(rows))\n\n\(table.text)"
    }
  }
}

extension RequestHistory.Event {
  /// What it says, where that is worded here rather than by whoever signed it.
  fileprivate var shownDetails: String {
    switch kind {
    case .deliver, .receipt: retold(details)
    default: details
    }
  }
}
