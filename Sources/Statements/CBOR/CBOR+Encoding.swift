extension CBOR {
  /// The deterministic encoding (RFC 8949 §4.2.1).
  ///
  /// What is nested deeper than `maximumDepth` is written too, and would not be read back.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the deterministic encoding to `bytes`.
  public func append(to bytes: inout [UInt8]) {
    switch self {
    case .unsigned(let value): CBORWriter.head(.unsigned, value, to: &bytes)
    case .negative(let value): CBORWriter.head(.negative, value, to: &bytes)
    case .bytes(let content): CBORWriter.byteString(content.span, to: &bytes)
    case .text(let text): CBORWriter.textString(text, to: &bytes)
    case .array(let items):
      CBORWriter.head(.array, UInt64(items.count), to: &bytes)
      for item in items { item.append(to: &bytes) }
    case .map(let map):
      CBORWriter.head(.map, UInt64(map.count), to: &bytes)
      for (key, value) in map.pairs {
        key.append(to: &bytes)
        value.append(to: &bytes)
      }
    case .tagged(let tag, let item):
      CBORWriter.head(.tag, tag, to: &bytes)
      item.append(to: &bytes)
    case .bool(let value): CBORWriter.head(.simple, value ? 21 : 20, to: &bytes)
    case .null: CBORWriter.head(.simple, 22, to: &bytes)
    }
  }
}
