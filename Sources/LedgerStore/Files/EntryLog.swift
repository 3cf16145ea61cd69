import Foundation
import Ledger
import TransparencyLog

/// The entries as they lie on disk: `u16 big-endian length || entry`, one after the other, over one or more segments.
///
/// A position is a byte offset into all segments laid end to end. A segment is named by its first entry's index, 12 digits;
/// a new one begins after `segmentLimit` bytes, at a multiple of 256 entries, so that every bundle lies in one file.
struct EntryLog: Sendable {
  /// 1 GiB; tests use less.
  static let standardSegmentLimit: UInt64 = 1 << 30

  private struct Segment: Sendable {
    let first: UInt64
    let start: UInt64
    let file: File
    var byteCount: UInt64
  }

  private let directory: Directory
  private let limit: UInt64
  private var segments: [Segment]
  /// What else is in the folder: it is no part of the ledger, and left alone. With reasons, for people.
  let ignored: [String]

  /// The log in the folder `entries` of the ledger's directory.
  ///
  /// A segment is taken for one if its name is the number of entries before it; whatever else is there is named in `ignored`.
  ///
  /// - Parameter offsets: where bundles begin: what they say of a segment's place saves counting the entries before it.
  init(
    in ledger: Directory, writing: Bool, offsets: OffsetsFile? = nil,
    segmentLimit: UInt64 = EntryLog.standardSegmentLimit
  ) throws(Failure) {
    directory = try ledger.folder("entries")
    limit = segmentLimit
    var segments: [Segment] = []
    var ignored: [String] = []
    for name in try directory.names() {
      guard let first = EntryLog.index(named: name) else {
        ignored.append("\(directory.path(of: name)): not a segment of entries; ignored")
        continue
      }
      let file = try File(name, in: directory, writing ? .write : .read)
      let size = try file.size()
      let start = segments.last.map { $0.start + $0.byteCount } ?? 0
      guard try EntryLog.follows(first, at: start, segments, offsets) else {
        ignored.append(
          "\(directory.path(of: name)): its name is not the number of entries before it; ignored")
        continue
      }
      segments.append(Segment(first: first, start: start, file: file, byteCount: size))
    }
    (self.segments, self.ignored) = (segments, ignored)
  }

  /// The index of its first entry that a segment called `name` would have; nil for what can't be a segment's name.
  private static func index(named name: String) -> UInt64? {
    guard name.utf8.count >= 12, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let index = UInt64(name),
      index.isMultiple(of: 256), EntryLog.name(index) == name
    else { return nil }
    return index
  }

  private static func name(_ index: UInt64) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// Whether `first` entries lie in `segments`, which end at byte `start`.
  private static func follows(
    _ first: UInt64, at start: UInt64, _ segments: [Segment], _ offsets: OffsetsFile?
  ) throws(Failure) -> Bool {
    guard let last = segments.last else { return first == 0 }
    guard first > last.first else { return false }
    let bundle = first / 256
    if let offsets, bundle < offsets.count, try offsets.positions(bundle..<bundle + 1)[0] == start {
      return true
    }
    // The offsets are only a hint.
    var (count, at) = (last.first, UInt64(0))
    while at < last.byteCount {
      let bytes = try last.file.read(at: at, upTo: 4 << 20)
      let frames = EntryFrames.split(bytes.span)
      guard frames.end > 0 else { return false }
      count += UInt64(frames.ranges.count)
      at += UInt64(frames.end)
    }
    return count == first
  }

  /// The number of bytes in all segments.
  var byteCount: UInt64 { segments.last.map { $0.start + $0.byteCount } ?? 0 }

  /// At most `count` bytes from `position` on, across segments; fewer only at the end.
  func read(at position: UInt64, upTo count: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(at: position, upTo: count, into: &bytes)
    return bytes
  }

  /// As `read(at:upTo:)`, in the place of what `bytes` holds: no memory is taken where that was as long.
  func read(at position: UInt64, upTo count: Int, into bytes: inout [UInt8]) throws(Failure) {
    var done = 0
    for segment in segments where segment.start + segment.byteCount > position && done < count {
      let from = max(position, segment.start) - segment.start
      let wanted = Int(min(UInt64(count - done), segment.byteCount - from))
      if bytes.count < done + wanted {
        let missing = done + wanted - bytes.count
        bytes.append(addingCapacity: missing) { span in
          span.withUnsafeMutableBufferPointer { buffer, count in
            memset(buffer.baseAddress! + count, 0, missing)
            count += missing
          }
        }
      }
      let read = try segment.file.read(at: from, into: &bytes, done..<done + wanted)
      done += read
      if read < wanted { break }
    }
    bytes.removeLast(bytes.count - done)
  }

