/// Where each bundle of 256 entries begins: little-endian u64 positions in the entry log. Derived.
///
/// What can't be written, or is worked out by a reader, is held in memory behind what the file has.
struct OffsetsFile: Sendable {
  private var file: File?
  private let writing: Bool
  /// The number of whole positions in the file.
  private var stored: UInt64
  /// Those behind them that the file lacks.
  private var tail: [UInt64] = []
  /// Whether the file ends within a position.
  private(set) var isPartial: Bool
  /// Why the file lacks positions, where it does.
  private(set) var failure: Failure?

  /// The number of positions.
  var count: UInt64 { stored + UInt64(tail.count) }

  /// The offsets in the ledger's directory.
  init(in directory: Directory, writing: Bool) throws(Failure) {
    self.writing = writing
    let file = try File("offsets", in: directory, writing ? .writeOrCreate : .read)
    let size = try file.size()
    (self.file, stored, isPartial) = (file, size / 8, !size.isMultiple(of: 8))
  }

  /// No offsets, to be worked out in memory.
  init() { (file, writing, stored, isPartial) = (nil, false, 0, false) }

  /// How many bundles a tree of `size` entries has begun.
  static func bundleCount(treeSize size: UInt64) -> UInt64 { size / 256 + (size.isMultiple(of: 256) ? 0 : 1) }

  /// The positions of `bundles`, which must be there.
  func positions(_ bundles: Range<UInt64>) throws(Failure) -> [UInt64] {
    var positions: [UInt64] = []
    let inFile = bundles.clamped(to: 0..<stored)
    if !inFile.isEmpty, let file {
      let bytes = try file.read(at: inFile.lowerBound * 8, exactly: inFile.count * 8)
      for start in stride(from: 0, to: bytes.count, by: 8) {
        positions.append((0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) })
      }
    }
    let inTail = bundles.clamped(to: stored..<max(stored, count))
    for bundle in inTail { positions.append(tail[Int(bundle - stored)]) }
    guard positions.count == bundles.count else {
      throw Failure(
        "read", file?.path ?? "offsets", reason: "they end at \(count), and can be made anew from the entries"
      )
    }
    return positions
  }

  /// Cuts away what lies behind the last whole position.
  mutating func mendTail() throws(Failure) {
    if isPartial { try file?.truncate(to: stored * 8) }
    isPartial = false
  }

  /// Appends positions; where the file can't take them they are held in memory, and written with the next.
  mutating func append(_ positions: [UInt64], unless obstacle: Failure? = nil) {
    tail += positions
    guard writing, let file, !tail.isEmpty else { return }
    var bytes: [UInt8] = []
    for position in tail {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: position >> shift))
      }
    }
    do throws(Failure) {
      if let obstacle { throw obstacle }
      try file.write(bytes, at: stored * 8)
      stored += UInt64(tail.count)
      (tail, failure) = ([], nil)
    } catch { failure = error }
  }
}
