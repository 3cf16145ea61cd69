/// Who asked, who answered, how long it took and what was late, over the requests that were made in a period.
///
/// Pure functions over the state's records.
public struct SharingReport: Hashable, Sendable {
  /// One request.
  public struct Line: Hashable, Sendable {
    /// The request in its current state.
    public let record: RequestRecord
    /// The working days after the day of the request up to the day of the reply: 0 for a reply on the same day. Nil while
    /// there is none.
    public let replyDays: Int?
    /// Whether the reply was late, or is not there and overdue.
    public let isReplyLate: Bool
    /// The working days after the day of the grant up to the day of the first delivery.
    public let deliveryDays: Int?
    /// Whether the first delivery was late, or one that had to follow a mismatch, or a delivery is owed and overdue.
    public let isDeliveryLate: Bool
    /// Whether a delivery is owed and overdue, whatever became of the grant.
    public let isDeliveryOverdue: Bool
    /// The current limits of the reply, and of the delivery that is owed or was the first.
    public let reply: CountedLimit, delivery: CountedLimit?

    /// The years within the limits of which the calendars that they were counted by say nothing, ascending.
    public var silentYears: [Int] { Set(reply.silentYears + (delivery?.silentYears ?? [])).sorted() }
  }

  /// What one bureau did.
  public struct Bureau: Hashable, Sendable {
    /// The bureau.
    public let id: String
    /// Requests that it made, and how many of these were granted (revoked ones included), refused, and wait.
    public internal(set) var asked = 0, askedGranted = 0, askedRefused = 0, askedOpen = 0
    /// Requests that were made to it, and how many of these it has granted, refused, and left open.
    public internal(set) var received = 0, granted = 0, refused = 0, open = 0
    /// How many of its replies came late, and how many are overdue now.
    public internal(set) var lateReplies = 0, overdueReplies = 0
    /// How many of its first deliveries came late or are overdue now.
    public internal(set) var lateDeliveries = 0
    /// The working days that its replies took, added up, and the longest; the mean is over `granted + refused`.
    public internal(set) var replyDays = 0, longestReply = 0
    /// The deliveries that it made, and how many of these did not match their commitment.
    public internal(set) var deliveries: UInt64 = 0, mismatches: UInt64 = 0
  }

  /// The requests, in the order in which they were made.
  public let lines: [Line]
  /// Each bureau that made or received one, by id.
  public let bureaus: [Bureau]

  /// The report at the instant `now` over the requests made from `start` up to, not including, `end`; all in ms since the
  /// epoch.
  ///
  /// - Parameter calendars: every calendar that is known. The days that a reply took are counted by the calendar that its limit
  ///   was counted by.
  public init(
    of requests: [RequestRecord], from start: UInt64, to end: UInt64, at now: UInt64,
    calendars: SharingCalendars
  ) {
    lines = requests.filter { $0.requested >= start && $0.requested < end }
      .sorted {
        ($0.requested, $0.request) < ($1.requested, $1.request)
      }
      .map { Line($0, at: now, calendars) }
    var bureaus: [String: Bureau] = [:]
    for line in lines {
      let record = line.record
      bureaus[record.demander, default: Bureau(id: record.demander)].countAsked(record)
      bureaus[record.provider, default: Bureau(id: record.provider)].countReceived(line)
    }
    self.bureaus = bureaus.values.sorted { $0.id < $1.id }
  }
}

extension SharingReport.Line {
  fileprivate init(_ record: RequestRecord, at now: UInt64, _ calendars: SharingCalendars) {
    self.record = record
    let reply = record.replyLimit(calendars)
    (self.reply, delivery) = (reply, record.deliveryLimit(calendars))
    replyDays = record.replied.map {
      calendars.count(from: record.requested, to: $0, by: reply.days)
    }
    isReplyLate = record.isLate ?? (now >= reply.due)
    if let granted = record.replied, let delivered = record.delivered {
      deliveryDays = calendars.count(
        from: granted, to: delivered, by: calendars.days(record.deliveryCalendar))
    } else {
      deliveryDays = nil
    }
    isDeliveryOverdue = record.owesDelivery && delivery.map { now >= $0.due } ?? false
    isDeliveryLate = record.isDeliveryLate == true || isDeliveryOverdue
  }
}

extension SharingReport.Bureau {
  fileprivate mutating func countAsked(_ record: RequestRecord) {
    asked += 1
    switch record.state {
    case .submitted: askedOpen += 1
    case .granted, .revoked: askedGranted += 1
    case .refused: askedRefused += 1
    }
  }

  fileprivate mutating func countReceived(_ line: SharingReport.Line) {
    let record = line.record
    received += 1
    switch record.state {
    case .submitted:
      open += 1
      if line.isReplyLate { overdueReplies += 1 }
    case .granted, .revoked: granted += 1
    case .refused: refused += 1
    }
    if record.isLate == true { lateReplies += 1 }
    if line.isDeliveryLate { lateDeliveries += 1 }
    replyDays += line.replyDays ?? 0
    longestReply = max(longestReply, line.replyDays ?? 0)
    deliveries += record.deliveries
    mismatches += record.mismatches
  }
}
