import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Reads a CBOR map with text keys where it lies: field by field, in the canonical order of the keys.
///
///     var reader = try PayloadReader(payload, of: "seal")
///     let seal = try reader.text("seal", 1...64, .searchedLine)
///     let condition = try reader.optionalText("condition", 1...512, .searchedProse)
///     try reader.finish()
///
/// Rules decode every record twice in its life, at the cut and in each audit, so nothing is built beside the values that are
/// asked for. Whoever asks for fields in another order than the canonical one (shorter keys first, then bytewise) has a bug
/// that the first round trip shows. What passes is deterministic CBOR, each key once, and no key that nobody asked for.
struct PayloadReader {
  /// What the map is, as its errors name it.
  let name: String
  private let bytes: [UInt8]
  private var cursor: CBORCursor
  /// The pairs whose keys have not been read.
  private var unread: Int
  /// Where the key lies that was read and that nobody has asked for yet.
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

  private init(_ outer: PayloadReader, within key: String) throws(Refusal) {
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

  /// Sees that nothing is left.
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

  func wrong(_ key: String, _ expected: String) -> Refusal {
    Refusal(.malformed, "\(name): \(key) is not \(expected)")
  }
}

// MARK: Fields

extension PayloadReader {
  /// The text at `key`, of `count` bytes of UTF-8, or nil where it is absent.
  ///
  /// - Throws: `malformed`; `personal-data` where it is searched and holds an identity or mobile number.
  mutating func optionalText(
    _ key: String, _ count: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) -> String? {
    guard takes(key) else { return nil }
    let text = try textValue(key, count, style)
    try readKey()
    return text
  }

  /// The text at `key`, which must be there.
  mutating func text(
    _ key: String, _ count: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) -> String {
    guard let text = try optionalText(key, count, style) else { throw missing(key) }
    return text
  }

