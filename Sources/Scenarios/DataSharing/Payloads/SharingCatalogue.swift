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
  public let entry: String
  /// 1, 2, 3 …
  public let version: UInt64
  /// What the data are.
  public let name: String
  /// What one record of them holds.
  public let items: DataItems
  /// The items whose one source this entry is; nil for none.
  public let lead: DataItems?
  /// On what terms it is shared.
  public let attribute: SharingAttribute
  /// Under which conditions, where it is conditional.
  public let conditions: String?
  /// The law by which it is shared so.
  public let basis: String?
  /// The grade of the data (分类分级).
  public let grade: String
  /// The format of the data.
  public let format: String
  /// How often they are brought up to date.
  public let frequency: String
  /// How they are handed over.
  public let method: String

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
  /// The texts in which no personal data may stand.
  public var searched: [(name: String, text: String)] {
    [
      ("entry", entry), ("name", name), ("conditions", conditions ?? ""), ("basis", basis ?? ""),
      ("grade", grade), ("format", format), ("frequency", frequency), ("method", method),
    ] + items.searched
  }

  /// The content of a payload.
  public init(decoding payload: [UInt8]) throws(Refusal) {
    var fields = try PayloadReader(payload, of: "catalogue")
    lead = try fields.lead("lead")
    name = try fields.text("name", Bounds.name, .line)
    basis = try fields.optionalText("basis", Bounds.prose, .prose)
    entry = try fields.id("entry")
    grade = try fields.text("grade", Bounds.word, .line)
    items = try fields.items("items")
    format = try fields.text("format", Bounds.word, .line)
    method = try fields.text("method", Bounds.word, .line)
    version = try fields.unsigned("version", in: Bounds.ordinal)
    attribute = try fields.word("attribute")
    frequency = try fields.text("frequency", Bounds.word, .line)
    conditions = try fields.optionalText("conditions", Bounds.prose, .prose)
    try fields.finish()
    if let lead, let item = lead.firstMissing(in: items) {
      throw Refusal(.malformed, "catalogue: it leads in \(item.quoted), which is none of its items")
    }
    guard (conditions != nil) == (attribute == .conditional) else {
      throw Refusal(.malformed, "catalogue: conditions belong to conditional entries, and to all of them")
    }
  }

  /// The payload.
  public var encoded: [UInt8] {
    var fields = PayloadWriter(capacity: 512)
    fields.texts("lead", lead?.names ?? [])
    fields.text("name", name)
    fields.text("basis", basis)
    fields.text("entry", entry)
    fields.text("grade", grade)
    fields.texts("items", items.names)
    fields.text("format", format)
    fields.text("method", method)
    fields.unsigned("version", version)
    fields.text("attribute", attribute.rawValue)
    fields.text("frequency", frequency)
    fields.text("conditions", conditions)
    return fields.bytes
  }
}
