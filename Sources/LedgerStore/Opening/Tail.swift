import Foundation
import Ledger
import LedgerCrypto
import Statements

/// What lies beyond the last whole checkpoint: at most one block of which nobody was told.
enum Tail {
  /// Nothing.
  case none
  /// One whole block, its header last: to be finished.
  case block(bytes: [UInt8], ranges: [Range<Int>])
  /// A part of a block: to be moved aside.
  case incomplete(bytes: [UInt8])

  /// The most bytes of a tail that are read: a block and some.
  private static let limit = 512 << 20

  /// What lies in `log` from `position` on.
  ///
  /// - Parameters:
  ///   - size: the index of the first entry there.
  ///   - hasTornCheckpoint: whether part of a checkpoint lies behind the last whole one.
  /// - Throws: `Fault` for what no crash leaves behind: more than a block, or whole frames behind a break.
  static func read(
    _ log: EntryLog, from position: UInt64, size: UInt64, block: UInt64, hasTornCheckpoint: Bool
  ) throws -> Tail {
    let count = log.byteCount - position
    if count == 0 {
      guard !hasTornCheckpoint else {
        throw Fault(
          .malformedCheckpoint, block: block,
          "the last checkpoint is damaged, and no unfinished block explains it")
      }
      return .none
    }
    guard count <= limit else {
      throw Fault(.missing, block: block, "\(count) bytes of entries without a checkpoint")
    }
    let bytes = try log.read(at: position, upTo: Int(count))
    let frames = EntryFrames.split(bytes.span)
    let headers = frames.ranges.indices.filter { isHeader(bytes.span.extracting(frames.ranges[$0])) }
    if let first = headers.first {
      guard first == frames.ranges.count - 1, frames.end == bytes.count else {
        throw Fault(
          .missing, block: block + 1, entry: size + UInt64(first) + 1, "more than one block has no checkpoint"
        )
      }
      return .block(bytes: bytes, ranges: frames.ranges)
    }
    guard !hasTornCheckpoint else {
      throw Fault(
        .malformedCheckpoint, block: block, "part of a checkpoint, and no whole block that it is of")
    }
    if hasFrames(behind: frames.end, in: bytes.span) {
      let entry = size + UInt64(frames.ranges.count)
      throw Fault(
        .malformedEntry, block: block, entry: entry, "a break in the entries, with whole ones behind it")
    }
    return .incomplete(bytes: bytes)
  }

  private static func isHeader(_ entry: Span<UInt8>) -> Bool {
    do { return BlockHeader.isHeader(try EntryView(decoding: entry), of: entry) } catch { return false }
  }

  /// Whether a chain of whole frames that begins somewhere behind `end` leads to the last byte.
  private static func hasFrames(behind end: Int, in bytes: Span<UInt8>) -> Bool {
    guard end < bytes.count else { return false }
    for start in end + 1..<bytes.count
    where start + 3 < bytes.count && bytes[start + 2] == 0xd2 && bytes[start + 3] == 0x84 {
      let frames = EntryFrames.split(bytes, from: start)
      if !frames.ranges.isEmpty, frames.end == bytes.count { return true }
    }
    return false
  }

  /// Keeps `bytes` in the folder `aside` under a name that says where they lay.
  static func keep(_ bytes: [UInt8], of what: String, at place: UInt64, in ledger: Directory) throws(Failure)
  {
    let aside = try ledger.makeFolder("aside")
    var number = 0
    while aside.exists("\(what)-\(place)-\(number)") { number += 1 }
    try aside.create("\(what)-\(place)-\(number)", bytes)
  }
}
