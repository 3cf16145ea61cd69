import LedgerCrypto
import Statements

/// Writes a map with text keys, given in canonical order (shorter keys first, then bytewise; RFC 8949 §4.2.1).
///
/// Nothing is written for a value that is nil. Keys out of order are a bug of ours: what is written then can't be read
/// back, which the round trips of the tests see.
struct FieldWriter {
  private var body: [UInt8] = []
  private var count: UInt64 = 0

  init() { body.reserveCapacity(512) }

  /// The map.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(body.count + 3)
    CBORWriter.head(.map, count, to: &bytes)
    bytes += body
    return bytes
  }

  mutating func text(_ key: String, _ value: String?) {
    guard let value else { return }
    self.key(key)
    CBORWriter.textString(value, to: &body)
  }

  mutating func unsigned(_ key: String, _ value: UInt64?) {
    guard let value else { return }
    self.key(key)
    CBORWriter.head(.unsigned, value, to: &body)
  }

  /// 1 for true and 0 for false: the index shows numbers, and no truth values.
  mutating func flag(_ key: String, _ value: Bool?) { unsigned(key, value.map { $0 ? 1 : 0 }) }

  mutating func digest(_ key: String, _ value: Digest) {
    self.key(key)
    CBORWriter.head(.bytes, UInt64(Digest.byteCount), to: &body)
    value.append(to: &body)
  }

  mutating func byteString(_ key: String, _ value: [UInt8]) {
    self.key(key)
    CBORWriter.byteString(value.span, to: &body)
  }

  mutating func texts(_ key: String, _ values: [String]) {
    self.key(key)
    CBORWriter.head(.array, UInt64(values.count), to: &body)
    for value in values { CBORWriter.textString(value, to: &body) }
  }

  mutating func unsigneds(_ key: String, _ values: [UInt64]) {
    self.key(key)
    CBORWriter.head(.array, UInt64(values.count), to: &body)
    for value in values { CBORWriter.head(.unsigned, value, to: &body) }
  }

  private mutating func key(_ key: String) {
    count += 1
    CBORWriter.textString(key, to: &body)
  }
}