  /// The entry whose frame begins at `position`, and the position behind it.
  ///
  /// - Throws: `Fault.missing` where the entries end before it does.
  func entry(at position: UInt64) throws -> (entry: [UInt8], next: UInt64) {
    let prefix = try read(at: position, upTo: 2)
    guard prefix.count == 2 else { throw Fault(.missing, "the entries end at byte \(position)") }
    let count = Int(prefix[0]) << 8 | Int(prefix[1])
    let entry = try read(at: position + 2, upTo: count)
    guard entry.count == count, count > 0 else {
      throw Fault(.missing, "the entries end within one at byte \(position)")
    }
    return (entry, position + 2 + UInt64(count))
  }

  /// The position `count` entries behind `position`.
  func position(skipping count: UInt64, from position: UInt64) throws -> UInt64 {
    var (at, left) = (position, count)
    while left > 0 {
      let bytes = try read(at: at, upTo: min(1 << 20, max(1 << 16, Int(left) * 1024)) + 2)
      let frames = EntryFrames.split(bytes.span, limit: Int(clamping: left))
      guard frames.end > 0 else { throw Fault(.missing, "the entries end at byte \(at), \(left) too early") }
      at += UInt64(frames.end)
      left -= UInt64(frames.ranges.count)
    }
    return at
  }

  // MARK: Writing

  /// Appends a run of frames, of which the first is entry `index`, at `position`, which must be the end.
  ///
  /// - Parameter frames: where each frame begins in `bytes`.
  /// Nothing is sure to be on the disk before `sync`.
  mutating func append(_ bytes: [UInt8], frames: [Int], index: UInt64) throws(Failure) {
    var from = 0
    for (number, start) in frames.enumerated() {
      let next = index + UInt64(number)
      let room = segments.last.map { $0.byteCount + UInt64(start - from) < limit } ?? false
      guard next.isMultiple(of: 256), !room else { continue }
      if start > from { try write(bytes[from..<start]) }
      try beginSegment(next)
      from = start
    }
    try write(bytes[from...])
  }

  private mutating func beginSegment(_ index: UInt64) throws(Failure) {
    let start = byteCount
    // The segment that ends here is synced now: afterwards only the last one is.
    try segments.last?.file.sync()
    let file = try File(EntryLog.name(index), in: directory, .create)
    try directory.sync()
    segments.append(Segment(first: index, start: start, file: file, byteCount: 0))
  }

  private mutating func write(_ bytes: ArraySlice<UInt8>) throws(Failure) {
    guard let last = segments.indices.last, !bytes.isEmpty else { return }
    try segments[last].file.write(Array(bytes), at: segments[last].byteCount)
    segments[last].byteCount += UInt64(bytes.count)
  }

  /// Puts the last segment on the disk.
  func sync() throws(Failure) { try segments.last?.file.sync() }

  /// Cuts everything from `position` on away, for a tail that was copied elsewhere.
  mutating func truncate(to position: UInt64) throws(Failure) {
    while let last = segments.last, last.start >= position, last.start > 0 {
      try last.file.truncate(to: 0)
      try directory.remove(EntryLog.name(last.first))
      try directory.sync()
      segments.removeLast()
    }
    guard let last = segments.indices.last, segments[last].start <= position else { return }
    try segments[last].file.truncate(to: position - segments[last].start)
    try segments[last].file.sync()
    segments[last].byteCount = position - segments[last].start
  }
}

/// Length prefixes, walked.
package enum EntryFrames {
  /// The entries whose frames begin at 0 of `bytes` and lie whole in it, at most `limit`.
  ///
  /// - Returns: where each lies without its prefix, and where the walk ended: at the end, at a frame that is cut off, or
  ///   at a prefix of 0, which no entry has.
  package static func split(_ bytes: Span<UInt8>, from start: Int = 0, limit: Int = .max) -> (
    ranges: [Range<Int>], end: Int
  ) {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(min(limit, (bytes.count - start) / 256))
    var at = start
    while at + 2 <= bytes.count, ranges.count < limit {
      let count = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      guard count > 0, at + 2 + count <= bytes.count else { break }
      ranges.append(at + 2..<at + 2 + count)
      at += 2 + count
    }
    return (ranges, at)
  }

  /// Whether the length prefix of the entry at `range` of `bytes` is its length.
  static func isFramed(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
    Int(bytes[range.lowerBound - 2]) << 8 | Int(bytes[range.lowerBound - 1]) == range.count
  }
}
