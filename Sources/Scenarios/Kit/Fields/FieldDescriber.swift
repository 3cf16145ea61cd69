import Ledger
import LedgerCrypto

/// One field of a list: its key, and what its value may be.
public struct FieldDescription: Hashable, Sendable {
  /// Its key.
  public let key: String
  /// Whether the map must have it.
  public let presence: Presence
  /// What it may be.
  public let content: Content

  /// What a value may be.
  public enum Content: Hashable, Sendable {
    /// A text of so many bytes of UTF-8.
    case text(ClosedRange<Int>, TextStyle)
    /// One of these words.
    case word([String])
    /// An integer within bounds.
    case unsigned(ClosedRange<UInt64>)
    /// A byte string of so many bytes.
    case bytes(ClosedRange<Int>)
    /// An array of so many texts.
    case texts(ClosedRange<Int>, each: ClosedRange<Int>, TextStyle)
    /// An array of so many integers.
    case unsigneds(ClosedRange<Int>)
    /// A map.
    case map([FieldDescription])
    /// An array of so many maps.
    case maps(ClosedRange<Int>, [FieldDescription])
  }

  /// Whether it is searched for personal data.
  public var isSearched: Bool {
    switch content {
    case .text(_, let style), .texts(_, _, let style): style.search != .never
    case .word, .unsigned, .bytes, .unsigneds, .map, .maps: false
    }
  }

  /// A map called `name` in CDDL (RFC 8610).
  static func cddl(_ name: String, _ fields: [FieldDescription]) -> String {
    "\(name.split(separator: " ").joined(separator: "-")) = \(map(fields, ""))"
  }

  private static func map(_ fields: [FieldDescription], _ indent: String) -> String {
    let lines = fields.map { field in
      "\(indent)  \(field.presence == .optional ? "? " : "")\(field.key): \(type(field.content, indent + "  "))"
        + (field.isSearched ? ", ; searched" : ",")
    }
    return "{\n\(lines.joined(separator: "\n"))\n\(indent)}"
  }

  private static func type(_ content: Content, _ indent: String) -> String {
    func size(_ bytes: ClosedRange<Int>) -> String {
      if bytes.upperBound == .max { return "" }
      return bytes.count == 1
        ? " .size \(bytes.lowerBound)" : " .size (\(bytes.lowerBound)..\(bytes.upperBound))"
    }
    return switch content {
    case .text(let bytes, _): "tstr\(size(bytes))"
    case .word(let words): words.map { "\"\($0)\"" }.joined(separator: " / ")
    case .unsigned(let range) where range == 0...UInt64.max: "uint"
    case .unsigned(let range): "\(range.lowerBound)..\(range.upperBound)"
    case .bytes(let count): "bstr\(size(count))"
    case .texts(let count, let bytes, _): "[\(count.lowerBound)*\(count.upperBound) tstr\(size(bytes))]"
    case .unsigneds(let count): "[\(count.lowerBound)*\(count.upperBound) uint]"
    case .map(let fields): map(fields, indent)
    case .maps(let count, let fields): "[\(count.lowerBound)*\(count.upperBound) \(map(fields, indent))]"
    }
  }
}

extension FieldList {
  /// Its fields, in the canonical order of their keys.
  public static var fields: [FieldDescription] {
    var (blank, describer) = (Self(), FieldDescriber())
    blank.visit(&describer)
    return describer.fields
  }
}

/// Describes what a list of fields may hold.
private struct FieldDescriber: FieldVisitor {
  static var setsFields: Bool { false }

  private(set) var fields: [FieldDescription] = []

  private mutating func add(_ key: String, _ presence: Presence, _ content: FieldDescription.Content) {
    fields.append(FieldDescription(key: key, presence: presence, content: content))
  }

  mutating func text(
    _ key: String, _ value: inout String?, _ presence: Presence, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) {
    add(key, presence, .text(bytes, style))
  }

  mutating func word<Word: FieldWord>(_ key: String, _ value: inout Word?, _ presence: Presence) {
    add(key, presence, .word(Word.allCases.map(\.rawValue)))
  }

  mutating func unsigned(
    _ key: String, _ value: inout UInt64?, _ presence: Presence, in range: ClosedRange<UInt64>
  ) {
    add(key, presence, .unsigned(range))
  }

  mutating func bytes(
    _ key: String, _ value: inout [UInt8]?, _ presence: Presence, _ count: ClosedRange<Int>
  ) {
    add(key, presence, .bytes(count))
  }

  mutating func digest(_ key: String, _ value: inout Digest?, _ presence: Presence) {
    add(key, presence, .bytes(Digest.byteCount...Digest.byteCount))
  }

  mutating func texts(
    _ key: String, _ values: inout [String], _ presence: Presence, _ count: ClosedRange<Int>,
    each bytes: ClosedRange<Int>, _ style: TextStyle
  ) {
    add(key, presence, .texts(count, each: bytes, style))
  }

  mutating func unsigneds(_ key: String, _ values: inout [UInt64], _ count: ClosedRange<Int>) {
    add(key, .required, .unsigneds(count))
  }

  mutating func map<Fields: FieldList>(_ key: String, _ value: inout Fields?) {
    add(key, .optional, .map(Fields.fields))
  }

  mutating func maps<Fields: FieldList>(_ key: String, _ values: inout [Fields], most: Int) {
    add(key, .optional, .maps(1...most, Fields.fields))
  }

  mutating func require(_ holds: Bool, _ refusal: (_ name: String) -> Refusal) {}
}
