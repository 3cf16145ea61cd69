public import Ledger
public import LedgerCrypto

/// A payload or a state record: a CBOR map with text keys, whose fields are listed once.
///
///     struct Seal: FieldList {
///       static let name = "seal"
///       var seal = "", previous = Digest.zero, condition: String?
///
///       mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
///         try visitor.text("seal", &seal, 1...64, .searchedLine)
///         try visitor.digest("previous", &previous)
///         try visitor.text("condition", &condition, 1...512, .searchedProse)
///       }
///     }
///
/// Visitors read the list: `FieldReader` decodes, `FieldWriter` encodes, `FieldDescriber` lists what may be there, `TextSearch` gathers
/// the texts that are searched for personal data. So a field is read as it was written.
///
/// Keys are in their canonical order (RFC 8949 §4.2.1: shorter ones first, then bytewise). A key out of order can't be read
/// back, which the round trips of the tests see.
public protocol FieldList: Sendable {
  /// What the map is, as its errors name it.
  static var name: String { get }

  /// A blank one, which a visitor fills in; not yet what `check` would take.
  init()

  /// Shows the visitor every field, in the canonical order of the keys.
  mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure)

  /// Checks what concerns several fields, each being good.
  ///
  /// - Throws: the refusal of what can't be.
  func check() throws(Refusal)

  /// Decodes a map that takes up all of `bytes`.
  ///
  /// - Throws: `malformed`, and what a field and `check` refuse.
  init(decoding bytes: [UInt8]) throws(Refusal)

  /// The map, in its one encoding. What is out of bounds is written too, and would not be read back.
  var encoded: [UInt8] { get }
}

extension FieldList {
  /// Nothing spans the fields.
  public func check() throws(Refusal) {}

  /// Visits with a reader.
  public init(decoding bytes: [UInt8]) throws(Refusal) {
    self.init()
    var reader = try FieldReader(bytes, of: Self.name)
    try visit(&reader)
    try reader.finish()
    try check()
  }

  /// Visits with a writer.
  public var encoded: [UInt8] {
    var (fields, writer) = (self, FieldWriter())
    fields.visit(&writer)
    return writer.bytes
  }
}

/// Whether a map must have a field.
public enum Presence: Hashable, Sendable {
  /// It must.
  case required
  /// The map may lack it.
  case optional
}

/// A visitor of the fields of a list, one after the other.
///
/// Each method shows one field: its key, where its value is kept, and what the value may be. A visitor that sets fields puts a
/// value there, or nil or no elements where the map lacks the field; another leaves all as it is.
public protocol FieldVisitor {
  /// What it throws; `Never` for a visitor that only looks.
  associatedtype Failure: Error

  /// Whether it sets fields.
  static var setsFields: Bool { get }

  /// A text of `bytes` bytes of UTF-8.
  mutating func text(
    _ key: String, _ value: inout String?, _ presence: Presence, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Failure)

  /// A word of a list.
  mutating func word<Word: FieldWord>(
    _ key: String, _ value: inout Word?, _ presence: Presence
  ) throws(Failure)

  /// An integer.
  mutating func unsigned(
    _ key: String, _ value: inout UInt64?, _ presence: Presence, in range: ClosedRange<UInt64>
  ) throws(Failure)

  /// A byte string of `count` bytes.
  mutating func bytes(
    _ key: String, _ value: inout [UInt8]?, _ presence: Presence, _ count: ClosedRange<Int>
  ) throws(Failure)

  /// A byte string of 32 bytes.
  mutating func digest(_ key: String, _ value: inout Digest?, _ presence: Presence) throws(Failure)

  /// An array of texts. An optional one is absent if it would be empty.
  mutating func texts(
    _ key: String, _ values: inout [String], _ presence: Presence, _ count: ClosedRange<Int>,
    each bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Failure)

  /// An array of integers, which must be there.
  mutating func unsigneds(_ key: String, _ values: inout [UInt64], _ count: ClosedRange<Int>) throws(Failure)

  /// A map that may be absent.
  mutating func map<Fields: FieldList>(_ key: String, _ value: inout Fields?) throws(Failure)

