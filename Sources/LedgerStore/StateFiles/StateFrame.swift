import Ledger
import LedgerCrypto

/// What a block has changed, as it lies in the file of leaves. Numbers are little-endian.
///
/// ```
/// frame  = u64 height || 32 root || u64 number of bytes of the buckets || u64 number of buckets || bucket*
/// bucket = u32 number || u32 count || count * (32 path || 32 value hash || u64 place)
/// ```
struct StateFrame: Sendable {
  static let recordByteCount = 72
  static let headByteCount = 56
  static let bucketHeadByteCount = 8
  /// What a file of leaves begins with, before its depth: u64.
  static let mark = Array("zheng state 2\n\0\0".utf8)
  static let fileHeaderByteCount = 24

  let height: UInt64
  private(set) var bytes: [UInt8]
  /// Where the leaves of each bucket begin.
  private(set) var starts: [Int] = []

  /// A frame without buckets.
  init(height: UInt64) {
    self.height = height
    bytes = [UInt8](repeating: 0, count: StateFrame.headByteCount)
  }

  /// What a file with buckets of `depth` bits begins with.
  static func fileHeader(depth: Int) -> [UInt8] {
    var bytes = mark
    bytes.appendNumber(UInt64(depth))
    return bytes
  }

  mutating func begin(_ bucket: Int) {
    bytes.appendNumber(UInt64(bucket))
    starts.append(bytes.count)
  }

  /// Appends records as they are.
  mutating func add(_ records: ArraySlice<UInt8>) { bytes += records }

  mutating func add(path: Digest, valueHash: Digest, place: UInt64) {
    path.append(to: &bytes)
    valueHash.append(to: &bytes)
    bytes.appendNumber(place)
  }

  /// Ends the bucket that was begun last.
  mutating func end() {
    guard let start = starts.last else { preconditionFailure("no bucket was begun") }
    bytes.setNumber(UInt32((bytes.count - start) / StateFrame.recordByteCount), at: start - 4)
  }

  /// The whole frame, with what is known at its end.
  mutating func finish(root: Digest) -> [UInt8] {
    bytes.setNumber(height, at: 0)
    bytes.replaceSubrange(8..<40, with: root.bytes)
    bytes.setNumber(UInt64(bytes.count - StateFrame.headByteCount), at: 40)
    bytes.setNumber(UInt64(starts.count), at: 48)
    return bytes
  }
}

extension StateFiles.Buckets {
  /// Makes `leaves` of `bytes`.
  mutating func hash(using hasher: inout StateHasher) {
    let size = StateFrame.recordByteCount
    let count = bytes.count / size
    var pairs: [Digest] = []
    pairs.reserveCapacity(2 * count)
    for start in stride(from: 0, to: count * size, by: size) {
      guard let path = Digest(bytes.span, at: start), let value = Digest(bytes.span, at: start + 32) else {
        break
      }
      pairs.append(path)
      pairs.append(value)
    }
    hasher.hashLeaves(&pairs, count: count)
    leaves.reserveCapacity(count)
    for number in 0..<count {
      guard let path = Digest(bytes.span, at: number * size) else { break }
      leaves.append(StateLeaf(path: path, hash: pairs[number]))
    }
  }

  /// Whether the leaves of each bucket are that bucket's, and ascend.
  func isOrdered(_ buckets: [Int], depth: Int) -> Bool { isOrdered(buckets, bounds, depth: depth) }

  /// Whether the leaves between `bounds` are those of `buckets`, and ascend.
  func isOrdered(_ buckets: [Int], _ bounds: [Int], depth: Int) -> Bool {
    for (number, bucket) in buckets.enumerated() {
      for place in bounds[number]..<bounds[number + 1] {
        let path = leaves[place].path
        guard path.bucket(depth: depth) == bucket,
          place == bounds[number] || leaves[place - 1].path < path
        else { return false }
      }
    }
    return true
  }

  /// The hash of the value of leaf `number`, and its place.
  func value(_ number: Int) -> (hash: Digest?, place: UInt64) {
    let start = number * StateFrame.recordByteCount
    return (Digest(bytes.span, at: start + 32), bytes.number(at: start + 64))
  }

  /// The leaves of `paths`, ascending, of which those up to each of `ends` lie in one bucket after the other.
  func find(_ paths: [Digest], _ ends: [Int]) -> [StateFiles.OldLeaf?] {
    var found: [StateFiles.OldLeaf?] = []
    found.reserveCapacity(paths.count)
    for (number, end) in ends.enumerated() {
      var place = bounds[number]
      while found.count < end {
        let path = paths[found.count]
        while place < bounds[number + 1], leaves[place].path < path { place += 1 }
        guard place < bounds[number + 1], leaves[place].path == path else {
          found.append(nil)
          continue
        }
        let (hash, valuePlace) = value(place)
        found.append(hash.map { StateFiles.OldLeaf(valueHash: $0, place: valuePlace) })
      }
    }
    return found
  }

  /// Appends what becomes of bucket `number` by some of a batch's changes.
  func merge(
    _ number: Int, _ batch: StateBatch, _ changes: Range<Int>, _ places: [UInt64],
    into merged: inout [StateLeaf], _ frame: inout StateFrame
  ) {
    let size = StateFrame.recordByteCount
    var place = bounds[number]
    let end = bounds[number + 1]
    for index in changes {
      let change = batch.changes[index]
      let start = place
      while place < end, leaves[place].path < change.path { place += 1 }
      merged += leaves[start..<place]
      frame.add(bytes[start * size..<place * size])
      if place < end, leaves[place].path == change.path { place += 1 }
      if let hash = change.hash {
        merged.append(StateLeaf(path: change.path, hash: hash))
        frame.add(path: change.path, valueHash: batch.valueHashes[index], place: places[index])
      }
    }
    merged += leaves[place..<end]
    frame.add(bytes[place * size..<end * size])
  }
}

extension [UInt8] {
  /// Appends a little-endian number.
  mutating func appendNumber<Number: FixedWidthInteger>(_ number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// Writes a little-endian number over what is at `offset`.
  mutating func setNumber<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self) }
  }

  /// The little-endian number at `offset`.
  func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type = UInt64.self) -> Number {
    withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
  }
}
