import Ledger
import LedgerCrypto
import Statements

/// Encodes a list of fields as a CBOR map. What is nil is left out.
struct FieldWriter {
  private(set) var bytes: [UInt8]
  /// The offset of the head of the map that is being written.
  private var start: Int
  /// Its pairs so far.
  private var count: UInt8 = 0

  /// A writer with room for `capacity` bytes.
  init(capacity: Int = 512) {
    bytes = []
    bytes.reserveCapacity(capacity)
    start = 0
    bytes.append(0xa0)
  }

  private mutating func key(_ key: String) {
    count += 1
    switch count {
    case ..<24: bytes[start] = 0xa0 | count
    case 24:
      // From here on the head takes two bytes.
      bytes[start] = 0xb8
      bytes.insert(count, at: start + 1)
    default: bytes[start + 1] = count
    }
    CBORWriter.textString(key, to: &bytes)
  }
}

extension FieldWriter: FieldVisitor {
  static var setsFields: Bool { false }

  mutating func text(
    _ key: String, _ value: inout String?, _ presence: Presence, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) {
    guard let value else { return }
    self.key(key)
    CBORWriter.textString(value, to: &self.bytes)
  }

  mutating func word<Word: FieldWord>(_ key: String, _ value: inout Word?, _ presence: Presence) {
    guard let value else { return }
    self.key(key)
    CBORWriter.textString(value.rawValue, to: &bytes)
  }

  mutating func unsigned(
    _ key: String, _ value: inout UInt64?, _ presence: Presence, in range: ClosedRange<UInt64>
  ) {
    guard let value else { return }
    self.key(key)
    CBORWriter.head(.unsigned, value, to: &bytes)
  }

  mutating func bytes(
    _ key: String, _ value: inout [UInt8]?, _ presence: Presence, _ count: ClosedRange<Int>
  ) {
    guard let value else { return }
    self.key(key)
    CBORWriter.byteString(value.span, to: &bytes)
  }

  mutating func digest(_ key: String, _ value: inout Digest?, _ presence: Presence) {
    guard let value else { return }
    self.key(key)
    CBORWriter.head(.bytes, UInt64(Digest.byteCount), to: &bytes)
    value.append(to: &bytes)
  }

  mutating func texts(
    _ key: String, _ values: inout [String], _ presence: Presence, _ count: ClosedRange<Int>,
    each bytes: ClosedRange<Int>, _ style: TextStyle
  ) {
    if values.isEmpty, presence == .optional { return }
    self.key(key)
    CBORWriter.head(.array, UInt64(values.count), to: &self.bytes)
    for text in values { CBORWriter.textString(text, to: &self.bytes) }
  }

  mutating func unsigneds(_ key: String, _ values: inout [UInt64], _ count: ClosedRange<Int>) {
    self.key(key)
    CBORWriter.head(.array, UInt64(values.count), to: &bytes)
    for number in values { CBORWriter.head(.unsigned, number, to: &bytes) }
  }

  mutating func map<Fields: FieldList>(_ key: String, _ value: inout Fields?) {
    guard var fields = value else { return }
    self.key(key)
    mapValue(&fields)
  }

  mutating func maps<Fields: FieldList>(_ key: String, _ values: inout [Fields], most: Int) {
    guard !values.isEmpty else { return }
    self.key(key)
    CBORWriter.head(.array, UInt64(values.count), to: &bytes)
    for var fields in values { mapValue(&fields) }
  }

  private mutating func mapValue(_ fields: inout some FieldList) {
    let outer = (start, count)
    (start, count) = (bytes.count, 0)
    bytes.append(0xa0)
    fields.visit(&self)
    (start, count) = outer
  }

  mutating func require(_ holds: Bool, _ refusal: (_ name: String) -> Refusal) {}
}
