/// Where each bundle of 256 entries begins: little-endian u64 positions in the entry log. Derived.
struct OffsetsFile: Sendable {
  private let file: File
  /// The number of whole positions.
  private(set) var count: UInt64
  /// Whether the file ends within a position.
  private(set) var isPartial: Bool

  init(_ path: String, writing: Bool) throws(Failure) {
    file = try File(path, writing ? .writeOrCreate : .read)
    let size = try file.size()
    (count, isPartial) = (size / 8, !size.isMultiple(of: 8))
  }

  /// How many bundles a tree of `size` entries has begun.
  static func bundleCount(treeSize size: UInt64) -> UInt64 { size / 256 + (size.isMultiple(of: 256) ? 0 : 1) }

  /// The positions of `bundles`, which must be there.
  func positions(_ bundles: Range<UInt64>) throws(Failure) -> [UInt64] {
    let bytes = try file.read(at: bundles.lowerBound * 8, exactly: bundles.count * 8)
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
  }

  /// Cuts away what lies behind the last whole position.
  mutating func mendTail() throws(Failure) {
    if isPartial { try file.truncate(to: count * 8) }
    isPartial = false
  }

  /// Appends positions.
  mutating func append(_ positions: [UInt64]) throws(Failure) {
    var bytes: [UInt8] = []
    for position in positions {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: position >> shift))
      }
    }
    try file.write(bytes, at: count * 8)
    count += UInt64(positions.count)
  }
}
