/// The major types of CBOR (RFC 8949 §3.1).
package enum CBORMajor: UInt8, Sendable {
  case unsigned, negative, bytes, text, array, map, tag, simple
}

/// The head of a data item: its major type and argument (RFC 8949 §3).
package struct CBORHead: Hashable, Sendable {
  package let major: CBORMajor
  /// The value of an integer, simple value or tag number, the bytes of a string, the items of an array or the
  /// pairs of a map.
  package let argument: UInt64
}

/// A place in deterministic CBOR: the reader that everything here decodes with, and that allocates nothing.
///
/// It holds offsets only; each call is given the bytes, always the same ones. Only RFC 8949 §4.2.1 core
/// deterministic encoding passes: heads of least length, definite lengths, and of major type 7 only false,
/// true and null. A declared length or count is never more than the bytes that remain can hold. After an
/// error the position is undefined and the cursor must not be used.
package struct CBORCursor: Sendable {
  /// Where the next item begins.
  package private(set) var offset: Int
  /// Where reading ends; at most the number of bytes that each call is given.
  package let end: Int

  /// A cursor over `range` of the bytes that each call will be given.
  package init(_ range: Range<Int>) {
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The bytes that are left.
  package var remaining: Int { end - offset }

  /// Reads a head.
  ///
  /// - Throws: `malformed` at the end, for a longer form than needed, for a reserved or indefinite form, for
  ///   floats and simple values other than false, true and null, and for a length or count that the rest
  ///   cannot hold.
  package mutating func head(_ bytes: Span<UInt8>) throws(StatementError) -> CBORHead {
    let start = offset
    guard remaining > 0 else { throw CBORCursor.malformed("CBOR ends where an item should begin", at: start) }
    let initial = bytes[offset]
    offset += 1
    guard let major = CBORMajor(rawValue: initial >> 5) else { fatalError("three bits are a major type") }
    let argument = try argument(additional: initial & 0x1f, major, bytes, start)
    switch major {
    case .bytes, .text, .array:
      guard argument <= UInt64(remaining) else {
        throw CBORCursor.malformed(
          "CBOR declares \(argument) bytes or items and \(remaining) bytes are left", at: start)
      }
    case .map:
      guard argument <= UInt64(remaining / 2) else {
        throw CBORCursor.malformed(
          "CBOR declares \(argument) pairs and \(remaining) bytes are left", at: start)
      }
    case .unsigned, .negative, .tag, .simple: break
    }
    return CBORHead(major: major, argument: argument)
  }

  private mutating func argument(
    additional: UInt8, _ major: CBORMajor, _ bytes: Span<UInt8>, _ start: Int
  ) throws(StatementError) -> UInt64 {
    if major == .simple {
      guard (20...22).contains(additional) else {
        throw CBORCursor.malformed("floats, undefined and other simple values are not allowed", at: start)
      }
      return UInt64(additional)
    }
    if additional < 24 { return UInt64(additional) }
    guard additional < 28 else {
      throw CBORCursor.malformed(
        additional == 31 ? "indefinite lengths are not allowed" : "a reserved CBOR head", at: start)
    }
    let width = 1 << Int(additional - 24)
    guard remaining >= width else { throw CBORCursor.malformed("CBOR ends within a head", at: start) }
    var value: UInt64 = 0
    for index in offset..<offset + width { value = value << 8 | UInt64(bytes[index]) }
    offset += width
    // The least value that needs this width: 24, then 2^8, 2^16, 2^32.
    let least: UInt64 = width == 1 ? 24 : 1 << UInt64(width * 4)
    guard value >= least else {
      throw CBORCursor.malformed("a CBOR head longer than its value needs", at: start)
    }
    return value
  }

  /// Reads the head expected here, of `what`.
  ///
  /// - Throws: `malformed` for any other.
  package mutating func expect(
    _ major: CBORMajor, _ argument: UInt64, _ what: StaticString, in bytes: Span<UInt8>
  ) throws(StatementError) {
    let start = offset
    guard try head(bytes) == CBORHead(major: major, argument: argument) else {
      throw CBORCursor.malformed("\(what) expected", at: start)
    }
  }

  /// Reads a head of type `major`, of `what`, and returns its argument.
  ///
  /// - Throws: `malformed` for another type.
  package mutating func argument(
    of major: CBORMajor, _ what: StaticString, in bytes: Span<UInt8>
  ) throws(StatementError) -> UInt64 {
    let start = offset
    let head = try head(bytes)
    guard head.major == major else { throw CBORCursor.malformed("\(what) is of another type", at: start) }
    return head.argument
  }

  /// Reads a byte string, `what`, of `count` bytes and returns the range of its content.
  ///
  /// - Throws: `malformed` for another type or number of bytes.
  package mutating func byteString(
    _ count: ClosedRange<Int>, _ what: StaticString, in bytes: Span<UInt8>
  ) throws(StatementError) -> Range<Int> {
    try string(.bytes, count, what, bytes)
  }

  /// Reads a text string, `what`, of `count` bytes of UTF-8 and returns the range of its content.
  ///
  /// - Throws: `malformed` for another type or number of bytes, and for what is not UTF-8.
  package mutating func textString(
    _ count: ClosedRange<Int>, _ what: StaticString, in bytes: Span<UInt8>
  ) throws(StatementError) -> Range<Int> {
    let range = try string(.text, count, what, bytes)
    guard Text.isUTF8(bytes.extracting(range)) else {
      throw CBORCursor.malformed("\(what) is not UTF-8", at: range.lowerBound)
    }
    return range
  }

  private mutating func string(
    _ major: CBORMajor, _ count: ClosedRange<Int>, _ what: StaticString, _ bytes: Span<UInt8>
  ) throws(StatementError) -> Range<Int> {
    let start = offset
    let length = try argument(of: major, what, in: bytes)
    // `head` has seen that the length is at most what remains, so it fits.
    guard count.contains(Int(length)) else {
      throw CBORCursor.malformed("\(what) has \(length) bytes", at: start)
    }
    return take(Int(length))
  }

  /// Steps over the content of a string whose head has been read, and returns its range.
  ///
  /// - Parameter count: at most `remaining`, as `head` has checked.
  package mutating func take(_ count: Int) -> Range<Int> {
    precondition(count >= 0 && count <= remaining, "more bytes taken than remain")
    defer { offset += count }
    return offset..<offset + count
  }

  /// Checks that nothing is left.
  ///
  /// - Throws: `malformed` if bytes follow `what`.
  package func finish(_ what: StaticString) throws(StatementError) {
    guard remaining == 0 else { throw CBORCursor.malformed("\(remaining) bytes follow \(what)", at: offset) }
  }

  static func malformed(_ sentence: String, at offset: Int) -> StatementError {
    StatementError(.malformed, "\(sentence) (byte \(offset))")
  }
}
