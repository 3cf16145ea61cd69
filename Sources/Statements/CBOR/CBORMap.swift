/// The pairs of a CBOR map: each key once, in canonical order (bytewise lexicographic by encoded key,
/// RFC 8949 §4.2.1).
public struct CBORMap: Sendable {
  /// The pairs in canonical order.
  public let pairs: [(key: CBOR, value: CBOR)]

  /// A map of `pairs`, given in any order. Traps if a key occurs twice: that is a bug of the code that writes
  /// it, since what comes from outside goes through the decoder.
  public init(_ pairs: [(CBOR, CBOR)]) {
    let keyed = pairs.map { (order: $0.0.encoded, key: $0.0, value: $0.1) }
      .sorted { $0.order.lexicographicallyPrecedes($1.order) }
    for (one, next) in zip(keyed, keyed.dropFirst()) {
      precondition(one.order != next.order, "a CBOR map is written with the same key twice")
    }
    self.pairs = keyed.map { ($0.key, $0.value) }
  }

  /// A map of pairs that the decoder has found to be in order.
  init(ordered pairs: [(key: CBOR, value: CBOR)]) { self.pairs = pairs }

  /// The number of pairs.
  public var count: Int { pairs.count }

  /// Whether there are no pairs.
  public var isEmpty: Bool { pairs.isEmpty }

  /// The value at a text key, or nil.
  public subscript(_ text: String) -> CBOR? { self[CBOR.text(text)] }

  /// The value at an integer key, as COSE's labels are, or nil.
  public subscript(label label: Int) -> CBOR? { self[CBOR(label)] }

  /// The value at `key`, or nil.
  public subscript(key: CBOR) -> CBOR? { pairs.first { $0.key == key }?.value }
}

extension CBORMap: Hashable {
  /// Equal where the encodings are equal.
  public static func == (left: CBORMap, right: CBORMap) -> Bool {
    left.pairs.elementsEqual(right.pairs) { $0.key == $1.key && $0.value == $1.value }
  }

  public func hash(into hasher: inout Hasher) { CBOR.map(self).hash(into: &hasher) }
}

extension CBORMap: ExpressibleByDictionaryLiteral {
  /// A map of these pairs; traps if a key occurs twice.
  public init(dictionaryLiteral pairs: (CBOR, CBOR)...) { self.init(pairs) }
}
