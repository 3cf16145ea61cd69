public import Ledger
public import LedgerCrypto

/// A catalogue entry: the version in force at `sharing/entry/ENTRY`, each earlier one at `sharing/version/ENTRY/VERSION`.
public struct EntryRecord: Hashable, StateValue {
  /// Where a version stands.
  public enum State: String, Sendable, CaseIterable {
    /// New requests cite this version.
    case inForce = "in-force"
    /// A later version is in force; grants that cite this one stay as they are.
    case superseded
  }

  /// What the provider offers.
  public let catalogue: SharingCatalogue
  /// Whether it is the version in force.
  public internal(set) var state: State
  /// Who offers it.
  public let provider: String
  /// Who put it in force.
  public let authority: String
  /// Since when it is in force, in ms since the epoch.
  public let since: UInt64
  /// The id of the statement that offered it.
  public let statement: Digest
  /// How many objections were ever made to the entry, whichever version.
  public internal(set) var objections: UInt64
  /// How many of them wait for an answer.
  public internal(set) var openObjections: UInt64

  init(
    _ catalogue: SharingCatalogue, provider: String, authority: String, since: UInt64, statement: Digest,
    after earlier: EntryRecord?
  ) {
    (self.catalogue, self.provider, self.authority) = (catalogue, provider, authority)
    (self.since, self.statement, state) = (since, statement, .inForce)
    (objections, openObjections) = (earlier?.objections ?? 0, earlier?.openObjections ?? 0)
  }

  /// Where the version in force of an entry is kept.
  public static func key(_ entry: String) -> StateKey { StateKey("sharing", "entry", entry) }
  /// Where an earlier version is kept.
  public static func key(_ entry: String, version: UInt64) -> StateKey {
    StateKey("sharing", "version", entry, String(version))
  }

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "entry record")
    let lead = try fields.lead("lead")
    let name = try fields.text("name", Bounds.name, .line)
    let basis = try fields.optionalText("basis", Bounds.prose, .prose)
    let entry = try fields.id("entry")
    let grade = try fields.text("grade", Bounds.word, .line)
    let items = try fields.items("items")
    since = try fields.unsigned("since")
    state = try fields.word("state")
    let format = try fields.text("format", Bounds.word, .line)
    let method = try fields.text("method", Bounds.word, .line)
    let version = try fields.unsigned("version", in: Bounds.ordinal)
    provider = try fields.id("provider")
    let attribute: SharingAttribute = try fields.word("attribute")
    authority = try fields.id("authority")
    let frequency = try fields.text("frequency", Bounds.word, .line)
    statement = try fields.digest("statement")
    let conditions = try fields.optionalText("conditions", Bounds.prose, .prose)
    objections = try fields.unsigned("objections")
    openObjections = try fields.unsigned("open-objections", in: 0...objections)
    try fields.finish()
    catalogue = SharingCatalogue(
      entry: entry, version: version, name: name, items: items, lead: lead, attribute: attribute,
      conditions: conditions, basis: basis, grade: grade, format: format, frequency: frequency,
      method: method)
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.texts("lead", catalogue.lead?.names ?? [])
    fields.text("name", catalogue.name)
    fields.text("basis", catalogue.basis)
    fields.text("entry", catalogue.entry)
    fields.text("grade", catalogue.grade)
    fields.texts("items", catalogue.items.names)
    fields.unsigned("since", since)
    fields.text("state", state.rawValue)
    fields.text("format", catalogue.format)
    fields.text("method", catalogue.method)
    fields.unsigned("version", catalogue.version)
    fields.text("provider", provider)
    fields.text("attribute", catalogue.attribute.rawValue)
    fields.text("authority", authority)
    fields.text("frequency", catalogue.frequency)
    fields.digest("statement", statement)
    fields.text("conditions", catalogue.conditions)
    fields.unsigned("objections", objections)
    fields.unsigned("open-objections", openObjections)
    return fields.bytes
  }
}

/// The one source of a data item (一数一源), at `sharing/lead/ITEM`.
public struct LeadRecord: Hashable, StateValue {
  /// The item.
  public let item: String
  /// The entry that is its source.
  public let entry: String
  /// Whose entry that is.
  public let provider: String

  /// Where the source of an item is kept.
  public static func key(_ item: String) -> StateKey { StateKey("sharing", "lead", item) }

  init(_ item: String, entry: String, provider: String) {
    (self.item, self.entry, self.provider) = (item, entry, provider)
  }

  /// The record of a state's value.
  public init(decoding value: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(value, of: "lead record")
    item = try fields.text("item", Bounds.item, .line)
    entry = try fields.id("entry")
    provider = try fields.id("provider")
    try fields.finish()
  }

  /// The state's value.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.text("item", item)
    fields.text("entry", entry)
    fields.text("provider", provider)
    return fields.bytes
  }
}
