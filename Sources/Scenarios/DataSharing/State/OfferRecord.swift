public import Ledger
public import LedgerCrypto

/// A version of an entry that was offered, at `sharing/pending/STATEMENT-ID`; while no version of the entry has ever been in
/// force, `sharing/offered/ENTRY` says that there is an offer.
public struct OfferRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "offer record"

  /// The state of an offer.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for the authority. An offer that another version has overtaken still says so; see `isOvertaken`.
    case waiting
    /// It was countersigned.
    case settled
  }

  /// The id of the statement that offers it.
  public internal(set) var statement = Digest.zero
  /// Its state.
  public internal(set) var state: State = .waiting
  /// The entry.
  public internal(set) var entry = ""
  /// The version.
  public internal(set) var version: UInt64 = 0
  /// The member that offers it.
  public internal(set) var provider = ""
  /// When it was offered, in ms since the epoch.
  public internal(set) var offered: UInt64 = 0
  /// The payload of the offer while it waits, afterwards nothing.
  public internal(set) var payload: [UInt8] = []

  /// Where the offer of this statement is kept.
  public static func key(_ statement: Digest) -> StateKey { StateKey("sharing", "pending", statement.hex) }
  /// Where it is kept that an entry has been offered and was never in force.
  public static func key(entry: String) -> StateKey { StateKey("sharing", "offered", entry) }

  init(
    _ statement: Digest, _ state: State, entry: String, version: UInt64, provider: String, offered: UInt64,
    payload: [UInt8]
  ) {
    (self.statement, self.state, self.entry, self.version) = (statement, state, entry, version)
    (self.provider, self.offered, self.payload) = (provider, offered, payload)
  }

  /// This offer, countersigned.
  var settled: OfferRecord {
    OfferRecord(
      statement, .settled, entry: entry, version: version, provider: provider, offered: offered, payload: [])
  }

  /// Whether the entry has moved on so that this offer can't come in force any more.
  ///
  /// - Parameter entry: what is in force.
  public func isOvertaken(by entry: EntryRecord?) -> Bool {
    guard state == .waiting, let entry else { return false }
    return entry.catalogue.version >= version || entry.provider != provider
  }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.id("entry", &entry)
    try visitor.word("state", &state)
    try visitor.unsigned("offered", &offered)
    try visitor.bytes("payload", &payload)
    try visitor.unsigned("version", &version, in: Bounds.ordinal)
    try visitor.id("provider", &provider)
    try visitor.digest("statement", &statement)
  }
}

/// That an entry has been offered and was never in force: the value at `sharing/offered/ENTRY`.
struct OfferedEntry: StateValue, FieldList {
  static let name = "offered entry"
  /// The entry.
  var entry = ""

  mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.id("entry", &entry)
  }
}
