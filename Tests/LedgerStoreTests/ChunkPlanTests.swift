import Foundation
import Testing

@testable import LedgerStore

@Suite("Where the entry log is cut into chunks")
struct ChunkPlanTests {
  private static let usual = 4 * 65_537

  /// A log of entries of 1 to `longest` bytes with its offsets, and the positions at which frames begin; its end is the last.
  private func withLog(
    _ count: Int, longest: Int, _ body: (EntryLog, OffsetsFile, Set<UInt64>) throws -> Void
  ) throws {
    let folder = "\(NSTemporaryDirectory())zheng-plan-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: "\(folder)/entries", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let directory = try Directory(folder)
    var log = try EntryLog(in: directory, writing: true)
    var offsets = try OffsetsFile(in: directory, writing: true)
    var (bytes, frames): ([UInt8], [Int]) = ([], [])
    for number in 0..<count {
      let length = 1 + number &* 7919 % longest
      if number.isMultiple(of: 256) { offsets.append([UInt64(bytes.count)]) }
      frames.append(bytes.count)
      bytes += [UInt8(length >> 8), UInt8(length & 0xff)] + [UInt8](repeating: 7, count: length)
    }
    try log.append(bytes, frames: frames, index: 0)
    try body(log, offsets, Set(frames.map(UInt64.init) + [UInt64(bytes.count)]))
  }

  /// The ends of the chunks from the beginning on.
  private func ends(_ plan: inout ChunkPlan, _ log: EntryLog) throws -> [UInt64] {
    var ends: [UInt64] = [0]
    while let last = ends.last, last < log.byteCount { ends.append(try plan.end(ofChunkAt: last)) }
    return ends
  }

  @Test(
    "with true offsets and without any, chunks end at frames, have about the usual length, and reach to the end",
    arguments: [600, 5000])
  func frames(longest: Int) throws {
    try withLog(4000, longest: longest) { log, offsets, frames in
      for offsets in [offsets, nil] {
        var plan = ChunkPlan(log, offsets, usual: Self.usual)
        let ends = try ends(&plan, log)
        #expect(ends.last == log.byteCount)
        for (begin, end) in zip(ends, ends.dropFirst()) {
          #expect(frames.contains(end))
          #expect(end - begin <= UInt64(2 * Self.usual))
          #expect(end - begin > UInt64(Self.usual - 65_537) || end == log.byteCount)
        }
      }
    }
  }

  @Test(
    "offsets that are wrong cut a chunk at a wrong place and never beyond the end; distrusted, they are not looked at"
  )
  func wrong() throws {
    try withLog(4000, longest: 600) { log, offsets, frames in
      var wrong = offsets
      // Behind the true ones, which end before the log does.
      wrong.append([log.byteCount - 1, .max, 3])
      var plan = ChunkPlan(log, wrong, usual: Self.usual)
      let believed = try ends(&plan, log)
      #expect(believed.last == log.byteCount && believed == believed.sorted())
      plan.distrust()
      let end = try plan.end(ofChunkAt: 0)
      #expect(frames.contains(end) && end <= UInt64(Self.usual))
    }
  }
}
