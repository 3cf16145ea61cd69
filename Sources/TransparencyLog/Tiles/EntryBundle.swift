/// Entry bundles: entries one after the other, each behind its length as a big-endian u16 (C2SP tlog-tiles).
public enum EntryBundle {
  /// The largest entry that a bundle can hold, in bytes.
  public static let maximumEntryByteCount = 65_535

  /// Appends `entry` behind its length. Traps if it has more than 65,535 bytes.
  public static func append(_ entry: Span<UInt8>, to bundle: inout [UInt8]) {
    precondition(entry.count <= maximumEntryByteCount, "an entry has at most 65,535 bytes")
    // No capacity is reserved: that would copy a growing bundle for each entry.
    bundle.append(UInt8(entry.count >> 8))
    bundle.append(UInt8(entry.count & 0xff))
    unsafe entry.withUnsafeBufferPointer { unsafe bundle.append(contentsOf: $0) }
  }

  /// The ranges of the entries in `bundle`, without their lengths.
  ///
  /// - Throws: `malformedBundle` unless `bundle` is exactly `count` entries.
  public static func entries(of bundle: Span<UInt8>, count: Int) throws(LogError) -> [Range<Int>] {
    // Each entry takes two bytes at least, which bounds what is allocated by what was given.
    guard (0...bundle.count / 2).contains(count) else {
      throw LogError(.malformedBundle, "\(bundle.count) bytes are not \(count) entries")
    }
    var entries: [Range<Int>] = []
    entries.reserveCapacity(count)
    var position = 0
    for _ in 0..<count {
      guard bundle.count - position >= 2 else { throw LogError(.malformedBundle, "a length is cut off") }
      let length = Int(bundle[position]) << 8 | Int(bundle[position + 1])
      position += 2
      guard bundle.count - position >= length else { throw LogError(.malformedBundle, "an entry is cut off") }
      entries.append(position..<position + length)
      position += length
    }
    guard position == bundle.count else { throw LogError(.malformedBundle, "bytes after the last entry") }
    return entries
  }
}
