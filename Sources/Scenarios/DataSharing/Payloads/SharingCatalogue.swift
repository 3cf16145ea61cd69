public import Ledger

/// A version of a catalogue entry (目录), which waits until the authority countersigns it.
///
/// ```cddl
/// catalogue = {
///   lead: [0*256 item],               ; searched; the items whose one source this entry is (一数一源)
///   name: tstr .size (1..200),        ; searched
///   ? basis: tstr .size (1..2000),    ; searched; required where not shareable
///   entry: id,                        ; searched
///   grade: tstr .size (1..64),        ; searched; 一般, 重要, 核心, or a city's own L1 … L4
///   items: [1*256 item],              ; searched; sorted by bytes
///   format: tstr .size (1..64),       ; searched; 库表, CSV, PDF …
///   method: tstr .size (1..64),       ; searched; 接口, 库表交换, 文件 …
///   version: 1..1000000000,
///   attribute: "unconditional" / "conditional" / "not-shareable",
///   frequency: tstr .size (1..64),    ; searched; 实时, 每日, 每月 …
///   ? conditions: tstr .size (1..2000), ; searched; required where conditional, and only there
/// }
/// item = tstr .size (1..64)
/// ```
///
/// `lead` is a part of `items`. `sub` is the entry. Versions count from 1 without gaps. A conditional entry without
/// conditions, or conditions on another, is `malformed`; one that is not shareable and names no law, `missing-basis`.
public struct SharingCatalogue: SharingPayload {
  /// The entry's id, as 信息资源代码 are.
  public var entry = ""
  /// 1, 2, 3 …
  public var version: UInt64 = 0
  /// What the data are.
  public var name = ""
  /// What one record of them holds.
  public var items = DataItems()
  /// The items whose one source this entry is; nil for none.
  public var lead: DataItems?
  /// On what terms it is shared.
  public var attribute: SharingAttribute = .unconditional
  /// Under which conditions, where it is conditional.
  public var conditions: String?
  /// The law by which it is shared so.
  public var basis: String?
  /// The grade of the data (分类分级).
  public var grade = ""
  /// The format of the data.
  public var format = ""
  /// How often they are brought up to date.
  public var frequency = ""
  /// How they are handed over.
  public var method = ""

  /// A version of an entry.
  public init(
    entry: String, version: UInt64, name: String, items: DataItems, lead: DataItems? = nil,
    attribute: SharingAttribute, conditions: String? = nil, basis: String? = nil, grade: String,
    format: String,
    frequency: String, method: String
  ) {
    (self.entry, self.version, self.name, self.items, self.lead) = (entry, version, name, items, lead)
    (self.attribute, self.conditions, self.basis) = (attribute, conditions, basis)
    (self.grade, self.format, self.frequency, self.method) = (grade, format, frequency, method)
  }

  /// `catalogue`.
  public static let kind = SharingKind.catalogue
  /// The entry.
  public var subject: String { entry }

  public init() {}

  public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
    try visitor.lead("lead", &lead)
    try visitor.text("name", &name, Bounds.name, .line)
    try visitor.text("basis", &basis, Bounds.prose, .prose)
    try visitor.id("entry", &entry)
    try visitor.text("grade", &grade, Bounds.word, .line)
    try visitor.items("items", &items)
    try visitor.text("format", &format, Bounds.word, .line)
    try visitor.text("method", &method, Bounds.word, .line)
    try visitor.unsigned("version", &version, in: Bounds.ordinal)
    try visitor.word("attribute", &attribute)
    try visitor.text("frequency", &frequency, Bounds.word, .line)
    try visitor.text("conditions", &conditions, Bounds.prose, .prose)
  }

  /// Throws `malformed`.
  public func check() throws(Refusal) {
    if let lead, let item = lead.firstMissing(in: items) {
      throw Refusal(.malformed, "catalogue: it leads in \(item.quoted), which is none of its items")
    }
    guard (conditions != nil) == (attribute == .conditional) else {
      throw Refusal(.malformed, "catalogue: conditions belong to conditional entries, and to all of them")
    }
  }
}
