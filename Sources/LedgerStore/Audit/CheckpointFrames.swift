import Ledger
import TransparencyLog

/// The stored checkpoints in order, as far as they can be read; goes on behind damage where it can.
struct CheckpointFrames {
  private let log: CheckpointLog
  private let size: UInt64
  private var offset: UInt64 = 0
  private var faults: [String] = []
  private var isLoaded = false
  /// The checkpoint that is loaded; nil where its bytes are no checkpoint.
  private(set) var current: StoredCheckpoint?
  /// Where the frame lies that was dropped last.
  private(set) var offsetOfLast: UInt64 = 0
  private var currentOffset: UInt64 = 0
  /// Whether frames were lost before the one that is loaded; the blocks that they were of need no further complaint.
  private(set) var hasGap = false
  /// Whether the file ends within a frame, as a write that was cut short leaves it.
  private(set) var isTorn = false
  /// The origin that every checkpoint begins with.
  var origin = ""
  /// The size of the newest checkpoint, where it can be read.
  let total: UInt64?

  init(_ log: CheckpointLog) {
    self.log = log
    var (size, total): (UInt64, UInt64?) = (0, nil)
    do {
      size = try log.file.size()
      if let frame = try log.last() { total = try StoredCheckpoint(parsing: frame.note.span).checkpoint.size }
    } catch {
      // Only a hint for progress; what is wrong there is found when it is read in its turn.
    }
    (self.size, self.total) = (size, total)
  }

  /// Loads the next checkpoint, if none is loaded. False behind the last.
  mutating func load() throws(Failure) -> Bool {
    guard !isLoaded else { return true }
    guard offset < size else { return false }
    if let frame = try log.frame(at: offset) {
      do { current = try StoredCheckpoint(parsing: frame.note.span) } catch {
        current = nil
        faults.append("the checkpoint at byte \(offset): \(error.description)")
      }
      (currentOffset, offset, isLoaded) = (frame.offset, frame.next, true)
      return true
    }
    if let next = try log.nextFrame(after: offset, origin: origin) {
      faults.append("the checkpoints can't be followed from byte \(offset) to byte \(next)")
      offset = next
      hasGap = true
      return try load()
    }
    isTorn = try log.isTorn(at: offset)
    if !isTorn { faults.append("the checkpoints can't be followed from byte \(offset) on") }
    offset = size
    return false
  }

  /// Takes the loaded checkpoint off.
  mutating func drop() {
    (offsetOfLast, isLoaded, hasGap) = (currentOffset, false, false)
  }

  /// What was found since the last call, as faults of `block`.
  mutating func takeFaults(block: UInt64) -> [Fault] {
    defer { faults = [] }
    return faults.map { Fault(.malformedCheckpoint, block: block, $0) }
  }
}

extension CheckpointLog {
  /// Whether what lies from `offset` to the end is the beginning of a frame that a write left unfinished.
  func isTorn(at offset: UInt64) throws(Failure) -> Bool {
    let left = try file.size() - offset
    guard left >= 4 else { return true }
    let count = try file.read(at: offset, exactly: 4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return (1...UInt64(CheckpointLog.maximumNoteByteCount)).contains(count) && left < count + 8
  }
}
