public import Ledger
public import LedgerCrypto

/// A catalogue entry: the version in force at `sharing/entry/ENTRY`, each earlier one at `sharing/version/ENTRY/VERSION`.
public struct EntryRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "entry record"

  /// The state of a version.
  public enum State: String, Sendable, CaseIterable {
    /// New requests cite this version.
    case inForce = "in-force"
    /// A later version is in force; grants that cite this one stay as they are.
    case superseded
  }

  /// What the provider offers.
  public internal(set) var catalogue = SharingCatalogue()
  /// Whether it is the version in force.
  public internal(set) var state: State = .inForce
  /// The member that offers it.
  public internal(set) var provider = ""
  /// The member that put it in force.
  public internal(set) var authority = ""
  /// Since when it is in force, in ms since the epoch.
  public internal(set) var since: UInt64 = 0
  /// The id of the statement that offered it.
  public internal(set) var statement = Digest.zero
  /// How many objections were ever made to the entry, whichever version.
  public internal(set) var objections: UInt64 = 0
  /// How many of them wait for an answer.
  public internal(set) var openObjections: UInt64 = 0

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

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.lead("lead", &catalogue.lead)
    try visitor.text("name", &catalogue.name, Bounds.name, .line)
    try visitor.text("basis", &catalogue.basis, Bounds.prose, .prose)
    try visitor.id("entry", &catalogue.entry)
    try visitor.text("grade", &catalogue.grade, Bounds.word, .line)
    try visitor.items("items", &catalogue.items)
    try visitor.unsigned("since", &since)
    try visitor.word("state", &state)
    try visitor.text("format", &catalogue.format, Bounds.word, .line)
    try visitor.text("method", &catalogue.method, Bounds.word, .line)
    try visitor.unsigned("version", &catalogue.version, in: Bounds.ordinal)
    try visitor.id("provider", &provider)
    try visitor.word("attribute", &catalogue.attribute)
    try visitor.id("authority", &authority)
    try visitor.text("frequency", &catalogue.frequency, Bounds.word, .line)
    try visitor.digest("statement", &statement)
    try visitor.text("conditions", &catalogue.conditions, Bounds.prose, .prose)
    try visitor.unsigned("objections", &objections)
    try visitor.unsigned("open-objections", &openObjections, in: 0...objections)
  }
}

/// The one source of a data item (一数一源), at `sharing/lead/ITEM`.
public struct LeadRecord: Hashable, StateValue, FieldList {
  /// As errors name it.
  public static let name = "lead record"

  /// The item.
  public internal(set) var item = ""
  /// The entry that is its source.
  public internal(set) var entry = ""
  /// Whose entry that is.
  public internal(set) var provider = ""

  /// Where the source of an item is kept.
  public static func key(_ item: String) -> StateKey { StateKey("sharing", "lead", item) }

  init(_ item: String, entry: String, provider: String) {
    (self.item, self.entry, self.provider) = (item, entry, provider)
  }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.text("item", &item, Bounds.item, .line)
    try visitor.id("entry", &entry)
    try visitor.id("provider", &provider)
  }
}
