import LedgerCrypto
import Statements

/// Reads a map with text keys in the one order that is canonical, straight from its bytes.
///
/// Does what `CBORFields` does, without building the item first: payloads and states are read for each statement of every
/// block. Fields are asked for in canonical order (shorter keys first, then bytewise; RFC 8949 §4.2.1), so a map that is out
/// of order, holds a key twice or holds one that nobody asked for leaves something unread, which `finish` refuses.
struct FieldReader {
  private let name: StaticString
  private let bytes: [UInt8]
  private var cursor: CBORCursor
  /// The pairs that are not read yet.
  private var left: UInt64

  /// The fields of the map that takes up all of `bytes`, which errors call `name`.
  init(_ bytes: [UInt8], of name: StaticString) throws(StatementError) {
    (self.name, self.bytes) = (name, bytes)
    cursor = CBORCursor(0..<bytes.count)
    left = try cursor.argument(of: .map, name, in: bytes.span)
  }

  /// Sees that every pair has been read, and that nothing follows the map.
  func finish() throws(StatementError) {
    guard left == 0 else {
      throw StatementError(
        .malformed, "\(name): a key that is unknown or out of place (byte \(cursor.offset))")
    }
    try cursor.finish(name)
  }

  // MARK: Values

  mutating func optionalText(
    _ key: String, _ count: ClosedRange<Int>, _ style: TextStyle = .line
  ) throws(StatementError) -> String? {
    try isNext(key) ? text(at: key, count, style) : nil
  }

  mutating func text(
    _ key: String, _ count: ClosedRange<Int>, _ style: TextStyle = .line
  ) throws(StatementError) -> String {
    try expect(key)
    return try text(at: key, count, style)
  }

  mutating func optionalUnsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(StatementError) -> UInt64? {
    try isNext(key) ? unsigned(at: key, range) : nil
  }

  mutating func unsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(StatementError) -> UInt64 {
    try expect(key)
    return try unsigned(at: key, range)
  }

  mutating func digest(_ key: String) throws(StatementError) -> Digest {
    try expect(key)
    let bytes = bytes
    guard let range = try? cursor.byteString(32...32, name, in: bytes.span),
      let digest = Digest(bytes.span, at: range.lowerBound)
    else { throw wrong(key, "a byte string of 32 bytes") }
    return digest
  }

  mutating func byteString(_ key: String) throws(StatementError) -> [UInt8] {
    try expect(key)
    let bytes = bytes
    guard let range = try? cursor.byteString(0...bytes.count, name, in: bytes.span) else {
      throw wrong(key, "a byte string")
    }
    return Array(bytes[range])
  }

  /// An array of `count` texts of `bytes` bytes each, one line each.
  mutating func texts(
    _ key: String, _ count: ClosedRange<Int>, each bytes: ClosedRange<Int>
  ) throws(StatementError) -> [String] {
    try expect(key)
    let items = try arrayCount(key, count)
    var texts: [String] = []
    texts.reserveCapacity(items)
    for _ in 0..<items { texts.append(try text(at: key, bytes, .line)) }
    return texts
  }

  /// An array of at most `count` integers.
  mutating func unsigneds(_ key: String, _ count: ClosedRange<Int>) throws(StatementError) -> [UInt64] {
    try expect(key)
    let items = try arrayCount(key, count)
    var numbers: [UInt64] = []
    numbers.reserveCapacity(items)
    for _ in 0..<items { numbers.append(try unsigned(at: key, 0...UInt64.max)) }
    return numbers
  }

