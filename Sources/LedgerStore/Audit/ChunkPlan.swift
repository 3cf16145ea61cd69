/// Where the entry log is cut into chunks that can be walked side by side: at frames.
///
/// The stored offsets of bundles are taken at their word, which the walk then shows to be true or not; where there are none, the
/// plan walks ahead itself.
struct ChunkPlan {
  private let log: EntryLog
  /// How many bytes a chunk should have; several of the largest entries.
  private let usual: Int
  /// nil once they have been wrong.
  private var offsets: OffsetsFile?
  /// Those that were read and not passed, and the number of the bundle behind them.
  private var ahead: ArraySlice<UInt64> = []
  private var next: UInt64 = 0

  init(_ log: EntryLog, _ offsets: OffsetsFile?, usual: Int) {
    (self.log, self.offsets, self.usual) = (log, offsets, usual)
  }

  /// The position behind the chunk that begins at `position`; chunks are asked for in their order.
  ///
  /// It is at most twice `usual` bytes on, and not fewer than those of a few of the largest entries, but for the end of the log.
  mutating func end(ofChunkAt position: UInt64) throws(Failure) -> UInt64 {
    let least = position + UInt64(usual)
    if least >= log.byteCount { return max(position, log.byteCount) }
    // Bundles of large entries lie far apart: chunks of so many bytes would take too much memory.
    if let bundle = try bundle(at: least), bundle <= least + UInt64(usual), bundle <= log.byteCount {
      return bundle
    }
    let bytes = try log.read(at: position, upTo: usual)
    let walked = EntryFrames.split(bytes.span).end
    return walked > 0 ? position + UInt64(walked) : least
  }

  /// Does without offsets from now on: the walk has shown that one of them is wrong, or has gone off its track.
  mutating func distrust() { (offsets, ahead) = (nil, []) }

  /// The first stored position that is not below `least`; the log's end where none is, but for a bundle that is not full.
  private mutating func bundle(at least: UInt64) throws(Failure) -> UInt64? {
    guard let offsets else { return nil }
    while true {
      while let position = ahead.first {
        if position >= least { return position }
        ahead.removeFirst()
      }
      let end = min(next + 4096, offsets.count)
      guard next < end else { return log.byteCount }
      ahead = try offsets.positions(next..<end)[...]
      next = end
    }
  }
}