  /// The word at `key` as a value of an enumeration, or nil where it is absent.
  mutating func optionalWord<Word: RawRepresentable<String> & CaseIterable>(
    _ key: String, _: Word.Type = Word.self
  ) throws(Refusal) -> Word? {
    guard let text = try optionalText(key, 1...32, .plain) else { return nil }
    guard let word = Word(rawValue: text), word.rawValue.hasSameBytes(as: text) else {
      throw wrong(key, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }

  /// The word at `key`, which must be there.
  mutating func word<Word: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ type: Word.Type = Word.self
  ) throws(Refusal) -> Word {
    guard let word = try optionalWord(key, type) else { throw missing(key) }
    return word
  }

  /// The name of a member at `key`.
  mutating func member(_ key: String) throws(Refusal) -> String {
    guard let member = try optionalMember(key) else { throw missing(key) }
    return member
  }

  /// The name of a member at `key`, or nil where it is absent.
  mutating func optionalMember(_ key: String) throws(Refusal) -> String? {
    guard let member = try optionalText(key, 1...64, .plain) else { return nil }
    guard Member.isID(member) else { throw wrong(key, "the id of a member") }
    return member
  }

  /// The integer at `key`, within `range`, or nil where it is absent.
  mutating func optionalUnsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(Refusal) -> UInt64? {
    guard takes(key) else { return nil }
    let number = try unsignedValue(key, range)
    try readKey()
    return number
  }

  /// The integer at `key`, which must be there.
  mutating func unsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(Refusal) -> UInt64 {
    guard let number = try optionalUnsigned(key, in: range) else { throw missing(key) }
    return number
  }

  /// The time at `key`, in s since the epoch, at most 2^40 as `iat` is; nil where it is absent.
  mutating func optionalTime(_ key: String) throws(Refusal) -> UInt64? {
    try optionalUnsigned(key, in: 0...1 << 40)
  }

  /// The time at `key`, which must be there.
  mutating func time(_ key: String) throws(Refusal) -> UInt64 {
    guard let time = try optionalTime(key) else { throw missing(key) }
    return time
  }

  /// The integer at `key`, 1 for true and 0 for false, or nil where it is absent.
  mutating func optionalFlag(_ key: String) throws(Refusal) -> Bool? {
    try optionalUnsigned(key, in: 0...1).map { $0 == 1 }
  }

  /// The integer at `key`, 1 for true and 0 for false, which must be there.
  mutating func flag(_ key: String) throws(Refusal) -> Bool {
    guard let flag = try optionalFlag(key) else { throw missing(key) }
    return flag
  }

  /// The byte string of `count` bytes at `key`, or nil where it is absent.
  mutating func optionalBytes(
    _ key: String, _ count: ClosedRange<Int> = 0...Int.max
  ) throws(Refusal) -> [UInt8]? {
    guard takes(key) else { return nil }
    let head = try head()
    guard head.major == .bytes, count.contains(Int(clamping: head.argument)) else {
      throw wrong(key, "a byte string of the right length")
    }
    let range = cursor.take(Int(head.argument))
    try readKey()
    return Array(bytes[range])
  }

  /// The byte string at `key`, which must be there.
  mutating func bytes(_ key: String) throws(Refusal) -> [UInt8] {
    guard let bytes = try optionalBytes(key) else { throw missing(key) }
    return bytes
  }

  /// The byte string of 32 bytes at `key`, or nil where it is absent.
  mutating func optionalDigest(_ key: String) throws(Refusal) -> Digest? {
    guard takes(key) else { return nil }
    let head = try head()
    guard head.major == .bytes, head.argument == UInt64(Digest.byteCount) else {
      throw wrong(key, "a digest of 32 bytes")
    }
    let range = cursor.take(Digest.byteCount)
    guard let digest = Digest(bytes.span, at: range.lowerBound) else { fatalError("32 bytes are a digest") }
    try readKey()
    return digest
  }

  /// The byte string of 32 bytes at `key`, which must be there.
  mutating func digest(_ key: String) throws(Refusal) -> Digest {
    guard let digest = try optionalDigest(key) else { throw missing(key) }
    return digest
  }

  /// The texts of the array at `key`, at least one; an empty list where it is absent.
  mutating func optionalTexts(
    _ key: String, most: Int, each bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) -> [String] {
    guard takes(key) else { return [] }
    return try arrayValue(key, 1...most) { (reader: inout Self) throws(Refusal) in
      try reader.textValue(key, bytes, style)
    }
  }

  /// The texts of the array at `key`, which must be there.
  mutating func texts(
    _ key: String, _ count: ClosedRange<Int>, each bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Refusal) -> [String] {
    guard takes(key) else { throw missing(key) }
    return try arrayValue(key, count) { (reader: inout Self) throws(Refusal) in
      try reader.textValue(key, bytes, style)
    }
  }

  /// The integers of the array at `key`, which must be there.
  mutating func unsigneds(_ key: String, _ count: ClosedRange<Int>) throws(Refusal) -> [UInt64] {
    guard takes(key) else { throw missing(key) }
    return try arrayValue(key, count) { (reader: inout Self) throws(Refusal) in
      try reader.unsignedValue(key, 0...UInt64.max)
    }
  }

  /// What `read` makes of each map of the array at `key`, at least one; an empty list where it is absent.
  mutating func maps<Element>(
    _ key: String, most: Int, _ read: (inout PayloadReader) throws(Refusal) -> Element
  ) throws(Refusal) -> [Element] {
    guard takes(key) else { return [] }
    return try arrayValue(key, 1...most) { (reader: inout Self) throws(Refusal) in
      try reader.mapValue(key, read)
    }
  }

  /// What `read` makes of the map at `key`; nil where it is absent.
  mutating func optionalMap<Element>(
    _ key: String, _ read: (inout PayloadReader) throws(Refusal) -> Element
  ) throws(Refusal) -> Element? {
    guard takes(key) else { return nil }
    let element = try mapValue(key, read)
    try readKey()
    return element
  }
}

// MARK: Values

extension PayloadReader {
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
    if style.isSearched, let found = PersonalData.find(in: content) {
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
    _ key: String, _ count: ClosedRange<Int>, _ read: (inout PayloadReader) throws(Refusal) -> Element
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

  private mutating func mapValue<Element>(
    _ key: String, _ read: (inout PayloadReader) throws(Refusal) -> Element
  ) throws(Refusal) -> Element {
    var inner = try PayloadReader(self, within: key)
    let element = try read(&inner)
    try inner.finishMap()
    cursor = inner.cursor
    return element
  }
}
