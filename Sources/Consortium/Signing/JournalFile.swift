import Glibc

/// A validator's journal on the disk: frames `u32 big-endian n || record || u32 big-endian n`, appended and synced one by one.
///
/// Only one process has it open. What a crash can leave behind the last whole frame, a part of one that nobody was sent, is cut off when
/// it is opened; anything else that is not a journal is refused.
public final class JournalFile: JournalStore {
  private let path: String
  private let descriptor: Int32
  private var hasFailed = false

  private init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

  deinit { close(descriptor) }

  /// A new journal, which begins with `first`.
  ///
  /// - Throws: `journal-failed`, also where there is a file already.
  public static func create(_ path: String, beginning first: JournalRecord) throws(ConsortiumError)
    -> JournalFile
  {
    let file = JournalFile(path: path, descriptor: try open(path, O_CREAT | O_EXCL))
    try file.append(first)
    try syncFolder(of: path)
    return file
  }

  /// The journal at `path`, and its records.
  ///
  /// - Throws: `journal-failed`, also where another process has it; `journal-damaged` for what no crash can have left.
  public static func open(
    _ path: String
  ) throws(ConsortiumError) -> (file: JournalFile, records: [JournalRecord]) {
    let file = JournalFile(path: path, descriptor: try open(path, 0))
    let bytes = try file.contents()
    let (records, count) = try JournalFrames.records(in: bytes, of: path)
    if count < bytes.count {
      guard ftruncate(file.descriptor, off_t(count)) == 0, fdatasync(file.descriptor) == 0 else {
        throw failure("cutting off an unfinished record", path)
      }
    }
    return (file, records)
  }

  /// Appends a record and syncs.
  ///
  /// - Throws: `journal-failed`; nothing is appended after that until the journal is opened again.
  public func append(_ record: JournalRecord) throws(ConsortiumError) {
    // After a failed sync what the file holds is not known: the kernel may have dropped it and say so only once.
    guard !hasFailed else {
      throw ConsortiumError(.journalFailed, "\(path): a write has failed before; start again")
    }
    hasFailed = true
    let frame = JournalFrames.frame(record)
    var done = 0
    while done < frame.count {
      let result = unsafe frame.withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress! + done, frame.count - done)
      }
      if result < 0 {
        if errno == EINTR { continue }
        throw JournalFile.failure("writing", path)
      }
      done += result
    }
    guard fdatasync(descriptor) == 0 else { throw JournalFile.failure("syncing", path) }
    hasFailed = false
  }

  // MARK: The system

  private static func open(_ path: String, _ flags: Int32) throws(ConsortiumError) -> Int32 {
    let descriptor = unsafe Glibc.open(
      path, flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw failure("opening", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_uid == geteuid()
    else {
      close(descriptor)
      throw ConsortiumError(.journalFailed, "\(path) is not an ordinary file of this user")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw ConsortiumError(.journalFailed, "\(path) is in use by another process; stop it first")
    }
    return descriptor
  }

  private static func syncFolder(of path: String) throws(ConsortiumError) {
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    let descriptor = unsafe Glibc.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("opening", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("syncing", folder) }
  }

  private func contents() throws(ConsortiumError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe pread(descriptor, buffer.baseAddress!, buffer.count, off_t(bytes.count))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw JournalFile.failure("reading", path)
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  private static func failure(_ doing: String, _ path: String) -> ConsortiumError {
    let reason = unsafe String(cString: strerror(errno))
    return ConsortiumError(.journalFailed, "\(doing) \(path): \(reason)")
  }
}
