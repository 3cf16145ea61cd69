import LedgerCrypto
import Scenarios

// What programs read of the board, a report and a history.

extension SharingBoardLine {
  private var grantJSON: JSON {
    switch grant {
    case .inForce: "in-force"
    case .notYet: "not-yet"
    case .expired: "expired"
    case .revoked: "revoked"
    case .none?, nil: .null
    }
  }

  /// Every part.
  package var json: JSON {
    var what: String
    var (delivery, objection): (UInt64?, Digest?)
    switch owed {
    case .reply: what = "reply"
    case .delivery: what = "delivery"
    case .receipt(let number): (what, delivery) = ("receipt", number)
    case .answer(let id): (what, objection) = ("answer", id)
    }
    return [
      "owed": .text(what), "by": .text(by), "to": .text(to), "subject": .text(subject), "entry": .text(entry),
      "delivery": JSON(delivery), "objection": JSON(objection?.hex), "since": .text(since.asTimestamp),
      "due": JSON(due.asTimestamp), "dueDay": JSON(lastDay?.description), "overdue": .bool(isOverdue),
      "workingDaysLeft": JSON(workingDaysLeft.map { UInt64(max(0, $0)) }),
      "workingDaysOver": JSON(workingDaysLeft.map { UInt64(max(0, -$0)) }), "grant": grantJSON,
      "calendar": JSON(calendar), "uncoveredYears": .array(silentYears.map { .number(UInt64($0)) }),
    ]
  }
}

extension SharingReport {
  /// Everything, over requests made from and to these instants in ms.
  package func json(from: UInt64?, to: UInt64?, at now: UInt64, _ calendars: SharingCalendars) -> JSON {
    [
      "from": JSON(from.asTimestamp), "to": JSON(to.asTimestamp),
      "bureaus": .array(bureaus.map(\.json)),
      "requests": .array(lines.map { $0.json(calendars, at: now) }),
    ]
  }
}

extension SharingReport.Bureau {
  fileprivate var json: JSON {
    func number(_ count: Int) -> JSON { .number(UInt64(count)) }
    let replies = granted + refused
    return [
      "bureau": .text(id), "asked": number(asked), "askedGranted": number(askedGranted),
      "askedRefused": number(askedRefused), "askedOpen": number(askedOpen), "wasAsked": number(received),
      "granted": number(granted), "refused": number(refused), "open": number(open),
      "lateReplies": number(lateReplies), "overdueReplies": number(overdueReplies),
      "meanReplyDays": replies == 0 ? .null : .double(Double(replyDays) / Double(replies)),
      "longestReplyDays": replies == 0 ? .null : number(longestReply), "deliveries": .number(deliveries),
      "lateDeliveries": number(lateDeliveries), "mismatches": .number(mismatches),
    ]
  }
}

extension SharingReport.Line {
  fileprivate func json(_ calendars: SharingCalendars, at now: UInt64) -> JSON {
    record.json(calendars, at: now).adding([
      "replyDays": JSON(replyDays.map(UInt64.init)), "overdue": .bool(record.replied == nil && isReplyLate),
      "deliveryDays": JSON(deliveryDays.map(UInt64.init)),
    ])
  }
}

extension RequestHistory.Event {
  /// Every part.
  package var json: JSON {
    [
      "index": .number(index), "id": .text(id.hex), "time": .text(time.asTimestamp),
      "workingDays": .number(UInt64(max(0, days))), "issuer": .text(issuer), "kind": .text(kind.rawValue),
      "mark": mark.isEmpty ? .null : .text(mark), "details": .text(details),
    ]
  }
}
