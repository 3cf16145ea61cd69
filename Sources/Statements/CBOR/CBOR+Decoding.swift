extension CBOR {
  /// Decodes one data item that takes up all of `bytes`.
  ///
  /// - Throws: `malformed` unless it is in core deterministic encoding (RFC 8949 §4.2.1), of this type's
  ///   subset, nested at most `maximumDepth` deep, and nothing follows it.
  public init(decoding bytes: Span<UInt8>) throws(StatementError) {
    var cursor = CBORCursor(0..<bytes.count)
    self = try CBOR.item(&cursor, bytes, depth: 0)
    try cursor.finish("the CBOR item")
  }

  /// Decodes one data item that takes up all of `bytes`; the same as for a span.
  public init(decoding bytes: [UInt8]) throws(StatementError) {
    try self.init(decoding: bytes.span)
  }

  /// The range of the first item of a CBOR sequence in core deterministic form.
  ///
  /// - Throws: `malformed`.
  package static func firstItem(of bytes: Span<UInt8>) throws(StatementError) -> Range<Int> {
    var cursor = CBORCursor(0..<bytes.count)
    _ = try item(&cursor, bytes, depth: 0)
    return 0..<cursor.offset
  }

  /// Decodes a CBOR sequence (RFC 8742): no items or more, one after the other.
  ///
  /// - Parameter maximum: the most items that are allowed.
  /// - Throws: `malformed` for more items, or for one that `init(decoding:)` would refuse.
  public static func decodeSequence(_ bytes: Span<UInt8>, maximum: Int) throws(StatementError) -> [CBOR] {
    var cursor = CBORCursor(0..<bytes.count)
    var items: [CBOR] = []
    while cursor.remaining > 0 {
      guard items.count < maximum else {
        throw CBORCursor.malformed("a CBOR sequence of more than \(maximum) items", at: cursor.offset)
      }
      items.append(try item(&cursor, bytes, depth: 0))
    }
    return items
  }

  /// - Parameter depth: the arrays, maps and tags around this item.
  private static func item(
    _ cursor: inout CBORCursor, _ bytes: Span<UInt8>, depth: Int
  ) throws(StatementError) -> CBOR {
    let start = cursor.offset
    let head = try cursor.head(bytes)
    switch head.major {
    case .unsigned: return .unsigned(head.argument)
    case .negative: return .negative(head.argument)
    case .bytes: return .bytes([UInt8](copying: bytes.extracting(cursor.take(Int(head.argument)))))
    case .text:
      let content = bytes.extracting(cursor.take(Int(head.argument)))
      guard Text.isUTF8(content) else { throw CBORCursor.malformed("CBOR text is not UTF-8", at: start) }
      return .text(Text.string(content))
    case .simple: return head.argument == 22 ? .null : .bool(head.argument == 21)
    case .array, .map, .tag:
      guard depth < maximumDepth else {
        throw CBORCursor.malformed("CBOR nested more than \(maximumDepth) deep", at: start)
      }
      return try container(head, &cursor, bytes, depth: depth + 1)
    }
  }

  private static func container(
    _ head: CBORHead, _ cursor: inout CBORCursor, _ bytes: Span<UInt8>, depth: Int
  ) throws(StatementError) -> CBOR {
    switch head.major {
    case .array:
      // Nothing is reserved for the declared count: it is at most one for each byte that is left, but an item
      // in memory takes many.
      var items: [CBOR] = []
      for _ in 0..<Int(head.argument) { items.append(try item(&cursor, bytes, depth: depth)) }
      return .array(items)
    case .map: return .map(try map(&cursor, bytes, count: Int(head.argument), depth: depth))
    default: return .tagged(head.argument, try tagged(head.argument, &cursor, bytes, depth: depth))
    }
  }

  private static func tagged(
    _ tag: UInt64, _ cursor: inout CBORCursor, _ bytes: Span<UInt8>, depth: Int
  ) throws(StatementError) -> CBOR {
    let start = cursor.offset
    let content = try item(&cursor, bytes, depth: depth)
    if tag == 2 || tag == 3 {
      // A bignum that fits 64 bits, or with leading zeros, is a second encoding of an integer (RFC 8949
      // §3.4.3).
      guard case .bytes(let magnitude) = content, magnitude.count > 8, magnitude[0] != 0 else {
        throw CBORCursor.malformed("not the shortest form of a large integer", at: start)
      }
    }
    return content
  }

  /// The sentence for a map that is not in deterministic order.
  private static let orderSentence =
    "a map is not in deterministic order (RFC 8949 §4.2.1): its encoded keys must ascend bytewise, each once"

  /// What is wrong with the order of a map in the item that `bytes` are; nil if that is not what is wrong with it.
  ///
  /// - Parameter offset: the offset of `bytes` in the reader's input, for the message.
  static func orderFault(_ bytes: Span<UInt8>, at offset: Int) -> StatementError? {
    do { _ = try CBOR(decoding: bytes) } catch {
      guard error.description.utf8.starts(with: orderSentence.utf8) else { return nil }
      return StatementError(
        .malformed, "\(error.description) of the protected header, which begins at byte \(offset)")
    }
    return nil
  }

  private static func map(
    _ cursor: inout CBORCursor, _ bytes: Span<UInt8>, count: Int, depth: Int
  ) throws(StatementError) -> CBORMap {
    var pairs: [(key: CBOR, value: CBOR)] = []
    var previous: Range<Int>?
    for _ in 0..<count {
      let start = cursor.offset
      let key = try item(&cursor, bytes, depth: depth)
      let range = start..<cursor.offset
      if let previous, !precedes(previous, range, in: bytes) {
        throw CBORCursor.malformed(orderSentence, at: start)
      }
      previous = range
      pairs.append((key, try item(&cursor, bytes, depth: depth)))
    }
    return CBORMap(ordered: pairs)
  }

  /// Whether the encoded key at `left` comes before the one at `right`: bytewise lexicographic (RFC 8949
  /// §4.2.1).
  private static func precedes(_ left: Range<Int>, _ right: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    for step in 0..<min(left.count, right.count) {
      let (one, other) = (bytes[left.lowerBound + step], bytes[right.lowerBound + step])
      if one != other { return one < other }
    }
    return left.count < right.count
  }
}
