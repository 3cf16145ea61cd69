public import LedgerCrypto

/// Reads a map with text keys strictly: each field by its name, type and bounds, and no key that nobody asked
/// for.
///
///     var fields = try CBORFields(payload, of: "deposit")
///     let name = try fields.text("name", bytes: 1...64)
///     let size = try fields.optionalUnsigned("size")
///     try fields.finish()
///
/// Every error is `malformed` and names the map and the key. An optional field is one whose key is absent:
/// null, an empty text and an empty array are values, not absence.
public struct CBORFields: Sendable {
  /// What the map is, as its errors name it.
  public let name: String
  private let map: CBORMap
  private var isRead: [Bool]

  /// The fields of `cbor`, which errors call `name`.
  ///
  /// - Throws: `malformed` unless it is a map and all its keys are text.
  public init(_ cbor: CBOR, of name: String) throws(StatementError) {
    guard case .map(let map) = cbor else { throw StatementError(.malformed, "\(name) is not a map") }
    for (key, _) in map.pairs {
      guard case .text = key else { throw StatementError(.malformed, "\(name) has a key that is not text") }
    }
    self.name = name
    self.map = map
    isRead = Array(repeating: false, count: map.count)
  }

  /// Checks that every key of the map has been read.
  ///
  /// - Throws: `malformed`, with the name of the first that has not.
  public func finish() throws(StatementError) {
    for (pair, isRead) in zip(map.pairs, isRead) where !isRead {
      guard case .text(let key) = pair.key else { fatalError("all keys were text when the reader was made") }
      throw StatementError(.malformed, "\(name) has an unknown key \(Text.quoted(key))")
    }
  }

  /// The value at `key`, of any type, or nil if it is absent.
  public mutating func optionalValue(_ key: String) -> CBOR? {
    for (index, pair) in map.pairs.enumerated() {
      guard case .text(let name) = pair.key, Text.hasSameBytes(name, key) else { continue }
      isRead[index] = true
      return pair.value
    }
    return nil
  }

  /// The value at `key`, of any type.
  public mutating func value(_ key: String) throws(StatementError) -> CBOR {
    guard let value = optionalValue(key) else { throw StatementError(.malformed, "\(name) has no \(key)") }
    return value
  }

  private func wrong(_ key: String, _ expected: String) -> StatementError {
    StatementError(.malformed, "\(name): \(key) is not \(expected)")
  }
}

// MARK: Fields that must be there

extension CBORFields {
  /// The text at `key`, of `bytes` bytes of UTF-8.
  public mutating func text(_ key: String, bytes: ClosedRange<Int>) throws(StatementError) -> String {
    try text(value(key), key, bytes)
  }

  /// The integer at `key`, within `range`.
  public mutating func unsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(StatementError) -> UInt64 {
    try unsigned(value(key), key, range)
  }

  /// The byte string at `key`, of exactly `count` bytes.
  public mutating func bytes(_ key: String, count: Int) throws(StatementError) -> [UInt8] {
    try bytes(value(key), key, count...count)
  }

  /// The byte string at `key`, of `count` bytes.
  public mutating func bytes(_ key: String, count: ClosedRange<Int>) throws(StatementError) -> [UInt8] {
    try bytes(value(key), key, count)
  }

  /// The byte string of 32 bytes at `key`.
  public mutating func digest(_ key: String) throws(StatementError) -> Digest {
    try digest(value(key), key)
  }

  /// The truth value at `key`.
  public mutating func bool(_ key: String) throws(StatementError) -> Bool {
    try bool(value(key), key)
  }

  /// The array at `key`, of `count` items.
  public mutating func array(_ key: String, count: ClosedRange<Int>) throws(StatementError) -> [CBOR] {
    try array(value(key), key, count)
  }

  /// The fields of the map at `key`. The caller finishes them too.
  public mutating func fields(_ key: String) throws(StatementError) -> CBORFields {
    try CBORFields(value(key), of: "\(name): \(key)")
  }
}

// MARK: Fields that may be absent

