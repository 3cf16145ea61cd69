import LedgerCrypto
import Statements

/// Writes a CBOR map with text keys, its pairs given in the canonical order of their keys.
///
/// What is nil is left out. Keys out of order are a bug of ours: what is written then can't be read back, which the round trips
/// of the tests see.
struct PayloadWriter {
  private(set) var bytes: [UInt8]
  /// Where the head of the map that is being written stands.
  private var start: Int
  /// Its pairs so far.
  private var count: UInt8 = 0

  /// A writer with room for `capacity` bytes.
  init(capacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacity)
    start = 0
    bytes.append(0xa0)
  }

  private mutating func key(_ key: String) {
    count += 1
    switch count {
    case ..<24: bytes[start] = 0xa0 | count
    case 24:
      // From here on the head takes two bytes.
      bytes[start] = 0xb8
      bytes.insert(count, at: start + 1)
    default: bytes[start + 1] = count
    }
    CBORWriter.textString(key, to: &bytes)
  }

  /// Writes a text.
  mutating func text(_ key: String, _ text: String?) {
    guard let text else { return }
    self.key(key)
    CBORWriter.textString(text, to: &bytes)
  }

  /// Writes an integer.
  mutating func unsigned(_ key: String, _ number: UInt64?) {
    guard let number else { return }
    self.key(key)
    CBORWriter.head(.unsigned, number, to: &bytes)
  }

  /// Writes 1 for true and 0 for false: the index shows numbers, and no truth values.
  mutating func flag(_ key: String, _ value: Bool?) { unsigned(key, value.map { $0 ? 1 : 0 }) }

  /// Writes a digest as a byte string.
  mutating func digest(_ key: String, _ digest: Digest?) {
    guard let digest else { return }
    self.key(key)
    CBORWriter.head(.bytes, UInt64(Digest.byteCount), to: &bytes)
    digest.append(to: &bytes)
  }

  /// Writes a byte string.
  mutating func bytes(_ key: String, _ content: [UInt8]?) {
    guard let content else { return }
    self.key(key)
    CBORWriter.byteString(content.span, to: &bytes)
  }

  /// Writes an array of texts; nothing where there are none.
  mutating func optionalTexts(_ key: String, _ texts: [String]) {
    if !texts.isEmpty { self.texts(key, texts) }
  }

  /// Writes an array of texts, also an empty one.
  mutating func texts(_ key: String, _ texts: [String]) {
    self.key(key)
    CBORWriter.head(.array, UInt64(texts.count), to: &bytes)
    for text in texts { CBORWriter.textString(text, to: &bytes) }
  }

  /// Writes an array of integers, also an empty one.
  mutating func unsigneds(_ key: String, _ numbers: [UInt64]) {
    self.key(key)
    CBORWriter.head(.array, UInt64(numbers.count), to: &bytes)
    for number in numbers { CBORWriter.head(.unsigned, number, to: &bytes) }
  }

  /// Writes a map.
  mutating func map(_ key: String, _ write: (inout PayloadWriter) -> Void) {
    self.key(key)
    mapValue(write)
  }

  /// Writes an array of maps, one for each element; nothing where there are none.
  mutating func maps<Element>(
    _ key: String, _ elements: [Element], _ write: (inout PayloadWriter, Element) -> Void
  ) {
    guard !elements.isEmpty else { return }
    self.key(key)
    CBORWriter.head(.array, UInt64(elements.count), to: &bytes)
    for element in elements { mapValue { write(&$0, element) } }
  }

  private mutating func mapValue(_ write: (inout PayloadWriter) -> Void) {
    let outer = (start, count)
    (start, count) = (bytes.count, 0)
    bytes.append(0xa0)
    write(&self)
    (start, count) = outer
  }
}
