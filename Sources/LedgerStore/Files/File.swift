import Foundation

/// An open file that is read and written at given offsets, and closed with its last reference.
///
/// `@unchecked Sendable`: the descriptor never changes, and `pread` and `pwrite` share no position.
final class File: @unchecked Sendable {
  let path: String
  private let descriptor: Int32

  enum Mode {
    case read
    case write
    case writeOrCreate
    case create
  }

  /// Opens `path`; `create` fails where there is a file already; a new file has mode `permissions`.
  init(_ path: String, _ mode: Mode, permissions: mode_t = 0o644) throws(Failure) {
    self.path = path
    let flags =
      switch mode {
      case .read: O_RDONLY
      case .write: O_RDWR
      case .writeOrCreate: O_RDWR | O_CREAT
      case .create: O_RDWR | O_CREAT | O_EXCL
      }
    descriptor = Foundation.open(path, flags | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw Failure("open", path) }
  }

  deinit { close(descriptor) }

  /// The number of bytes of the file now.
  func size() throws(Failure) -> UInt64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure("fstat", path) }
    return UInt64(status.st_size)
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
    var done = 0
    while done < range.count {
      let result = bytes.withUnsafeMutableBytes { buffer in
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
    var done = 0
    while done < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        pwrite(descriptor, buffer.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
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

  /// Takes an exclusive advisory lock on the file; false where another process holds it.
  func lock() throws(Failure) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw Failure("flock", path) }
    return false
  }
}

/// What is done with names and folders, durably.
package enum FileSystem {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The folder that `path` lies in, empty for the working directory.
  ///
  /// `NSString.deletingLastPathComponent` traps on a path of one character (swift-corelibs-foundation, Swift 6.3).
  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the folder `path`, whose parent exists; it may exist already.
  static func makeFolder(_ path: String, permissions: mode_t = 0o755) throws(Failure) {
    guard mkdir(path, permissions) == 0 || errno == EEXIST else { throw Failure("mkdir", path) }
    try syncFolder(parent(of: path))
  }

  /// Puts the names in the folder `path` on the disk, so that a file that was made or renamed there stays.
  package static func syncFolder(_ path: String) throws(Failure) {
    let folder = path.isEmpty ? "." : path
    let descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure("open", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Failure("fsync", folder) }
  }

  /// Writes a new file whole and durably; fails where there is one already.
  static func create(_ path: String, _ bytes: [UInt8], permissions: mode_t = 0o644) throws(Failure) {
    let file = try File(path, .create, permissions: permissions)
    do {
      try file.write(bytes, at: 0)
      try file.sync()
    } catch {
      // Half a file would be taken for a whole one.
      unlink(path)
      throw error
    }
    try syncFolder(parent(of: path))
  }

  /// Gives `old` the name `new`, durably, in the place of what was there.
  static func rename(_ old: String, _ new: String) throws(Failure) {
    guard Foundation.rename(old, new) == 0 else { throw Failure("rename", old) }
    try syncFolder(parent(of: new))
  }

  /// Removes a file or a folder with all that is in it; what is not there is removed already.
  static func remove(_ path: String) throws(Failure) {
    guard exists(path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      throw Failure("remove", path, reason: error.localizedDescription)
    }
  }

  /// The names in the folder `path`, sorted.
  static func names(in path: String) throws(Failure) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw Failure("readdir", path, reason: error.localizedDescription)
    }
  }

  /// The whole file, at most `limit` bytes.
  static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    let file = try File(path, .read)
    let bytes = try file.read(at: 0, upTo: limit + 1)
    guard bytes.count <= limit else { throw Failure("read", path, reason: "larger than \(limit) bytes") }
    return bytes
  }
}
