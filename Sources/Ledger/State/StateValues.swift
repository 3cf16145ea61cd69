/// Values of the state one behind the other, each behind its length, a little-endian u32.
public struct StateValues: Sendable {
  /// The number of bytes of a length.
  public static let headByteCount = 4

  /// All of them; nothing for a key that is removed.
  public private(set) var bytes: [UInt8] = []
  /// The range of each in `bytes`, without its length; nil if the key is removed.
  public private(set) var ranges: [Range<Int>?] = []

  /// None.
  public init(expecting count: Int = 0) {
    bytes.reserveCapacity(80 * count)
    ranges.reserveCapacity(count)
  }

  /// Those of `values`; nil removes a key.
  package init(_ values: [[UInt8]?]) {
    self.init(expecting: values.count)
    for value in values { append(value) }
  }

  /// Appends a value, or that a key is removed.
  mutating func append(_ value: [UInt8]?) {
    guard let value else { return ranges.append(nil) }
    append { $0.append(contentsOf: value) }
  }

  /// Appends the value that `write` appends to bytes.
  mutating func append(_ write: (inout [UInt8]) -> Void) {
    let head = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: StateValues.headByteCount))
    let start = bytes.count
    write(&bytes)
    let count = UInt32(bytes.count - start)
    for place in 0..<StateValues.headByteCount {
      bytes[head + place] = UInt8(truncatingIfNeeded: count >> (8 * place))
    }
    ranges.append(start..<bytes.count)
  }

  /// Value `number`; nil if the key is removed.
  public subscript(number: Int) -> [UInt8]? { ranges[number].map { Array(bytes[$0]) } }
}
