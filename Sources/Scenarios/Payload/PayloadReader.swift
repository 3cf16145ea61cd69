import Ledger
import LedgerCrypto
import Statements

/// Reads a CBOR map with text keys where it lies: field by field, in the canonical order of the keys.
///
///     var reader = try PayloadReader(payload, of: "seal")
///     let seal = try reader.text("seal", 1...64)
///     let condition = try reader.optionalText("condition", 1...512, .prose)
///     try reader.finish()
///
/// Rules decode every record twice in its life, at the cut and in each audit, so nothing is built beside the values that are
/// asked for. Whoever asks for fields in another order than the canonical one (shorter keys first, then bytewise) has a bug
/// that the first round trip shows. What passes is deterministic CBOR, each key once, and no key that nobody asked for.
struct PayloadReader {
  /// What a text may hold, and whether it is searched for personal data.
  struct TextUse {
    let mayHoldNewlines, isSearched: Bool

    /// One line that a person wrote; searched.
    static let line = TextUse(mayHoldNewlines: false, isSearched: true)
    /// What may run over several lines; searched.
    static let prose = TextUse(mayHoldNewlines: true, isSearched: true)
    /// A word out of a list, or the name of a member: nothing that a person could write a number into.
    static let word = TextUse(mayHoldNewlines: false, isSearched: false)
  }

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
    guard let key, key.count == wanted.utf8.count else { return false }
    var place = key.lowerBound
    for byte in wanted.utf8 {
      guard bytes[place] == byte else { return false }
      place += 1
    }
    return true
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

  private func wrong(_ key: String, _ expected: String) -> Refusal {
    Refusal(.malformed, "\(name): \(key) is not \(expected)")
  }
}

// MARK: Fields

extension PayloadReader {
  /// The text at `key`, of `count` bytes of UTF-8, or nil where it is absent.
  ///
  /// - Throws: `malformed`; `personal-data` where it is searched and holds an identity or mobile number.
  mutating func optionalText(
    _ key: String, _ count: ClosedRange<Int>, _ use: TextUse = .line
  ) throws(Refusal) -> String? {
    guard takes(key) else { return nil }
    let text = try textValue(key, count, use)
    try readKey()
    return text
  }

  /// The text at `key`, which must be there.
  mutating func text(
    _ key: String, _ count: ClosedRange<Int>, _ use: TextUse = .line
  ) throws(Refusal) -> String {
    guard let text = try optionalText(key, count, use) else { throw missing(key) }
    return text
  }

  /// The word at `key` as a value of an enumeration.
  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Word.Type
  ) throws(Refusal) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: try text(key, 1...32, .word)) else {
      throw wrong(key, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }

  /// The name of a member at `key`.
  mutating func member(_ key: String) throws(Refusal) -> String {
    guard let member = try optionalMember(key) else { throw missing(key) }
    return member
  }

  /// The name of a member at `key`, or nil where it is absent.
  mutating func optionalMember(_ key: String) throws(Refusal) -> String? {
    guard let member = try optionalText(key, 1...64, .word) else { return nil }
    guard Member.isID(member) else { throw wrong(key, "the id of a member") }
    return member
  }

  /// The integer at `key`, within `range`, or nil where it is absent.
  mutating func optionalUnsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(Refusal) -> UInt64? {
    guard takes(key) else { return nil }
    let head = try head()
    guard head.major == .unsigned, range.contains(head.argument) else {
      throw wrong(key, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    try readKey()
    return head.argument
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

  /// The byte string of exactly `count` bytes at `key`, or nil where it is absent.
  mutating func optionalBytes(_ key: String, count: Int) throws(Refusal) -> [UInt8]? {
    guard takes(key) else { return nil }
    let head = try head()
    guard head.major == .bytes, head.argument == UInt64(count) else {
      throw wrong(key, "a byte string of \(count) bytes")
    }
    let range = cursor.take(count)
    try readKey()
    return Array(bytes[range])
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
  mutating func texts(
    _ key: String, most: Int, each count: ClosedRange<Int>, _ use: TextUse = .line
  ) throws(Refusal) -> [String] {
    guard takes(key) else { return [] }
    var texts: [String] = []
    for _ in 0..<(try arrayCount(key, 1...most)) { texts.append(try textValue(key, count, use)) }
    try readKey()
    return texts
  }

  /// What `read` makes of each map of the array at `key`, at least one; an empty list where it is absent.
  mutating func maps<Element>(
    _ key: String, most: Int, _ read: (inout PayloadReader) throws(Refusal) -> Element
  ) throws(Refusal) -> [Element] {
    guard takes(key) else { return [] }
    var elements: [Element] = []
    for _ in 0..<(try arrayCount(key, 1...most)) { elements.append(try mapValue(key, read)) }
    try readKey()
    return elements
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
    _ key: String, _ count: ClosedRange<Int>, _ use: TextUse
  ) throws(Refusal) -> String {
    let head = try head()
    guard head.major == .text, count.contains(Int(clamping: head.argument)) else {
      throw wrong(key, "text of \(count.lowerBound) to \(count.upperBound) bytes")
    }
    let range = cursor.take(Int(head.argument))
    let content = bytes.span.extracting(range)
    guard let text = content.checkedText(mayHoldNewlines: use.mayHoldNewlines) else {
      throw wrong(key, "UTF-8 without control characters")
    }
    if use.isSearched, let found = PersonalData.find(in: content) {
      throw found.refusal(in: "\(name): \(key)")
    }
    return text
  }

  private mutating func arrayCount(_ key: String, _ count: ClosedRange<Int>) throws(Refusal) -> Int {
    let head = try head()
    guard head.major == .array, count.contains(Int(clamping: head.argument)) else {
      throw wrong(key, "an array of \(count.lowerBound) to \(count.upperBound) items")
    }
    return Int(head.argument)
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

extension Span<UInt8> {
  /// These bytes as text; nil unless they are UTF-8 without control characters (Unicode category Cc), newlines apart where they
  /// are allowed.
  func checkedText(mayHoldNewlines: Bool) -> String? {
    for index in indices {
      let byte = self[index]
      if byte < 0x20 || byte == 0x7f {
        guard mayHoldNewlines, byte == 0x0a else { return nil }
      }
      // U+0080...U+009F are C2 80...C2 9F, and C2 is never a continuation byte.
      if byte == 0xc2, index + 1 < count, self[index + 1] < 0xa0 { return nil }
    }
    return unsafe withUnsafeBufferPointer { buffer in unsafe String(validating: buffer, as: UTF8.self) }
  }

  /// The bytes, copied at once.
  var copied: [UInt8] { unsafe withUnsafeBufferPointer { buffer in unsafe Array(buffer) } }
}
