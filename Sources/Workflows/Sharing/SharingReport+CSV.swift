import Scenarios

extension SharingReport {
  /// A line for each request, with times by the ledger's clocks.
  package func requestsCSV(_ time: SharingTime) -> CSVTable {
    var table = CSVTable([
      "request", "made", "demander", "provider", "entry", "version", "attribute", "purpose", "state", "due",
      "calendar",
      "replied", "reply_days", "reply_late", "delivery_due", "delivered", "delivery_days", "delivery_late",
      "deliveries", "mismatches", "delivery_owed", "uncovered_years",
    ])
    for line in lines {
      let record = line.record
      table.add([
        record.request, time.text(record.requested), record.demander, record.provider, record.entry,
        String(record.version), record.attribute.rawValue, record.purpose, record.state.rawValue,
        line.reply.lastDay.description, line.reply.days.version ?? "",
        record.replied.map(time.text) ?? "",
        line.replyDays.map(String.init) ?? "", line.isReplyLate ? "yes" : "no",
        line.delivery?.lastDay.description ?? "", record.delivered.map(time.text) ?? "",
        line.deliveryDays.map(String.init) ?? "", line.isDeliveryLate ? "yes" : "no",
        String(record.deliveries),
        String(record.mismatches), record.owesDelivery ? "yes" : "no",
        line.silentYears.map(String.init).joined(separator: " "),
      ])
    }
    return table
  }

  /// A line for each bureau.
  package var bureausCSV: CSVTable {
    var table = CSVTable([
      "bureau", "asked", "asked_granted", "asked_refused", "asked_open", "was_asked", "granted", "refused",
      "open",
      "late_replies", "overdue_replies", "mean_reply_days", "longest_reply_days", "deliveries",
      "late_deliveries",
      "mismatches",
    ])
    for bureau in bureaus {
      table.add([
        bureau.id, String(bureau.asked), String(bureau.askedGranted), String(bureau.askedRefused),
        String(bureau.askedOpen), String(bureau.received), String(bureau.granted), String(bureau.refused),
        String(bureau.open), String(bureau.lateReplies), String(bureau.overdueReplies), bureau.meanDays ?? "",
        bureau.meanDays == nil ? "" : String(bureau.longestReply), String(bureau.deliveries),
        String(bureau.lateDeliveries), String(bureau.mismatches),
      ])
    }
    return table
  }
}

extension SharingReport.Bureau {
  /// The mean of the working days that replies took, with a tenth; nil without replies.
  package var meanDays: String? {
    let replies = granted + refused
    guard replies > 0 else { return nil }
    let tenths = (replyDays * 10 + replies / 2) / replies
    return "\(tenths / 10).\(tenths % 10)"
  }
}
