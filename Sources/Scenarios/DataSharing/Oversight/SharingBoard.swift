public import LedgerCrypto

/// The board: a line for each thing that a member owes another, as of some instant.
///
/// Pure functions over the state's records; a caller (a page, a command) gives them in any order.
public struct SharingBoardLine: Hashable, Sendable {
  /// What is owed.
  public enum Owed: Hashable, Sendable {
    /// A grant or a refusal.
    case reply
    /// The first delivery under a grant, or one more after a mismatch; also when the grant is over.
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
  /// It is in time before this instant, the 24:00 of a working day; nil if nothing sets a limit.
  public let due: UInt64?
  /// That working day.
  public let lastDay: CivilDate?
  /// Whether that has passed.
  public let isOverdue: Bool
  /// The working days after today up to the last one; 0 on the last day, less than 0 once it is over.
  public let workingDaysLeft: Int?
  /// The years within the limit of which the calendar that it was counted by says nothing.
  public let silentYears: [Int]
  /// That calendar's version; nil if there was none.
  public let calendar: String?
  /// The state of the grant under which a delivery is owed; nil for anything else.
  public let grant: RequestRecord.Hold?
}

/// The board of open matters.
public enum SharingBoard {
  /// What is owed at the instant `now`, in ms since the epoch: first what is due first, then what nothing limits.
  ///
  /// - Parameter calendars: every calendar that is known; a record's own limit was counted by the version that it names.
  public static func lines(
    requests: [RequestRecord], deliveries: [DeliveryRecord] = [], objections: [ObjectionRecord] = [],
    at now: UInt64, calendars: SharingCalendars
  ) -> [SharingBoardLine] {
    func line(
      _ owed: SharingBoardLine.Owed, by: String, to: String, _ subject: String, _ entry: String,
      since: UInt64, _ limit: CountedLimit?, under grant: RequestRecord.Hold? = nil
    ) -> SharingBoardLine {
      SharingBoardLine(
        owed: owed, by: by, to: to, subject: subject, entry: entry, since: since, due: limit?.due,
        lastDay: limit?.lastDay,
        isOverdue: limit.map { now >= $0.due } ?? false,
        workingDaysLeft: limit.map { $0.left(at: now) },
        silentYears: limit?.silentYears ?? [], calendar: limit?.days.version, grant: grant)
    }
    var lines: [SharingBoardLine] = []
    for request in requests {
      if request.state == .submitted {
        lines.append(
          line(
            .reply, by: request.provider, to: request.demander, request.request, request.entry,
            since: request.requested, request.replyLimit(calendars)))
      } else if request.owesDelivery, let limit = request.deliveryLimit(calendars) {
        lines.append(
          line(
            .delivery, by: request.provider, to: request.demander, request.request, request.entry,
            since: limit.start, limit, under: request.hold(at: now)))
      }
    }
    for delivery in deliveries where delivery.state == .delivered {
      lines.append(
        line(
          .receipt(delivery.delivery), by: delivery.demander, to: delivery.provider, delivery.request,
          delivery.entry, since: delivery.delivered, nil))
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
          since: objection.opened, objection.limit(calendars)))
    }
    return lines.sorted { left, right in
      let (one, other) = (left.due ?? UInt64.max, right.due ?? UInt64.max)
      if one != other { return one < other }
      if left.since != right.since { return left.since < right.since }
      return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8)
    }
  }
}
