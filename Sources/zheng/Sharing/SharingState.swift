import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// What the rules of data sharing know of a ledger, as of the newest block that is indexed, or as of an earlier time.
struct SharingState {
  let reader: LedgerReader
  /// What was known then, where an earlier time is asked for.
  private let past: PastState?

  init(_ reader: LedgerReader) { (self.reader, past) = (reader, nil) }

  /// What was known at the instant `time`, in ms since the epoch; what is known now for nil and for any time since the newest block.
  init(_ ledger: LedgerArgument, at time: UInt64?) throws {
    reader = try LedgerReader.opening(ledger.folder)
    if let time, let newest = try reader.newestBlock(), time < newest.time {
      past = try reader.past(at: time)
    } else {
      past = nil
    }
  }

  /// The roster and the height of the block that comes next.
  func ledgerState() throws -> LedgerState { try past.flatMap(\.state) ?? reader.state() }

  /// Whether the member `id` may still sign.
  func isInForce(_ id: String) throws -> Bool {
    let state = try ledgerState()
    return state.roster.member(id)?.isInForce(at: state.height) ?? false
  }

  /// What is known of the ledger now.
  init(_ ledger: LedgerArgument) throws { try self.init(ledger, at: nil) }

  // MARK: Requests and what follows them

  func request(_ id: String) throws -> RequestRecord? {
    try value(RequestRecord.key(id), RequestRecord.init(decoding:))
  }

  /// The request called `id`.
  ///
  /// - Throws: the refusal `unknown-request`, as the rules would.
  func knownRequest(_ id: String) throws -> RequestRecord {
    if let request = try request(id) { return request }
    let list = "zheng share requests \(ShellText.path(reader.folder.path))"
    throw Refusal(.unknownRequest, "no request is called \(id.quoted); `\(list)` shows those that there are")
  }

  /// Every request, by its id.
  func requests() throws -> [RequestRecord] {
    try values(StateKey("sharing", "request"), RequestRecord.init(decoding:))
  }

  func delivery(_ request: String, _ number: UInt64) throws -> DeliveryRecord? {
    try value(DeliveryRecord.key(request, number), DeliveryRecord.init(decoding:))
  }

  /// Every delivery, or every one of one request, as they were made.
  func deliveries(of request: String? = nil) throws -> [DeliveryRecord] {
    let key = request.map { StateKey("sharing", "delivery", $0) } ?? StateKey("sharing", "delivery")
    return try values(key, DeliveryRecord.init(decoding:)).sorted {
      ($0.delivered, $0.delivery) < ($1.delivered, $1.delivery)
    }
  }

  /// Every use of what one request brought, as they were logged.
  func uses(of request: String) throws -> [UseRecord] {
    try values(StateKey("sharing", "use", request), UseRecord.init(decoding:)).sorted {
      ($0.used, $0.delivery, $0.use) < ($1.used, $1.delivery, $1.use)
    }
  }

  func objection(_ id: Digest) throws -> ObjectionRecord? {
    try value(ObjectionRecord.key(id), ObjectionRecord.init(decoding:))
  }

  /// Every objection, as they were made.
  func objections() throws -> [ObjectionRecord] {
    try values(StateKey("sharing", "objection"), ObjectionRecord.init(decoding:)).sorted {
      ($0.opened, $0.objection) < ($1.opened, $1.objection)
    }
  }

  // MARK: The catalogue and the calendar

  /// The version in force of an entry.
  func entry(_ id: String) throws -> EntryRecord? {
    try value(EntryRecord.key(id), EntryRecord.init(decoding:))
  }

  /// The version in force of every entry, by its id.
  func entries() throws -> [EntryRecord] {
    try values(StateKey("sharing", "entry"), EntryRecord.init(decoding:))
  }

  func offer(_ statement: Digest) throws -> OfferRecord? {
    try value(OfferRecord.key(statement), OfferRecord.init(decoding:))
  }

  /// Every offer that waits for the authority, as they were made.
  func waitingOffers() throws -> [OfferRecord] {
    try values(StateKey("sharing", "pending"), OfferRecord.init(decoding:))
      .filter { try $0.state == .waiting && !$0.isOvertaken(by: entry($0.entry)) }
      .sorted { ($0.offered, $0.statement) < ($1.offered, $1.statement) }
  }

  /// Every calendar.
  func calendars() throws -> SharingCalendars {
    SharingCalendars(try values(StateKey("sharing", "calendar"), CalendarRecord.init(decoding:)))
  }

  // MARK: Reading

  private func value<Value>(
    _ key: StateKey, _ decode: ([UInt8]) throws(Refusal) -> Value
  ) throws -> Value? {
    guard let value = try past.map({ $0.value(key) }) ?? reader.ruleValue(key) else { return nil }
    return try decoded(value, decode)
  }

  private func values<Value>(
    _ prefix: StateKey, _ decode: ([UInt8]) throws(Refusal) -> Value
  ) throws -> [Value] {
    try (past?.values(under: prefix) ?? reader.ruleValues(under: prefix)).map {
      try decoded($0.value, decode)
    }
  }

  /// A value that can't be read is damage to what is derived, and no refusal.
  private func decoded<Value>(
    _ value: [UInt8], _ decode: ([UInt8]) throws(Refusal) -> Value
  ) throws -> Value {
    do { return try decode(value) } catch {
      throw Failure(
        "read", reader.folder.path,
        reason: "the stored state is damaged, `zheng rebuild` mends it: \(error.reason)")
    }
  }
}