  /// An array of maps, absent if it would be empty.
  mutating func maps<Fields: FieldList>(_ key: String, _ values: inout [Fields], most: Int) throws(Failure)

  /// Stops unless `holds`, where it reads what somebody else has written.
  ///
  /// - Parameter refusal: given the name of the map.
  mutating func require(_ holds: Bool, _ refusal: (_ name: String) -> Refusal) throws(Failure)
}

/// A word of a list: what an enumeration of texts has, byte for byte.
public typealias FieldWord = RawRepresentable<String> & CaseIterable & Sendable

// MARK: Fields that must be there

extension FieldVisitor {
  /// A text that must be there.
  public mutating func text(
    _ key: String, _ value: inout String, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Failure) {
    var field: String? = value
    try text(key, &field, .required, bytes, style)
    if Self.setsFields, let field { value = field }
  }

  /// A text that may be absent.
  public mutating func text(
    _ key: String, _ value: inout String?, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(Failure) {
    try text(key, &value, .optional, bytes, style)
  }

  /// A word that must be there.
  public mutating func word<Word: FieldWord>(_ key: String, _ value: inout Word) throws(Failure) {
    var field: Word? = value
    try word(key, &field, .required)
    if Self.setsFields, let field { value = field }
  }

  /// An integer that must be there.
  public mutating func unsigned(
    _ key: String, _ value: inout UInt64, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(Failure) {
    var field: UInt64? = value
    try unsigned(key, &field, .required, in: range)
    if Self.setsFields, let field { value = field }
  }

  /// An integer that may be absent.
  public mutating func unsigned(
    _ key: String, _ value: inout UInt64?, in range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(Failure) {
    try unsigned(key, &value, .optional, in: range)
  }

  /// A byte string that must be there.
  public mutating func bytes(
    _ key: String, _ value: inout [UInt8], _ count: ClosedRange<Int> = 0...Int.max
  ) throws(Failure) {
    var field: [UInt8]? = value
    try bytes(key, &field, .required, count)
    if Self.setsFields, let field { value = field }
  }

  /// A digest that must be there.
  public mutating func digest(_ key: String, _ value: inout Digest) throws(Failure) {
    var field: Digest? = value
    try digest(key, &field, .required)
    if Self.setsFields, let field { value = field }
  }
}

// MARK: Fields with a meaning

extension FieldVisitor {
  /// Stops where the value at `key` is not what it should be.
  public mutating func require(_ key: String, _ holds: Bool, is expected: String) throws(Failure) {
    try require(holds) { Refusal(.malformed, "\($0): \(key) is not \(expected)") }
  }

  /// A time, in s since the epoch, at most 2^40 as `iat` is.
  public mutating func time(_ key: String, _ value: inout UInt64) throws(Failure) {
    try unsigned(key, &value, in: 0...1 << 40)
  }

  /// A time that may be absent.
  public mutating func time(_ key: String, _ value: inout UInt64?) throws(Failure) {
    try unsigned(key, &value, in: 0...1 << 40)
  }

  /// 1 for true and 0 for false, since the index shows numbers, and no truth values; it may be absent.
  public mutating func flag(_ key: String, _ value: inout Bool?) throws(Failure) {
    var field: UInt64? = value.map { $0 ? 1 : 0 }
    try unsigned(key, &field, .optional, in: 0...1)
    if Self.setsFields { value = field.map { $0 == 1 } }
  }

  /// 1 for true and 0 for false.
  public mutating func flag(_ key: String, _ value: inout Bool) throws(Failure) {
    var field: UInt64 = value ? 1 : 0
    try unsigned(key, &field, in: 0...1)
    if Self.setsFields { value = field == 1 }
  }

  /// The id of a member.
  public mutating func member(_ key: String, _ value: inout String) throws(Failure) {
    try text(key, &value, 1...64, .plain)
    if Self.setsFields { try require(key, Member.isID(value), is: "the id of a member") }
  }

  /// The id of a member that may be absent.
  public mutating func member(_ key: String, _ value: inout String?) throws(Failure) {
    try text(key, &value, 1...64, .plain)
    if Self.setsFields, let value { try require(key, Member.isID(value), is: "the id of a member") }
  }
}
