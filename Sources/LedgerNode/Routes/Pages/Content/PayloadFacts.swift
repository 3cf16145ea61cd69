import Certificates
import Ledger
import LedgerCrypto
import Statements
import Workflows

/// What a payload says, field by field, each by its name in words.
extension Page {
  /// The fields of a payload of a scenario's kind, but `left` out, with what each means where `isExplained`; nil for any other payload.
  ///
  /// - Throws: `PageTexts.Missing`, for a field that has no name.
  func payloadFacts(
    _ payload: [UInt8], type: String, but left: Set<String> = [], isExplained: Bool = false
  ) throws -> [(name: HTML, value: HTML)]? {
    guard type.hasPrefix(Kind.prefix), !type.hasPrefix(Kind.prefix + "consortium."),
      case .map(let map) = try CBOR(decoding: payload)
    else { return nil }
    var rows: [(name: HTML, value: HTML)] = []
    try add(map, "", left, isExplained, to: &rows)
    return rows
  }

  private func add(
    _ map: CBORMap, _ path: String, _ left: Set<String>, _ isExplained: Bool,
    to rows: inout [(name: HTML, value: HTML)]
  ) throws {
    for (key, value) in map.pairs {
      guard case .text(let key) = key else { throw PageTexts.Missing(description: "a key that is no text") }
      let name = path.isEmpty ? key : "\(path).\(key)"
      if left.contains(name) { continue }
      if case .map(let inner) = value {
        try add(inner, name, left, isExplained, to: &rows)
      } else {
        let meaning: HTML =
          try isExplained ? "<span class=\"meaning\">\(fieldMeaning(name))</span>" : ""
        rows.append((try fieldName(name), try fieldValue(value, name) + meaning))
      }
    }
  }

  /// What a field is called.
  func fieldName(_ path: String) throws -> HTML {
    try text(PageTexts.all["field.\(path)"] == nil ? "member.\(path)" : "field.\(path)")
  }

  /// Fields that are s since the epoch, that name members, and that hold one of a kind's own words.
  static let times: Set<String> = ["occurred", "collected", "from", "until", "effective"]
  static let memberFields: Set<String> = ["to", "provider", "demander"]
  static let words: Set<String> = ["scope", "category", "outcome", "attribute", "fault"]

  private func fieldValue(_ value: CBOR, _ name: String) throws -> HTML {
    switch value {
    case .text(let word) where Page.words.contains(name): try text("value.\(word)")
    case .text(let id) where Page.memberFields.contains(name) && state.roster.member(id) != nil:
      try member(id)
    case .text(let text): try text.isEmpty ? self.text("none") : shown(text)
    case .unsigned(let seconds) where Page.times.contains(name):
      seconds < UInt64.max / 1000 ? try time(seconds * 1000) : number(seconds)
    case .unsigned(let count) where ["size", "manifest.bytes"].contains(name):
      try text("unit.bytes", ["count": number(count)])
    case .unsigned(let value): number(value)
    case .bytes(let bytes): hash(bytes)
    case .bool(let holds): try text(holds ? "value.true" : "value.false")
    case .array(let items):
      try joined(
        items.map { item in
          if case .text(let text) = item { return try shown(text) }
          return "<code>\(Printable.text(PayloadPreview.diagnostic(item)))</code>"
        })
    case .negative, .map, .tagged, .null: "<code>\(Printable.text(PayloadPreview.diagnostic(value)))</code>"
    }
  }

  /// What a content type is called.
  func kind(_ type: String) throws -> HTML {
    guard type.hasPrefix(Kind.prefix) else { return try text("kind.plain") }
    return try text("kind.\(Page.kindName(type))")
  }

  /// A reserved type without what all of them share.
  static func kindName(_ type: String) -> String {
    var name = type[...]
    if name.hasPrefix(Kind.prefix) { name = name.dropFirst(Kind.prefix.count) }
    if name.hasSuffix("+cbor") { name = name.dropLast(5) }
    return String(name)
  }
}
