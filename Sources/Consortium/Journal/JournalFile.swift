import Glibc

/// A segment of a validator's journal on the disk: frames `u32 big-endian n || record || u32 big-endian n`, appended and synced one by
/// one.
///
/// What a crash can leave behind the last whole frame, a part of one that nobody was sent, is cut off when
/// it is opened; anything else that is not a journal is refused.
final class JournalFile: JournalStore {
  private let path: String
  private let descriptor: Int32
  private var hasFailed = false
  /// How many bytes its records take.
  private(set) var byteCount = 0

  private init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

  deinit { close(descriptor) }

  private static func opened(_ path: String) throws(ConsortiumError) -> JournalFile {
    let file = JournalFile(path: path, descriptor: try Files.open(path, O_RDWR | O_APPEND))
    try Files.lock(file.descriptor, path)
    return file
  }

  /// The journal at `path`, and its records.
  ///
  /// - Parameter isNewest: whether a crash may have cut off its end.
  /// - Throws: `journal-failed`, also where another process has it; `journal-damaged` for what no crash can have left.
  static func open(
    _ path: String, isNewest: Bool = true
  ) throws(ConsortiumError) -> (file: JournalFile, records: [JournalRecord]) {
    let file = try opened(path)
    let bytes = try Files.contents(of: file.descriptor, path)
    let (records, count) = try JournalFrames.records(in: bytes, of: path)
    if count < bytes.count {
      guard isNewest else {
        throw ConsortiumError(
          .journalDamaged, "\(path) ends inside a record at byte \(count), though another segment follows it")
      }
      guard ftruncate(file.descriptor, off_t(count)) == 0, fdatasync(file.descriptor) == 0 else {
        throw Files.failure("cutting off an unfinished record", path)
      }
    }
    file.byteCount = count
    return (file, records)
  }

  /// Appends a record and syncs.
  ///
  /// - Throws: `journal-failed`; nothing is appended after that until the journal is opened again.
  func append(_ record: JournalRecord) throws(ConsortiumError) {
    // After a failed sync what the file holds is not known: the kernel may have dropped it and say so only once.
    guard !hasFailed else {
      throw ConsortiumError(.journalFailed, "\(path): a write has failed before; start again")
    }
    hasFailed = true
    let frame = JournalFrames.frame(record)
    try Files.write(frame, to: descriptor, path)
    byteCount += frame.count
    hasFailed = false
  }
}
