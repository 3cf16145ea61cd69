public import Ledger
public import LedgerCrypto

/// A version of an entry that was offered, at `sharing/pending/STATEMENT-ID`; while no version of the entry has ever been in
/// force, `sharing/offered/ENTRY` says that there is an offer.
public struct OfferRecord: Hashable, StateValue {
  /// Where an offer stands.
  public enum State: String, Sendable, CaseIterable {
    /// It waits for the authority. An offer that another version has overtaken still says so; see `isOvertaken`.
    case waiting
    /// It was countersigned.
    case settled
  }

  /// The id of the statement that offers it.
  public let statement: Digest
  /// Where it stands.
  public let state: State
  /// The entry.
  public let entry: String
  /// The version.
  public let version: UInt64
  /// Who offers it.
  public let provider: String
  /// When it was offered, in ms since the epoch.
  public let offered: UInt64
  /// The payload of the offer while it waits, afterwards nothing.
  public let payload: [UInt8]

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

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "offer record")
    entry = try fields.id("entry")
    state = try fields.word("state")
    offered = try fields.unsigned("offered")
    payload = try fields.bytes("payload")
    version = try fields.unsigned("version", in: Bounds.ordinal)
    provider = try fields.id("provider")
    statement = try fields.digest("statement")
    try fields.finish()
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("entry", entry)
    fields.text("state", state.rawValue)
    fields.unsigned("offered", offered)
    fields.bytes("payload", payload)
    fields.unsigned("version", version)
    fields.text("provider", provider)
    fields.digest("statement", statement)
    return fields.bytes
  }

  /// The value at `key(entry:)`.
  static func offered(_ entry: String) -> [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("entry", entry)
    return fields.bytes
  }
}
