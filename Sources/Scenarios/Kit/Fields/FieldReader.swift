import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Decodes a list of fields in place: field by field, in the canonical order of the keys.
///
/// Rules decode every record when its block is cut and in each audit, so only the values asked for are built. It accepts
/// deterministic CBOR with each key once and no unknown key.
struct FieldReader {
  /// What the map is, as its errors name it.
  let name: String
  private let bytes: [UInt8]
  private var cursor: CBORCursor
  /// The pairs whose keys have not been read.
  private var unread: Int
  /// The range of the key that was read and not asked for yet.
  private var key: Range<Int>?

  /// A reader of the map that takes up all of `bytes`.
  ///
  /// - Throws: `malformed`.
  init(_ bytes: [UInt8], of name: String) throws(Refusal) {
    self.name = name
    self.bytes = bytes
    cursor = CBORCursor(0..<bytes.count)
    unread = 0
    try begin()
  }

  private init(_ outer: FieldReader, within key: String) throws(Refusal) {
    name = "\(outer.name): \(key)"
    bytes = outer.bytes
    cursor = outer.cursor
    unread = 0
    try begin()
  }

  private mutating func begin() throws(Refusal) {
    let head = try head()
    guard head.major == .map else { throw Refusal(.malformed, "\(name) is not a map") }
    unread = Int(head.argument)
    try readKey()
  }

  private mutating func head() throws(Refusal) -> CBORHead {
    // A copy of the reference: the cursor is changed while the bytes are lent.
    let bytes = bytes
    do { return try cursor.head(bytes.span) } catch { throw Refusal(error) }
  }

  private mutating func readKey() throws(Refusal) {
    guard unread > 0 else { return key = nil }
    unread -= 1
    let bytes = bytes
    do { key = try cursor.textString(0...64, "a key", in: bytes.span) } catch { throw Refusal(error) }
  }

  /// Whether the next key is this one; it is then taken.
  private mutating func takes(_ wanted: String) -> Bool {
    guard let key else { return false }
    return bytes.span.text(key, is: wanted)
  }

  /// Checks that nothing is left.
  ///
  /// - Throws: `malformed`, with the first key that nobody has asked for.
  func finish() throws(Refusal) {
    try finishMap()
    do { try cursor.finish("the map") } catch { throw Refusal(error) }
  }

  private func finishMap() throws(Refusal) {
    guard let key else { return }
    let text = String(decoding: bytes[key], as: UTF8.self)
    throw Refusal(
      .malformed, "\(name) has a key \(text.quoted), which is unknown, stands twice or is out of order")
  }

  private func missing(_ key: String) -> Refusal {
    let next = self.key.map { " where \(String(decoding: bytes[$0], as: UTF8.self).quoted) stands" } ?? ""
    return Refusal(.malformed, "\(name) has no \(key)\(next)")
  }

  private func wrong(_ key: String, _ expected: String) -> Refusal {
    Refusal(.malformed, "\(name): \(key) is not \(expected)")
  }
}

// MARK: Fields

extension FieldReader: FieldVisitor {
  static var setsFields: Bool { true }

  /// Whether the field at `key` is there; it is then taken.
  ///
  /// - Throws: `malformed` if it must be there.
  private mutating func takes(_ key: String, _ presence: Presence) throws(Refusal) -> Bool {
    if takes(key) { return true }
    guard presence == .optional else { throw missing(key) }
    return false
  }

  /// - Throws: `malformed`; `personal-data` if it is searched and holds an identity or mobile number.
  mutating func text(
    _ key: String, _ value: inout String?, _ presence: Presence, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) {
    guard try takes(key, presence) else { return value = nil }
    value = try textValue(key, bytes, style)
    try readKey()
  }

