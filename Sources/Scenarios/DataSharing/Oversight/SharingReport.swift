/// Who asked, who answered, how long it took and what was late, over the requests that were made in a period.
///
/// Pure functions over the state's records.
public struct SharingReport: Hashable, Sendable {
  /// One request.
  public struct Line: Hashable, Sendable {
    /// The request as it stands.
    public let record: RequestRecord
    /// The working days after the day of the request up to the day of the reply: 0 for a reply on the same day. Nil while
    /// there is none.
    public let replyDays: Int?
    /// Whether the reply was late, or is not there and overdue.
    public let isReplyLate: Bool
    /// The working days after the day of the grant up to the day of the first delivery.
    public let deliveryDays: Int?
    /// Whether the first delivery was late, or is still owed and overdue.
    public let isDeliveryLate: Bool
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
  /// - Parameter calendar: the calendar of a version; nil for the plain one. The days that a reply took are counted by the
  ///   calendar that its limit was counted by.
  public init(
    of requests: [RequestRecord], from start: UInt64, to end: UInt64, at now: UInt64,
    calendar: (String?) -> WorkingDays
  ) {
    lines = requests.filter { $0.requested >= start && $0.requested < end }
      .sorted {
        ($0.requested, $0.request) < ($1.requested, $1.request)
      }
      .map { Line($0, at: now, calendar: calendar) }
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
  fileprivate init(_ record: RequestRecord, at now: UInt64, calendar: (String?) -> WorkingDays) {
    self.record = record
    replyDays = record.replied.map {
      calendar(record.calendar).count(after: CivilDate(at: record.requested), through: CivilDate(at: $0))
    }
    isReplyLate = record.isLate ?? (now >= record.due)
    if let granted = record.replied, let delivered = record.delivered {
      deliveryDays = calendar(record.deliveryCalendar)
        .count(after: CivilDate(at: granted), through: CivilDate(at: delivered))
    } else {
      deliveryDays = nil
    }
    let hold = record.hold(at: now)
    let isOwed = record.deliveryDue.map { now >= $0 && (hold == .inForce || hold == .notYet) } ?? false
    isDeliveryLate = record.isDeliveryLate ?? isOwed
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
