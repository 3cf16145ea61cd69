/// A CBOR data item in the subset that the ledger's formats use: RFC 8949 without floats, undefined and
/// further simple values, in core deterministic encoding only (§4.2.1).
///
/// Equal exactly where the encodings are equal: text is compared by its bytes, so the composed and the
/// decomposed form of a character differ here although Swift's strings call them equal.
public enum CBOR: Sendable {
  /// An integer from 0 on.
  case unsigned(UInt64)
  /// The integer −1 − n.
  case negative(UInt64)
  /// A byte string.
  case bytes([UInt8])
  /// A text string.
  case text(String)
  /// An array.
  case array([CBOR])
  /// A map.
  case map(CBORMap)
  /// A tag number and what it is put on.
  indirect case tagged(UInt64, CBOR)
  /// False or true.
  case bool(Bool)
  /// Null.
  case null

  /// How deep arrays, maps and tags may nest.
  public static let maximumDepth = 16

  /// The integer.
  public init(_ integer: Int) {
    // ~n is −1 − n, and does not overflow for the least integer.
    self = integer < 0 ? .negative(UInt64(~integer)) : .unsigned(UInt64(integer))
  }
}

extension CBOR: Hashable {
  /// Equal where the encodings are equal.
  public static func == (left: CBOR, right: CBOR) -> Bool {
    switch (left, right) {
    case (.unsigned(let left), .unsigned(let right)): left == right
    case (.negative(let left), .negative(let right)): left == right
    case (.bytes(let left), .bytes(let right)): left == right
    case (.text(let left), .text(let right)): Text.hasSameBytes(left, right)
    case (.array(let left), .array(let right)): left == right
    case (.map(let left), .map(let right)): left == right
    case (.tagged(let left, let leftItem), .tagged(let right, let rightItem)):
      left == right && leftItem == rightItem
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null): true
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(encoded) }
}

extension CBOR: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text string.
  public init(stringLiteral text: String) { self = .text(text) }

  /// An integer of either sign.
  public init(integerLiteral integer: Int) { self.init(integer) }

  /// False or true.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  public init(arrayLiteral items: CBOR...) { self = .array(items) }

  /// A map; traps if a key occurs twice.
  public init(dictionaryLiteral pairs: (CBOR, CBOR)...) { self = .map(CBORMap(pairs)) }
}
