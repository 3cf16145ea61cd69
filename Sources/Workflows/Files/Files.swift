import Foundation
import LedgerCrypto
import LedgerStore

/// Files of an office, read and created with complaints that name them; the path `-` is standard input.
package enum Files {
  /// The descriptor of standard input: the process's own, except where a test gives another.
  @TaskLocal package static var standardInput = STDIN_FILENO

  /// A file that is read from its beginning to its end, once.
  package final class Input {
    /// The path, or `-` for standard input.
    package let path: String
    package let descriptor: Int32
    private let isOwn: Bool
    /// The number of bytes, where it is an ordinary file.
    package let byteCount: UInt64?

    /// Opens the file at `path`; `-` is standard input.
    package init(_ path: String) throws {
      self.path = path
      isOwn = path != "-"
      descriptor = isOwn ? open(path, O_RDONLY | O_CLOEXEC) : Files.standardInput
      guard descriptor >= 0 else { throw Files.noInput(path) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw Files.failed("read", path) }
      guard status.st_mode & S_IFMT != S_IFDIR else {
        if isOwn { close(descriptor) }
        throw Files.isDirectory(path)
      }
      byteCount = status.st_mode & S_IFMT == S_IFREG ? UInt64(max(0, status.st_size)) : nil
    }

    deinit { if isOwn { close(descriptor) } }

    /// The next bytes, at most `count`; none at the end.
    package func read(upTo count: Int) throws -> [UInt8] {
      var failed = false
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        while true {
          let result = Foundation.read(descriptor, buffer.baseAddress, count)
          if result < 0, errno == EINTR { continue }
          (failed, initialized) = (result < 0, max(0, result))
          return
        }
      }
      if failed { throw Files.failed("read", path) }
      return bytes
    }

    /// Whether something can be read, or the end, within `milliseconds`.
    package func isReady(within milliseconds: Int32) -> Bool {
      var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&query, 1, milliseconds) != 0
    }
  }

  /// The whole file at `path`, or nil where it has more than `limit` bytes.
  package static func contents(_ path: String, limit: Int) throws -> [UInt8]? {
    let input = try Input(path)
    if let count = input.byteCount, count > UInt64(limit) { return nil }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let part = try input.read(upTo: min(1 << 20, limit + 1 - bytes.count))
      if part.isEmpty { return bytes }
      bytes += part
    }
    return nil
  }

  /// The whole file at `path`, which `what` says what it is.
  package static func contents(_ path: String, of what: String, limit: Int) throws -> [UInt8] {
    guard let bytes = try contents(path, limit: limit) else {
      throw WorkflowError.usage("\(path): larger than \(what) can be, \(Printable.byteCount(UInt64(limit)))")
    }
    return bytes
  }

  /// The SHA-256 of the file at `path`, however large, and its number of bytes.
  ///
  /// - Parameter each: told how many bytes are done, and of how many where that is known.
  package static func digest(
    _ path: String, each: (_ done: UInt64, _ total: UInt64?) -> Void
  ) throws -> (digest: Digest, byteCount: UInt64) {
    let input = try Input(path)
    var hasher = SHA256()
    var count: UInt64 = 0
    hasher.begin()
    while true {
      let part = try input.read(upTo: 1 << 20)
      if part.isEmpty { return (hasher.finalize(), count) }
      hasher.update(part.span)
      count += UInt64(part.count)
      each(count, input.byteCount)
    }
  }

  /// `path` without slashes at its end.
  package static func trimmed(_ path: String) -> String {
    var bytes = path.utf8[...]
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes = bytes.dropLast() }
    return String(Substring(bytes))
  }

  /// The directory that `path` names something in. By bytes, as the system takes a path apart.
  package static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of `path`.
  package static func name(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(Substring(path.utf8[path.utf8.index(after: slash)...]))
  }

  /// Whether anything lies at `path`.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Keeps private keys that are read from now on from what the process leaves behind when it crashes.
  package static func guardPrivateMemory() { PrivateMemory.guardProcess() }

  /// Makes the directory at `path`, where nothing is yet: with all that `fill` writes into the one that it is given, or not at
  /// all. What was left by others who were killed at it is removed.
  package static func makeFolder(
    _ path: String, doing: String, note: (String) -> Void, _ fill: (_ folder: String) throws -> Void
  ) throws {
    if exists(path) {
      errno = EEXIST
      throw cannotCreate(path)
    }
    let folder = FolderInMaking(path: path, doing: doing)
    for left in try folder.removeAbandoned() { note("\(left): left by one that was stopped; removed") }
    try folder.make(fill)
  }

  /// Makes a directory at `path`, where nothing is yet.
  package static func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 else { throw cannotCreate(path) }
  }

  /// Whether a directory lies at `path`.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Sees that the file at `path` can be read, without opening it: a pipe can be opened once only.
  package static func requireReadable(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else { throw noInput(path) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw isDirectory(path) }
  }

  /// The permissions of the ordinary file at `path`; nil for what is none, such as a pipe.
  package static func permissions(_ path: String) -> mode_t? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status.st_mode & 0o7777
  }

  /// The number of bytes of the ordinary file at `path`; nil for what is none.
  package static func byteCount(_ path: String) -> UInt64? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(max(0, status.st_size))
  }

  /// Writes a new file; never in the place of another.
  package static func create(_ path: String, _ bytes: [UInt8], permissions: mode_t = 0o644) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw cannotCreate(path) }
    do { try write(bytes, to: descriptor, path: path, closing: true) } catch {
      // Half a file would never be overwritten either.
      unlink(path)
      throw error
    }
  }

  /// What `put` did.
  package enum Put: String { case written, unchanged, replaced }

  /// Writes `bytes` to the file at `path`; where another is there, only if `replacing`.
  package static func put(_ path: String, _ bytes: [UInt8], replacing: Bool) throws -> Put {
    guard exists(path) else {
      try create(path, bytes)
      return .written
    }
    if try contents(path, limit: bytes.count) == bytes { return .unchanged }
    guard replacing else {
      throw WorkflowError(
        .cannotCreate, "cannot-create", "\(path): another file is here", lead: .replacing)
    }
    try replace(path, bytes)
    return .replaced
  }

  /// Writes a file in the place of the one that is there, so that at no time there is half a file.
  package static func replace(_ path: String, _ bytes: [UInt8]) throws {
    let scratch = "\(path).new-\(getpid())"
    try create(scratch, bytes)
    guard rename(scratch, path) == 0 else {
      let error = cannotCreate(path)
      unlink(scratch)
      throw error
    }
  }

  /// Moves what lies at `path` to the first free `PATH.bad-N`, and returns that.
  package static func movedAside(_ path: String) throws -> String {
    var number = 1
    while exists("\(path).bad-\(number)") { number += 1 }
    let other = "\(path).bad-\(number)"
    guard rename(path, other) == 0 else { throw cannotCreate(other) }
    return other
  }

  /// Writes `bytes` to `descriptor`; a file that is closed after it is on the disk then.
  package static func write(_ bytes: [UInt8], to descriptor: Int32, path: String, closing: Bool = false)
    throws
  {
    var done = 0
    while done < bytes.count {
      let result = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + done, bytes.count - done)
      }
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else {
        let error = failed("write", path)
        if closing { close(descriptor) }
        throw error
      }
      done += result
    }
    guard closing else { return }
    let isSynced = fsync(descriptor) == 0
    let error = failed("write", path)
    close(descriptor)
    if !isSynced { throw error }
  }

  private static func isDirectory(_ path: String) -> WorkflowError {
    .noInput(
      "\(path): is a directory; name the files in it, for example with find \(ShellText.path(path)) -type f"
    )
  }

  private static func noInput(_ path: String) -> WorkflowError {
    let number = errno
    let advice =
      switch number {
      case ENOENT: "; is the name right, and does it begin in this directory?"
      case EACCES: "; this user may not read it"
      default: ""
      }
    return .noInput("\(path): \(String(cString: strerror(number)))\(advice)")
  }

  private static func cannotCreate(_ path: String) -> WorkflowError {
    let number = errno
    let advice = number == EEXIST ? "; it is never overwritten, choose another name" : ""
    return .cannotCreate("\(path): \(String(cString: strerror(number)))\(advice)")
  }

  private static func failed(_ call: String, _ path: String) -> WorkflowError {
    WorkflowError(.inputOutput, "io", "\(path): \(call): \(String(cString: strerror(errno)))")
  }
}
