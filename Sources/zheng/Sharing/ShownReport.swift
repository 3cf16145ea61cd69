import Scenarios
import Workflows

/// A report as it is printed.
struct ShownReport {
  let report: SharingReport
  let time: SharingTime

  var text: String {
    guard !report.lines.isEmpty else { return localized("no request was made in that time") }
    var bureaus = TextTable([
      "BUREAU", "ASKED", "GRANTED", "REFUSED", "OPEN", "WAS ASKED", "GRANTED", "REFUSED", "OPEN", "LATE",
      "OVERDUE",
      "MEAN DAYS", "LONGEST", "DELIVERIES", "LATE", "MISMATCHES",
    ])
    for bureau in report.bureaus {
      bureaus.add([
        bureau.id, String(bureau.asked), String(bureau.askedGranted), String(bureau.askedRefused),
        String(bureau.askedOpen), String(bureau.received), String(bureau.granted), String(bureau.refused),
        String(bureau.open), String(bureau.lateReplies), String(bureau.overdueReplies),
        bureau.meanDays ?? "-",
        bureau.meanDays == nil ? "-" : String(bureau.longestReply), String(bureau.deliveries),
        String(bureau.lateDeliveries), String(bureau.mismatches),
      ])
    }
    var requests = TextTable([
      "REQUEST", "MADE", "OF", "TO", "STATE", "DUE", "REPLIED", "DAYS", "", "DELIVERED", "DAYS", "",
      "PURPOSE",
    ])
    for line in report.lines {
      let record = line.record
      requests.add([
        record.request, time.day(record.requested), record.demander, record.provider,
        named("request", record.state.rawValue),
        line.reply.lastDay.description + (line.reply.silentYears.isEmpty ? "" : "?"),
        record.replied.map(time.day) ?? "-",
        line.replyDays.map(String.init) ?? "-", line.replyMark, record.delivered.map(time.day) ?? "-",
        line.deliveryDays.map(String.init) ?? "-", line.deliveryMark, record.purpose,
      ])
    }
    let years = Set(report.lines.flatMap(\.silentYears)).sorted()
    guard !years.isEmpty else { return "\(bureaus.text)\n\n\(requests.text)" }
    let list = years.map(String.init).joined(separator: ", ")
    return
      localized(
        "\(bureaus.text)\n\n\(requests.text)\n\n?  the calendar says nothing of \(list): counted as if Mondays to Fridays were all worked"
      )
  }
}

extension SharingReport.Line {
  fileprivate var replyMark: String {
    guard isReplyLate else { return "" }
    return record.replied == nil ? localized("OVERDUE") : localized("LATE")
  }

  fileprivate var deliveryMark: String {
    isDeliveryOverdue ? localized("OVERDUE") : isDeliveryLate ? localized("LATE") : ""
  }
}
