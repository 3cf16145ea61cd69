import Foundation

/// An open file that is read and written at given offsets, and closed with its last reference.
///
/// `@unchecked Sendable`: the descriptor never changes, and `pread` and `pwrite` share no position.
package final class File: @unchecked Sendable {
  let path: String
  private let descriptor: Int32

  enum Mode {
    case read
    case write
    case writeOrCreate
    case create

    fileprivate var flags: Int32 {
      let flags =
        switch self {
        case .read: O_RDONLY
        case .write: O_RDWR
        case .writeOrCreate: O_RDWR | O_CREAT
        case .create: O_RDWR | O_CREAT | O_EXCL
        }
      // A pipe must not be waited for: it is no file of ours.
      return flags | O_CLOEXEC | O_NONBLOCK
    }
  }

  static let linkReason =
    "a symbolic link, which is not followed; a ledger consists of ordinary files, so put the file itself here"

  /// Opens the file called `name` in `directory`, which must be an ordinary one, and this user's own where it is to be written.
  ///
  /// - Parameter permissions: those of a new file.
  init(
    _ name: String, in directory: Directory, _ mode: Mode, permissions: mode_t = 0o644
  ) throws(Failure) {
    path = directory.path(of: name)
    descriptor = directory.open(name, mode.flags | O_NOFOLLOW, permissions)
    try requireOpen(mode)
  }

  /// Opens the file at `path`, which no ledger's directory leads to; `create` fails where there is a file already.
  init(_ path: String, _ mode: Mode, permissions: mode_t = 0o644) throws(Failure) {
    self.path = path
    descriptor = Foundation.open(path, mode.flags, permissions)
    try requireOpen(mode)
  }

  private func requireOpen(_ mode: Mode) throws(Failure) {
    guard descriptor >= 0 else {
      let number = errno
      switch number {
      case ELOOP: throw Failure("open", path, errorNumber: number, reason: File.linkReason)
      // What a pipe or a socket without a reader says.
      case ENXIO: throw Failure("open", path, errorNumber: EINVAL, reason: File.oddReason)
      default: throw Failure("open", path, errorNumber: number)
      }
    }
    let isOwn =
      switch mode {
      case .read: false
      case .write, .writeOrCreate, .create: true
      }
    try File.requireOrdinary(try status(), path, isOwn: isOwn)
  }

  private static let oddReason = "not an ordinary file; move it away"

  /// Fails where `status` is not an ordinary file's, or, where it must be, not one of this user's own.
  static func requireOrdinary(_ status: stat, _ path: String, isOwn: Bool) throws(Failure) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFLNK: throw Failure("open", path, errorNumber: ELOOP, reason: linkReason)
    default: throw Failure("open", path, errorNumber: EINVAL, reason: oddReason)
    }
    guard !isOwn || status.st_uid == geteuid() else {
      throw Failure(
        "open", path, errorNumber: EPERM,
        reason:
          "it belongs to user \(status.st_uid) and this is user \(geteuid()); write as that user, or `chown` the ledger"
      )
    }
  }

  deinit { if descriptor >= 0 { File.release(descriptor) } }

  private func status() throws(Failure) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure("fstat", path) }
    return status
  }

  /// The permissions of the file.
  func permissions() throws(Failure) -> mode_t { try status().st_mode & 0o7777 }

  /// The number of bytes of the file now.
  func size() throws(Failure) -> UInt64 { UInt64(try status().st_size) }

  /// The whole file, at most `limit` bytes.
  func contents(limit: Int) throws(Failure) -> [UInt8] {
    let bytes = try read(at: 0, upTo: limit + 1)
    guard bytes.count <= limit else { throw Failure("read", path, reason: "larger than \(limit) bytes") }
    return bytes
  }

  /// At most `count` bytes from `offset` on; fewer only at the end of the file.
  func read(at offset: UInt64, upTo count: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = try read(at: offset, into: &bytes, 0..<count)
    if read < count { bytes.removeLast(count - read) }
    return bytes
  }

  /// Puts what lies from `offset` on in `range` of `bytes`. Traps unless the range lies in them.
  ///
  /// - Returns: how many bytes were read; fewer than asked for only at the end of the file.
  func read(at offset: UInt64, into bytes: inout [UInt8], _ range: Range<Int>) throws(Failure) -> Int {
    try read(at: offset, intoMemoryOf: &bytes, range)
  }

  /// Puts what lies from `offset` on in `range` of the bytes that `items`, numbers of this machine's byte order, take in memory.
  /// Traps unless the range lies in them.
  ///
  /// - Returns: as `read(at:into:_:)`.
  func read<Item: BitwiseCopyable>(
    at offset: UInt64, intoMemoryOf items: inout [Item], _ range: Range<Int>
  ) throws(Failure) -> Int {
    var done = 0
    while done < range.count {
      let result = items.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[range.lowerBound + done..<range.upperBound])
        return pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      }
      if result < 0 {
        if errno == EINTR { continue }
        throw Failure("pread", path)
      }
      if result == 0 { break }
      done += result
    }
    return done
  }

  /// Exactly `count` bytes from `offset` on.
  func read(at offset: UInt64, exactly count: Int) throws(Failure) -> [UInt8] {
    let bytes = try read(at: offset, upTo: count)
    guard bytes.count == count else {
      throw Failure("pread", path, reason: "the file ends at \(offset + UInt64(bytes.count))")
    }
    return bytes
  }

  /// Writes `bytes` at `offset`.
  func write(_ bytes: [UInt8], at offset: UInt64) throws(Failure) {
    try write(contentsOf: bytes, at: offset)
  }

  /// Writes the memory of `items`, numbers of this machine's byte order, at `offset`.
  func write<Item: BitwiseCopyable>(contentsOf items: [Item], at offset: UInt64) throws(Failure) {
    let count = items.count * MemoryLayout<Item>.stride
    var done = 0
    while done < count {
      let result = items.withUnsafeBytes { buffer in
        pwrite(descriptor, buffer.baseAddress! + done, count - done, off_t(offset) + off_t(done))
      }
      if result < 0 {
        if errno == EINTR { continue }
        throw Failure("pwrite", path)
      }
      done += result
    }
  }

  /// Puts what was written on the disk.
  func sync() throws(Failure) {
    guard fdatasync(descriptor) == 0 else { throw Failure("fdatasync", path) }
  }

  /// Cuts the file at `size`.
  func truncate(to size: UInt64) throws(Failure) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw Failure("ftruncate", path) }
  }

  /// Closes a descriptor that may hold a lock, which then ends at once. Without the first call it would go on in a process that was
  /// forked just before, until that has become another program.
  package static func release(_ descriptor: Int32) {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Takes an exclusive advisory lock on the file; false where another process holds it.
  func lock() throws(Failure) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw Failure("flock", path) }
    return false
  }
}