  mutating func word<Word: FieldWord>(
    _ key: String, _ value: inout Word?, _ presence: Presence
  ) throws(Refusal) {
    guard try takes(key, presence) else { return value = nil }
    let text = try textValue(key, 1...32, .plain)
    try readKey()
    guard let word = Word(rawValue: text), word.rawValue.hasSameBytes(as: text) else {
      throw wrong(key, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    value = word
  }

  mutating func unsigned(
    _ key: String, _ value: inout UInt64?, _ presence: Presence, in range: ClosedRange<UInt64>
  ) throws(Refusal) {
    guard try takes(key, presence) else { return value = nil }
    value = try unsignedValue(key, range)
    try readKey()
  }

  mutating func bytes(
    _ key: String, _ value: inout [UInt8]?, _ presence: Presence, _ count: ClosedRange<Int>
  ) throws(Refusal) {
    guard try takes(key, presence) else { return value = nil }
    let head = try head()
    guard head.major == .bytes, count.contains(Int(clamping: head.argument)) else {
      throw wrong(key, "a byte string of the right length")
    }
    let range = cursor.take(Int(head.argument))
    try readKey()
    value = Array(bytes[range])
  }

  mutating func digest(_ key: String, _ value: inout Digest?, _ presence: Presence) throws(Refusal) {
    guard try takes(key, presence) else { return value = nil }
    let head = try head()
    guard head.major == .bytes, head.argument == UInt64(Digest.byteCount) else {
      throw wrong(key, "a digest of 32 bytes")
    }
    let range = cursor.take(Digest.byteCount)
    guard let digest = Digest(bytes.span, at: range.lowerBound) else { fatalError("32 bytes are a digest") }
    try readKey()
    value = digest
  }

  mutating func texts(
    _ key: String, _ values: inout [String], _ presence: Presence, _ count: ClosedRange<Int>,
    each bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) {
    guard try takes(key, presence) else { return values = [] }
    values = try arrayValue(key, count) { (reader: inout Self) throws(Refusal) in
      try reader.textValue(key, bytes, style)
    }
  }

  mutating func unsigneds(
    _ key: String, _ values: inout [UInt64], _ count: ClosedRange<Int>
  ) throws(Refusal) {
    guard try takes(key, .required) else { return }
    values = try arrayValue(key, count) { (reader: inout Self) throws(Refusal) in
      try reader.unsignedValue(key, 0...UInt64.max)
    }
  }

  mutating func map<Fields: FieldList>(_ key: String, _ value: inout Fields?) throws(Refusal) {
    guard takes(key) else { return value = nil }
    value = try mapValue(key)
    try readKey()
  }

  mutating func maps<Fields: FieldList>(
    _ key: String, _ values: inout [Fields], most: Int
  ) throws(Refusal) {
    guard takes(key) else { return values = [] }
    values = try arrayValue(key, 1...most) { (reader: inout Self) throws(Refusal) in
      try reader.mapValue(key)
    }
  }

  mutating func require(_ holds: Bool, _ refusal: (_ name: String) -> Refusal) throws(Refusal) {
    guard holds else { throw refusal(name) }
  }
}

// MARK: Values

extension FieldReader {
  private mutating func textValue(
    _ key: String, _ count: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) -> String {
    let head = try head()
    guard head.major == .text, count.contains(Int(clamping: head.argument)) else {
      throw wrong(key, "text of \(count.lowerBound) to \(count.upperBound) bytes")
    }
    let range = cursor.take(Int(head.argument))
    let content = bytes.span.extracting(range)
    guard let text = style.text(content) else { throw wrong(key, style.rule) }
    if style.search == .asRead, let found = PersonalData.find(in: content) {
      throw found.refusal(in: "\(name): \(key)")
    }
    return text
  }

  private mutating func unsignedValue(
    _ key: String, _ range: ClosedRange<UInt64>
  ) throws(Refusal) -> UInt64 {
    let head = try head()
    guard head.major == .unsigned, range.contains(head.argument) else {
      throw wrong(key, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return head.argument
  }

  /// The rest of the pair, an array; `read` reads each item.
  private mutating func arrayValue<Element>(
    _ key: String, _ count: ClosedRange<Int>, _ read: (inout FieldReader) throws(Refusal) -> Element
  ) throws(Refusal) -> [Element] {
    let head = try head()
    guard head.major == .array, count.contains(Int(clamping: head.argument)) else {
      throw wrong(key, "an array of \(count.lowerBound) to \(count.upperBound) items")
    }
    var elements: [Element] = []
    elements.reserveCapacity(Int(head.argument))
    for _ in 0..<head.argument { elements.append(try read(&self)) }
    try readKey()
    return elements
  }

  private mutating func mapValue<Fields: FieldList>(_ key: String) throws(Refusal) -> Fields {
    var inner = try FieldReader(self, within: key)
    var fields = Fields()
    try fields.visit(&inner)
    try inner.finishMap()
    cursor = inner.cursor
    return fields
  }
}