  /// One of the texts that `Choice` has.
  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _: Choice.Type = Choice.self
  ) throws(StatementError) -> Choice {
    try expect(key)
    return try choice(at: key)
  }

  mutating func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _: Choice.Type = Choice.self
  ) throws(StatementError) -> Choice? {
    try isNext(key) ? choice(at: key) : nil
  }

  // MARK: Parts

  /// Whether the next pair has this key; then the key is read.
  private mutating func isNext(_ key: String) -> Bool {
    let count = key.utf8.count
    // Every key of ours is shorter than 24 bytes, so its head is one byte.
    guard left > 0, cursor.remaining > count, bytes[cursor.offset] == 0x60 | UInt8(count) else {
      return false
    }
    var place = cursor.offset + 1
    for byte in key.utf8 {
      guard bytes[place] == byte else { return false }
      place += 1
    }
    _ = cursor.take(count + 1)
    left -= 1
    return true
  }

  private mutating func expect(_ key: String) throws(StatementError) {
    guard isNext(key) else {
      throw StatementError(
        .malformed, "\(name): no \(key), or before it a key that is unknown or out of place")
    }
  }

  private mutating func text(
    at key: String, _ count: ClosedRange<Int>, _ style: TextStyle
  ) throws(StatementError) -> String {
    let bytes = bytes
    guard let range = try? cursor.textString(count, name, in: bytes.span) else {
      throw wrong(key, "text of \(count.lowerBound) to \(count.upperBound) bytes")
    }
    guard style.allows(bytes.span, range) else { throw wrong(key, style.rule) }
    return String(decoding: bytes[range], as: UTF8.self)
  }

  private mutating func unsigned(
    at key: String, _ range: ClosedRange<UInt64>
  ) throws(StatementError) -> UInt64 {
    let bytes = bytes
    guard let number = try? cursor.argument(of: .unsigned, name, in: bytes.span), range.contains(number)
    else {
      throw wrong(key, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private mutating func arrayCount(_ key: String, _ count: ClosedRange<Int>) throws(StatementError) -> Int {
    // A declared count is at most the bytes that are left, so it fits.
    let bytes = bytes
    guard let items = try? cursor.argument(of: .array, name, in: bytes.span), count.contains(Int(items))
    else {
      throw wrong(key, "an array of \(count.lowerBound) to \(count.upperBound) items")
    }
    return Int(items)
  }

  private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    at key: String
  ) throws(StatementError) -> Choice {
    let word = try text(at: key, 1...32, .line)
    guard let choice = Choice(rawValue: word), choice.rawValue.utf8.elementsEqual(word.utf8) else {
      throw wrong(key, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  private func wrong(_ key: String, _ expected: String) -> StatementError {
    StatementError(.malformed, "\(name): \(key) is not \(expected)")
  }
}

/// What a text may hold.
enum TextStyle {
  /// An id: no control character and no space.
  case id
  /// One line: no control character; neither the first nor the last is a space.
  case line
  /// Prose: as a line, and line feeds within.
  case prose

  var rule: String {
    switch self {
    case .id: "an id without spaces and control characters"
    case .line: "one line without control characters, spaces before and spaces after"
    case .prose: "text without control characters (line feeds apart), spaces before and spaces after"
    }
  }

  /// Whether the UTF-8 at `range` of `bytes` keeps to this.
  func allows(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range {
      let byte = bytes[index]
      if byte < 0x20 {
        guard self == .prose, byte == UInt8(ascii: "\n") else { return false }
      } else if byte == 0x7f || (self == .id && byte == UInt8(ascii: " ")) {
        return false
      } else if byte == 0xc2 || byte == 0xe3 {
        // U+0080 … U+00A0 are C2 80 … C2 A0: C1 and the no-break space; U+3000, the wide space, is E3 80 80.
        if byte == 0xc2, bytes[index + 1] < (self == .id ? 0xa1 : 0xa0) { return false }
        if self == .id, byte == 0xe3, bytes[index + 1] == 0x80, bytes[index + 2] == 0x80 { return false }
      }
    }
    return !startsWithSpace(bytes, range) && !endsWithSpace(bytes, range)
  }

  private func startsWithSpace(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard let first = range.first else { return false }
    return bytes[first] <= UInt8(ascii: " ") || isWideSpace(bytes, first, range)
  }

  private func endsWithSpace(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard let last = range.last else { return false }
    return bytes[last] <= UInt8(ascii: " ") || isWideSpace(bytes, last - 2, range)
  }

  private func isWideSpace(_ bytes: Span<UInt8>, _ start: Int, _ range: Range<Int>) -> Bool {
    start >= range.lowerBound && start + 2 < range.upperBound && bytes[start] == 0xe3
      && bytes[start + 1] == 0x80 && bytes[start + 2] == 0x80
  }
}

// MARK: What payloads share

extension FieldReader {
  mutating func id(_ key: String) throws(StatementError) -> String { try text(key, Bounds.id, .id) }

  mutating func optionalID(_ key: String) throws(StatementError) -> String? {
    try optionalText(key, Bounds.id, .id)
  }

  mutating func purpose(_ key: String) throws(StatementError) -> String {
    let purpose = try text(key, Bounds.purpose)
    guard SharingPurpose.isGood(purpose) else { throw wrong(key, "a purpose whose levels all have a name") }
    return purpose
  }

  mutating func items(_ key: String) throws(StatementError) -> DataItems {
    let names = try texts(key, Bounds.itemCount, each: Bounds.item)
    guard DataItems.isAscending(names) else { throw wrong(key, "sorted by bytes, each item once") }
    return DataItems(ascending: names)
  }

  mutating func dates(_ key: String) throws(StatementError) -> [CivilDate] {
    var dates: [CivilDate] = []
    for text in try texts(key, Bounds.dateCount, each: Bounds.date) {
      guard let date = CivilDate(text), dates.last.map({ $0 < date }) ?? true else {
        throw wrong(key, "a list of dates YYYY-MM-DD, ascending, each once")
      }
      dates.append(date)
    }
    return dates
  }
}
