import Ledger
import LedgerCrypto

/// Gathers the texts of a list that are searched once the statement's subject is known to be right.
struct TextSearch: FieldVisitor {
  static var setsFields: Bool { false }

  /// The keys and texts, in the order of the list.
  private(set) var found: [(key: String, text: String)] = []

  mutating func text(
    _ key: String, _ value: inout String?, _ presence: Presence, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) {
    if style.search == .later, let value { found.append((key, value)) }
  }

  mutating func texts(
    _ key: String, _ values: inout [String], _ presence: Presence, _ count: ClosedRange<Int>,
    each bytes: ClosedRange<Int>, _ style: TextStyle
  ) {
    if style.search == .later { for text in values { found.append((key, text)) } }
  }

  mutating func map<Fields: FieldList>(_ key: String, _ value: inout Fields?) { value?.visit(&self) }

  mutating func maps<Fields: FieldList>(_ key: String, _ values: inout [Fields], most: Int) {
    for var fields in values { fields.visit(&self) }
  }

  mutating func word<Word: FieldWord>(_ key: String, _ value: inout Word?, _ presence: Presence) {}
  mutating func unsigned(
    _ key: String, _ value: inout UInt64?, _ presence: Presence, in range: ClosedRange<UInt64>
  ) {}
  mutating func bytes(
    _ key: String, _ value: inout [UInt8]?, _ presence: Presence, _ count: ClosedRange<Int>
  ) {}
  mutating func digest(_ key: String, _ value: inout Digest?, _ presence: Presence) {}
  mutating func unsigneds(_ key: String, _ values: inout [UInt64], _ count: ClosedRange<Int>) {}
  mutating func require(_ holds: Bool, _ refusal: (_ name: String) -> Refusal) {}
}
