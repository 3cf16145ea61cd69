public import Ledger

/// A value of data sharing's state, as the kind of record that its key says.
public enum SharingRecord: Hashable, Sendable {
  /// At `sharing/calendar/VERSION`.
  case calendar(CalendarRecord)
  /// At `sharing/entry/ENTRY` and `sharing/version/ENTRY/VERSION`.
  case entry(EntryRecord)
  /// At `sharing/pending/STATEMENT-ID`.
  case offer(OfferRecord)
  /// At `sharing/lead/ITEM`.
  case lead(LeadRecord)
  /// At `sharing/request/REQUEST`.
  case request(RequestRecord)
  /// At `sharing/delivery/REQUEST/NUMBER`.
  case delivery(DeliveryRecord)
  /// At `sharing/use/REQUEST/DELIVERY/NUMBER`.
  case use(UseRecord)
  /// At `sharing/objection/STATEMENT-ID`.
  case objection(ObjectionRecord)

  /// The record of this key and value; nil for a key that is none of these.
  ///
  /// - Throws: `malformed` for a value that is not such a record.
  public init?(key: StateKey, value: [UInt8]) throws(Refusal) {
    let parts = key.parts
    guard parts.count > 2, parts[0] == "sharing" else { return nil }
    switch parts[1] {
    case "calendar": self = .calendar(try CalendarRecord(decoding: value))
    case "entry", "version": self = .entry(try EntryRecord(decoding: value))
    case "pending": self = .offer(try OfferRecord(decoding: value))
    case "lead": self = .lead(try LeadRecord(decoding: value))
    case "request": self = .request(try RequestRecord(decoding: value))
    case "delivery": self = .delivery(try DeliveryRecord(decoding: value))
    case "use": self = .use(try UseRecord(decoding: value))
    case "objection": self = .objection(try ObjectionRecord(decoding: value))
    default: return nil
    }
  }
}