extension CBORFields {
  /// The text at `key`, of `bytes` bytes of UTF-8, or nil if it is absent.
  public mutating func optionalText(
    _ key: String, bytes: ClosedRange<Int>
  ) throws(StatementError) -> String? {
    guard let value = optionalValue(key) else { return nil }
    return try text(value, key, bytes)
  }

  /// The integer at `key`, within `range`, or nil if it is absent.
  public mutating func optionalUnsigned(
    _ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(StatementError) -> UInt64? {
    guard let value = optionalValue(key) else { return nil }
    return try unsigned(value, key, range)
  }

  /// The byte string at `key`, of exactly `count` bytes, or nil if it is absent.
  public mutating func optionalBytes(_ key: String, count: Int) throws(StatementError) -> [UInt8]? {
    try optionalBytes(key, count: count...count)
  }

  /// The byte string at `key`, of `count` bytes, or nil if it is absent.
  public mutating func optionalBytes(
    _ key: String, count: ClosedRange<Int>
  ) throws(StatementError) -> [UInt8]? {
    guard let value = optionalValue(key) else { return nil }
    return try bytes(value, key, count)
  }

  /// The byte string of 32 bytes at `key`, or nil if it is absent.
  public mutating func optionalDigest(_ key: String) throws(StatementError) -> Digest? {
    guard let value = optionalValue(key) else { return nil }
    return try digest(value, key)
  }

  /// The truth value at `key`, or nil if it is absent.
  public mutating func optionalBool(_ key: String) throws(StatementError) -> Bool? {
    guard let value = optionalValue(key) else { return nil }
    return try bool(value, key)
  }

  /// The array at `key`, of `count` items, or nil if it is absent.
  public mutating func optionalArray(
    _ key: String, count: ClosedRange<Int>
  ) throws(StatementError) -> [CBOR]? {
    guard let value = optionalValue(key) else { return nil }
    return try array(value, key, count)
  }

  /// The fields of the map at `key`, or nil if it is absent. The caller finishes them too.
  public mutating func optionalFields(_ key: String) throws(StatementError) -> CBORFields? {
    guard let value = optionalValue(key) else { return nil }
    return try CBORFields(value, of: "\(name): \(key)")
  }
}

// MARK: Types and bounds

extension CBORFields {
  private func text(
    _ value: CBOR, _ key: String, _ bytes: ClosedRange<Int>
  ) throws(StatementError) -> String {
    guard case .text(let text) = value, bytes.contains(text.utf8.count) else {
      throw wrong(key, "text of \(CBORFields.written(bytes)) bytes")
    }
    return text
  }

  private func unsigned(
    _ value: CBOR, _ key: String, _ range: ClosedRange<UInt64>
  ) throws(StatementError) -> UInt64 {
    guard case .unsigned(let number) = value, range.contains(number) else {
      throw wrong(key, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func bytes(
    _ value: CBOR, _ key: String, _ count: ClosedRange<Int>
  ) throws(StatementError) -> [UInt8] {
    guard case .bytes(let bytes) = value, count.contains(bytes.count) else {
      throw wrong(key, "a byte string of \(CBORFields.written(count)) bytes")
    }
    return bytes
  }

  private func digest(_ value: CBOR, _ key: String) throws(StatementError) -> Digest {
    guard case .bytes(let bytes) = value, let digest = Digest(bytes.span), bytes.count == Digest.byteCount
    else { throw wrong(key, "a digest of 32 bytes") }
    return digest
  }

  private func bool(_ value: CBOR, _ key: String) throws(StatementError) -> Bool {
    guard case .bool(let bool) = value else { throw wrong(key, "true or false") }
    return bool
  }

  private func array(
    _ value: CBOR, _ key: String, _ count: ClosedRange<Int>
  ) throws(StatementError) -> [CBOR] {
    guard case .array(let items) = value, count.contains(items.count) else {
      throw wrong(key, "an array of \(CBORFields.written(count)) items")
    }
    return items
  }

  private static func written(_ range: ClosedRange<Int>) -> String {
    range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
