import Ledger
import TransparencyLog

/// A copy of a ledger's truth that comes from elsewhere, part by part, and is judged as a whole afterwards. What is there stays, so
/// that it can be gone on with.
///
/// Not for use from two threads at once.
package final class LedgerCopy {
  /// The directory.
  package let path: String
  /// How many entries are here, and how many checkpoints.
  package private(set) var size: UInt64 = 0
  package private(set) var checkpointCount: UInt64 = 0
  /// The newest checkpoint that is here.
  package private(set) var newest: [UInt8]?
  private(set) var log: EntryLog
  let checkpoints: CheckpointLog
  /// Where the next checkpoint's frame will begin.
  private(set) var end: UInt64 = 0

  /// Opens the copy in the directory `path`, which is made where it is not there, and cuts away what was written in part.
  ///
  /// - Throws: `LedgerBusy` where another process copies there.
  package convenience init(_ path: String) throws {
    try StateFolder.make(path)
    let directory = try Directory(path)
    guard !directory.exists("keys") else {
      throw Failure(
        "create", path, reason: "a ledger with the keys of its validators is here; name another directory")
    }
    if !directory.exists("entries") { _ = try directory.makeFolder("entries") }
    if !directory.exists("checkpoints") { _ = try File("checkpoints", in: directory, .writeOrCreate) }
    let checkpoints = try CheckpointLog(in: directory, writing: true)
    guard try checkpoints.file.lock() else {
      throw LedgerBusy(path: path, holder: nil, node: Remedies().node)
    }
    self.init(path, checkpoints, try EntryLog(in: directory, writing: true))
    try cut()
  }

  private init(_ path: String, _ checkpoints: CheckpointLog, _ log: EntryLog) {
    (self.path, self.checkpoints, self.log) = (path, checkpoints, log)
  }

  /// Counts what is here, and cuts away what was written in part.
  private func cut() throws {
    while let frame = try checkpoints.frame(at: end) {
      newest = frame.note
      end = frame.next
      checkpointCount += 1
    }
    try checkpoints.file.truncate(to: end)
    var position: UInt64 = 0
    while true {
      let bytes = try log.read(at: position, upTo: 4 << 20)
      let frames = EntryFrames.split(bytes.span)
      guard frames.end > 0 else { break }
      position += UInt64(frames.end)
      size += UInt64(frames.ranges.count)
    }
    try log.truncate(to: position)
  }

  /// Appends a bundle of entries as C2SP tlog-tiles has them, of which the first `skipped` are here.
  ///
  /// - Returns: whether it is one of `count` entries; where it is not, nothing was appended.
  package func append(bundle: [UInt8], count: Int, skipping skipped: Int) throws -> Bool {
    let frames = EntryFrames.split(bundle.span)
    guard frames.end == bundle.count, frames.ranges.count == count, skipped < count else { return false }
    let starts = frames.ranges[skipped...].map { $0.lowerBound - 2 }
    try log.append(
      Array(bundle[starts[0]...]), frames: starts.map { $0 - starts[0] }, index: size)
    size += UInt64(starts.count)
    return true
  }

  /// Appends the checkpoint of the next block.
  package func append(checkpoint note: SignedNote) throws {
    let frame = CheckpointLog.frame(note.bytes)
    try checkpoints.file.write(frame, at: end)
    newest = note.bytes
    end += UInt64(frame.count)
    checkpointCount += 1
  }

  /// Puts what was appended on the disk.
  package func sync() throws {
    try log.sync()
    try checkpoints.file.sync()
  }
}
