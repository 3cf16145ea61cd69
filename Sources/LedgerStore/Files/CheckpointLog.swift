import Ledger
import LedgerCrypto
import TransparencyLog

/// The checkpoints as they lie on disk: frames of `u32 big-endian n || note || u32 big-endian n`, one per block.
struct CheckpointLog: Sendable {
  /// The most bytes of a note: 64 validators' lines and a long origin fit many times.
  static let maximumNoteByteCount = 65_536

  /// How many bytes a frame has beside its note.
  static let frameByteCount = 8

  let file: File

  /// The checkpoints in the ledger's directory.
  init(in directory: Directory, writing: Bool) throws(Failure) {
    file = try File("checkpoints", in: directory, writing ? .write : .read)
  }

  /// A frame that was read.
  struct Frame {
    /// Where it begins.
    let offset: UInt64
    let note: [UInt8]
    /// Where the next begins.
    var next: UInt64 { offset + UInt64(note.count + CheckpointLog.frameByteCount) }
  }

  /// The bytes of a frame around `note`.
  static func frame(_ note: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt32(note.count).bigEndian, Array.init)
    return length + note + length
  }

  /// The frame at `offset`, or nil where none lies whole there.
  func frame(at offset: UInt64) throws(Failure) -> Frame? {
    let prefix = try file.read(at: offset, upTo: 4)
    guard let count = CheckpointLog.length(prefix) else { return nil }
    let rest = try file.read(at: offset + 4, upTo: count + 4)
    guard rest.count == count + 4, CheckpointLog.length(Array(rest.suffix(4))) == count else { return nil }
    return Frame(offset: offset, note: Array(rest.prefix(count)))
  }

  /// The frame that ends with the file, or nil where none does.
  func last() throws(Failure) -> Frame? { try frame(before: file.size()) }

  /// The frame that ends at `size`, or nil where none does.
  func frame(before size: UInt64) throws(Failure) -> Frame? {
    guard size > 8, let count = CheckpointLog.length(try file.read(at: size - 4, upTo: 4)),
      size >= UInt64(count) + 8
    else { return nil }
    return try frame(at: size - UInt64(count) - 8)
  }

  /// Whether one of the newest blocks, as far back as a checkpoint counts as recent, ended with this tree.
  ///
  /// - Parameter end: where the frames of these blocks end.
  func hasRecent(size: UInt64, root: Digest, before end: UInt64) throws(Failure) -> Bool {
    var end = end
    for _ in 0..<RecentTrees.most {
      guard let frame = try frame(before: end) else { return false }
      do throws(LogError) {
        let checkpoint = try StoredCheckpoint(parsing: frame.note.span).checkpoint
        if checkpoint.size == size { return checkpoint.root == root }
        if checkpoint.size < size { return false }
      } catch { return false }
      end = frame.offset
    }
    return false
  }

  /// The first offset behind `offset` at which a whole frame lies whose note begins with `origin`, or nil.
  func nextFrame(after offset: UInt64, origin: String) throws(Failure) -> UInt64? {
    let mark = Array((origin + "\n").utf8)
    let size = try file.size()
    var at = offset
    while at < size {
      let window = try file.read(at: at, upTo: 1 << 20)
      guard window.count >= mark.count + 4 else { return nil }
      for start in 4...(window.count - mark.count)
      where window[start..<start + mark.count].elementsEqual(mark) {
        let candidate = at + UInt64(start) - 4
        if candidate > offset, try frame(at: candidate) != nil { return candidate }
      }
      at += UInt64(window.count - mark.count - 3)
      if at + UInt64(mark.count) + 4 >= size { return nil }
    }
    return nil
  }

  private static func length(_ bytes: [UInt8]) -> Int? {
    guard bytes.count == 4 else { return nil }
    let count = bytes.reduce(0) { $0 << 8 | Int($1) }
    return (1...maximumNoteByteCount).contains(count) ? count : nil
  }
}
