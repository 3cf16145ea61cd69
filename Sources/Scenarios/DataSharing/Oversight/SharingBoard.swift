public import LedgerCrypto

/// Who waits for what: a line for each thing that somebody owes, as of some instant.
///
/// Pure functions over the state's records; whoever has them (a page, a command) gives them in any order.
public struct SharingBoardLine: Hashable, Sendable {
  /// What is owed.
  public enum Owed: Hashable, Sendable {
    /// A grant or a refusal.
    case reply
    /// The first delivery under a grant that holds or will hold.
    case delivery
    /// The receipt for the delivery of this number; nothing says until when.
    case receipt(UInt64)
    /// The answer to the objection with this statement id.
    case answer(Digest)
  }

  /// What is owed.
  public let owed: Owed
  /// The bureau that owes it.
  public let by: String
  /// The bureau that waits for it.
  public let to: String
  /// The request that it is about; for an objection to an entry, the entry.
  public let subject: String
  /// The entry.
  public let entry: String
  /// Since when, in ms since the epoch.
  public let since: UInt64
  /// It is in time before this instant, the 24:00 (UTC+8) of a working day; nil where nothing sets a limit.
  public let due: UInt64?
  /// Whether that has passed.
  public let isOverdue: Bool
  /// The working days after today up to the last one; 0 on the last day, less than 0 once it is over.
  public let workingDaysLeft: Int?
}

/// The board of open matters.
public enum SharingBoard {
  /// What is owed at the instant `now`, in ms since the epoch: first what is due first, then what nothing limits.
  ///
  /// - Parameter calendar: the calendar of a version; a record's own limit was counted by the version that it names, nil
  ///   for the plain one.
  public static func lines(
    requests: [RequestRecord], deliveries: [DeliveryRecord] = [], objections: [ObjectionRecord] = [],
    at now: UInt64, calendar: (String?) -> WorkingDays
  ) -> [SharingBoardLine] {
    func line(
      _ owed: SharingBoardLine.Owed, by: String, to: String, _ subject: String, _ entry: String,
      since: UInt64,
      due: UInt64?, _ version: String?
    ) -> SharingBoardLine {
      SharingBoardLine(
        owed: owed, by: by, to: to, subject: subject, entry: entry, since: since, due: due,
        isOverdue: due.map { now >= $0 } ?? false,
        workingDaysLeft: due.map { calendar(version).left(at: now, until: $0) })
    }
    var lines: [SharingBoardLine] = []
    for request in requests {
      if request.state == .submitted {
        lines.append(
          line(
            .reply, by: request.provider, to: request.demander, request.request, request.entry,
            since: request.requested, due: request.due, request.calendar))
      } else if let due = request.deliveryDue, request.deliveries == 0, request.mayStillDeliver(at: now) {
        lines.append(
          line(
            .delivery, by: request.provider, to: request.demander, request.request, request.entry,
            since: request.replied ?? request.requested, due: due, request.deliveryCalendar))
      }
    }
    for delivery in deliveries where delivery.state == .delivered {
      lines.append(
        line(
          .receipt(delivery.delivery), by: delivery.demander, to: delivery.provider, delivery.request,
          delivery.entry, since: delivery.delivered, due: nil, nil))
    }
    let entries = Dictionary(requests.map { (Array($0.request.utf8), $0.entry) }) { first, _ in first }
    for objection in objections where objection.state == .open {
      let subject = objection.target.subject
      let entry: String =
        switch objection.target {
        case .delivery(let request, _): entries[Array(request.utf8)] ?? ""
        case .entry(let entry, _): entry
        }
      lines.append(
        line(
          .answer(objection.objection), by: objection.provider, to: objection.demander, subject, entry,
          since: objection.opened, due: objection.due, objection.calendar))
    }
    return lines.sorted { left, right in
      let (one, other) = (left.due ?? UInt64.max, right.due ?? UInt64.max)
      if one != other { return one < other }
      if left.since != right.since { return left.since < right.since }
      return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8)
    }
  }
}

extension RequestRecord {
  fileprivate func mayStillDeliver(at now: UInt64) -> Bool {
    switch hold(at: now) {
    case .inForce, .notYet: true
    case .none, .expired, .revoked: false
    }
  }
}
