import Ledger
import Statements

/// One statement, judged by the state: what the rules of all kinds share.
struct SharingJudgement {
  let statement: JudgedStatement
  let state: StateReader

  /// The member that issued it.
  var issuer: String { statement.issuer.id }
  /// The block's time, in ms.
  var now: UInt64 { statement.blockTime }

  // MARK: The statement

  /// The payload, whose subject is the statement's.
  ///
  /// - Throws: `malformed`, `personal-data`.
  func payload<Payload: SharingPayload>(of entry: Span<UInt8>) throws(Refusal) -> Payload {
    let bytes: [UInt8] = entry.extracting(statement.view.payload).bytes
    let payload = try Payload(decoding: bytes)
    guard let subject = statement.claims.subject, entry.text(subject, is: payload.subject)
    else {
      throw Refusal(
        .malformed, "sub is not \(payload.subject.quoted), which the payload is about")
    }
    // Nearly every payload has fewer digits than a number that would have to be looked for; `sub` is in it.
    if PersonalData.mayHoldNumber(bytes.span) { try payload.refusePersonalData() }
    return payload
  }

  // MARK: Roles

  func has(_ role: SharingRole) -> Bool { statement.issuer.roles.contains(role.rawValue) }

  /// Checks that the issuer has one of `roles`, one or two.
  func require(_ roles: [SharingRole], _ act: String) throws(Refusal) {
    guard !roles.contains(where: has) else { return }
    let names = roles.map(\.rawValue)
    throw Refusal(
      .role,
      names.count == 1
        ? "\(issuer) does not have the role \(names[0]), and only who has it \(act)"
        : "\(issuer) has neither the role \(names.joined(separator: " nor ")), and only they \(act)")
  }

  func requireParty(_ party: String, _ act: StaticString) throws(Refusal) {
    guard issuer == party else { throw Refusal(.role, "only \(party) \(act), and this is of \(issuer)") }
  }

  // MARK: The state

  /// What reading the state gives. A value that can't be read is no fault of the statement, and the sentence says so.
  static func stored<Value>(_ read: () throws(Refusal) -> Value) throws(Refusal) -> Value {
    do { return try read() } catch {
      throw Refusal(error.code, "the stored state can't be read, rebuild it: \(error.reason)")
    }
  }

  private func read<Value: StateValue>(_ key: StateKey) throws(Refusal) -> Value? {
    try SharingJudgement.stored { () throws(Refusal) in try state.value(of: key, as: Value.self) }
  }

  func isThere(_ key: StateKey) -> Bool { state.hasValue(at: key) }

  func entryInForce(_ entry: String) throws(Refusal) -> EntryRecord? {
    try read(EntryRecord.key(entry))
  }

  /// The version in force of an entry.
  ///
  /// - Throws: `not-in-force` for an entry that only waits, `unknown-entry`.
  func knownEntry(_ entry: String) throws(Refusal) -> EntryRecord {
    if let record = try entryInForce(entry) { return record }
    guard !isThere(OfferRecord.key(entry: entry)) else {
      throw Refusal(.notInForce, "the entry \(entry.quoted) waits for the authority's countersignature")
    }
    throw Refusal(.unknownEntry, "the catalogue has no entry \(entry.quoted)")
  }

  func leadSource(of item: String) throws(Refusal) -> LeadRecord? {
    try read(LeadRecord.key(item))
  }

  /// - Throws: `unknown-request`.
  func knownRequest(_ request: String) throws(Refusal) -> RequestRecord {
    guard let record: RequestRecord = try read(RequestRecord.key(request)) else {
      throw Refusal(.unknownRequest, "no request is called \(request.quoted)")
    }
    return record
  }

  /// - Throws: `unknown-request`; `wrong-state` if the request has no such delivery.
  func knownDelivery(_ request: String, _ delivery: UInt64) throws(Refusal) -> DeliveryRecord {
    if let record: DeliveryRecord = try read(DeliveryRecord.key(request, delivery)) { return record }
    let count = try knownRequest(request).deliveries
    throw Refusal(
      .wrongState, "the request \(request.quoted) has \(count) deliveries, and none is number \(delivery)")
  }

  func objection(_ key: StateKey) throws(Refusal) -> ObjectionRecord? {
    try read(key)
  }

  /// The calendar in force; the plain one where none was ever recorded.
  func calendarInForce() throws(Refusal) -> WorkingDays {
    guard let current = state.value(of: CalendarRecord.currentKey) else { return .plain }
    let version = try SharingJudgement.stored { () throws(Refusal) in
      try CalendarRecord.version(decoding: current)
    }
    guard let record: CalendarRecord = try read(CalendarRecord.key(version)) else {
      throw Refusal(.malformed, "the stored state lacks the calendar \(version.quoted), rebuild it")
    }
    return record.days
  }

  /// The limit from the instant `start` on that ended at the instant `due` by the calendar `version`, counted anew by the calendar
  /// in force now.
  func limit(from start: UInt64, until due: UInt64, by version: String?) throws(Refusal) -> CountedLimit {
    var later: [CalendarRecord] = []
    var next: String?
    if let current = state.value(of: CalendarRecord.currentKey) {
      next = try SharingJudgement.stored { () throws(Refusal) in try CalendarRecord.version(decoding: current)
      }
    }
    var days = WorkingDays.plain
    while let name = next {
      guard let record: CalendarRecord = try read(CalendarRecord.key(name)) else {
        throw Refusal(.malformed, "the stored state lacks the calendar \(name.quoted), rebuild it")
      }
      if let version, name.hasSameBytes(as: version) {
        days = record.days
        break
      }
      later.append(record)
      next = record.previous
    }
    var limit = CountedLimit(from: start, until: due, by: days, statement.utcOffset)
    if !later.isEmpty { limit.recount(by: later.reversed()) }
    return limit
  }
}
