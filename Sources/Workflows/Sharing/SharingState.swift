import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// What the rules of data sharing know of a ledger, as of the newest block that is indexed, or as of an earlier time.
package struct SharingState {
  package let ledger: any LedgerAccess
  /// What was known then, where an earlier time is asked for.
  private let past: PastState?

  /// What is known of `ledger` now.
  package init(_ ledger: any LedgerAccess) { (self.ledger, past) = (ledger, nil) }

  /// What was known at the instant `time`, in ms since the epoch; what is known now for nil and for any time since the newest block.
  package init(_ ledger: any LedgerAccess, at time: UInt64?) async throws {
    self.ledger = ledger
    if let time, time < (try await ledger.newestBlock().time) {
      past = try await ledger.past(at: time)
    } else {
      past = nil
    }
  }

  /// The roster and the height of the block that comes next.
  package func ledgerState() async throws -> LedgerState {
    if let state = past?.state { return state }
    return try await ledger.state()
  }

  // MARK: Requests and what follows them

  package func request(_ id: String) async throws -> RequestRecord? {
    try await value(RequestRecord.key(id), RequestRecord.init(decoding:))
  }

  /// The request called `id`.
  ///
  /// - Throws: `unknown-request`, as the rules would.
  package func knownRequest(_ id: String) async throws -> RequestRecord {
    if let request = try await request(id) { return request }
    throw WorkflowError(
      .refused, Refusal.Code.unknownRequest.rawValue, "no request is called \(id.quoted)",
      lead: .requests(of: ledger.place))
  }

  /// Every request, by its id.
  package func requests() async throws -> [RequestRecord] {
    try await values(StateKey("sharing", "request"), RequestRecord.init(decoding:))
  }

  package func delivery(_ request: String, _ number: UInt64) async throws -> DeliveryRecord? {
    try await value(DeliveryRecord.key(request, number), DeliveryRecord.init(decoding:))
  }

  /// Every delivery, or every one of one request, as they were made.
  package func deliveries(of request: String? = nil) async throws -> [DeliveryRecord] {
    let key = request.map { StateKey("sharing", "delivery", $0) } ?? StateKey("sharing", "delivery")
    return try await values(key, DeliveryRecord.init(decoding:)).sorted {
      ($0.delivered, $0.delivery) < ($1.delivered, $1.delivery)
    }
  }

  /// `number`, or else that of a request's newest delivery; 1 where there is none, which the rules then say.
  package func number(_ number: UInt64?, of request: String) async throws -> UInt64 {
    if let number { return number }
    return max(1, try await knownRequest(request).deliveries)
  }

  /// Every use of what one request brought, as they were logged.
  package func uses(of request: String) async throws -> [UseRecord] {
    try await values(StateKey("sharing", "use", request), UseRecord.init(decoding:)).sorted {
      ($0.used, $0.delivery, $0.use) < ($1.used, $1.delivery, $1.use)
    }
  }

  package func objection(_ id: Digest) async throws -> ObjectionRecord? {
    try await value(ObjectionRecord.key(id), ObjectionRecord.init(decoding:))
  }

  /// Every objection, as they were made.
  package func objections() async throws -> [ObjectionRecord] {
    try await values(StateKey("sharing", "objection"), ObjectionRecord.init(decoding:)).sorted {
      ($0.opened, $0.objection) < ($1.opened, $1.objection)
    }
  }

  // MARK: The catalogue and the calendar

  /// The version in force of an entry.
  package func entry(_ id: String) async throws -> EntryRecord? {
    try await value(EntryRecord.key(id), EntryRecord.init(decoding:))
  }

  /// The version in force of every entry, by its id.
  package func entries() async throws -> [EntryRecord] {
    try await values(StateKey("sharing", "entry"), EntryRecord.init(decoding:))
  }

  package func offer(_ statement: Digest) async throws -> OfferRecord? {
    try await value(OfferRecord.key(statement), OfferRecord.init(decoding:))
  }

  /// Every offer of an entry, whatever became of it.
  func offers() async throws -> [OfferRecord] {
    try await values(StateKey("sharing", "pending"), OfferRecord.init(decoding:))
  }

  /// Every calendar.
  package func calendars() async throws -> SharingCalendars {
    SharingCalendars(
      try await values(StateKey("sharing", "calendar"), CalendarRecord.init(decoding:)),
      try await ledger.utcOffset())
  }

  // MARK: Reading

  private func value<Value>(
    _ key: StateKey, _ decode: ([UInt8]) throws(Refusal) -> Value
  ) async throws -> Value? {
    let value = if let past { past.value(key) } else { try await ledger.value(key) }
    return try value.map { try decoded($0, decode) }
  }

  private func values<Value>(
    _ prefix: StateKey, _ decode: ([UInt8]) throws(Refusal) -> Value
  ) async throws -> [Value] {
    let values = if let past { past.values(under: prefix) } else { try await ledger.values(under: prefix) }
    return try values.map { try decoded($0.value, decode) }
  }

  /// A value that can't be read is damage to what is derived, and no refusal.
  private func decoded<Value>(
    _ value: [UInt8], _ decode: ([UInt8]) throws(Refusal) -> Value
  ) throws -> Value {
    do { return try decode(value) } catch {
      throw WorkflowError(
        .inputOutput, "io", "\(ledger.place): read: the stored state is damaged",
        lead: .rebuilding(because: error.reason))
    }
  }
}
