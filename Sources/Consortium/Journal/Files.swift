import Glibc

/// The calls to the system that a journal needs; each failure is `journal-failed`, with the path and the system's reason.
enum Files {
  /// Opens an ordinary file of this user, without following a link.
  static func open(_ path: String, _ flags: Int32) throws(ConsortiumError) -> Int32 {
    let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw failure("opening", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_uid == geteuid()
    else {
      close(descriptor)
      throw ConsortiumError(.journalFailed, "\(path) is not an ordinary file of this user")
    }
    return descriptor
  }

  /// Opens a folder, after making it where it is missing.
  static func openFolder(_ path: String, isMade: Bool) throws(ConsortiumError) -> Int32 {
    if isMade {
      if unsafe mkdir(path, 0o700) == 0 {
        try syncFolder(of: path)
      } else if errno != EEXIST {
        throw failure("making", path)
      }
    }
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failure("opening", path) }
    return descriptor
  }

  /// Takes the lock of what is open: one process has it.
  static func lock(_ descriptor: Int32, _ path: String) throws(ConsortiumError) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw ConsortiumError(.journalFailed, "\(path) is in use by another process; stop it first")
    }
  }

  /// Syncs the folder that `path` is in, so that a power cut does not lose its name.
  static func syncFolder(of path: String) throws(ConsortiumError) {
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    let descriptor = try openFolder(folder.isEmpty ? "/" : folder, isMade: false)
    defer { close(descriptor) }
    try sync(folder: descriptor, folder)
  }

  static func sync(folder descriptor: Int32, _ path: String) throws(ConsortiumError) {
    guard fsync(descriptor) == 0 else { throw failure("syncing", path) }
  }

  /// Writes all of `bytes` and syncs.
  static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(ConsortiumError) {
    var done = 0
    while done < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress! + done, bytes.count - done)
      }
      if result < 0 {
        if errno == EINTR { continue }
        throw failure("writing", path)
      }
      done += result
    }
    guard fdatasync(descriptor) == 0 else { throw failure("syncing", path) }
  }

  /// Everything that an open file holds.
  static func contents(of descriptor: Int32, _ path: String) throws(ConsortiumError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe pread(descriptor, buffer.baseAddress!, buffer.count, off_t(bytes.count))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("reading", path)
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// Writes a file under its name with `.new` behind it, and gives it its name when it is whole and synced.
  ///
  /// - Parameter folder: the open folder that `path` is in.
  static func place(_ bytes: [UInt8], at path: String, in folder: Int32) throws(ConsortiumError) {
    let unfinished = path + unfinishedSuffix
    try remove(unfinished)
    let descriptor = try open(unfinished, O_WRONLY | O_CREAT | O_EXCL)
    defer { close(descriptor) }
    try write(bytes, to: descriptor, unfinished)
    guard unsafe rename(unfinished, path) == 0 else { throw failure("naming", path) }
    try sync(folder: folder, path)
  }

  /// Behind the name of a file that is being written. What a crash leaves of it is nobody's.
  static let unfinishedSuffix = ".new"

  /// Removes a file, if it is there.
  static func remove(_ path: String) throws(ConsortiumError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
  }

  /// The names in a folder, in order, without those that begin with a dot.
  static func names(in path: String) throws(ConsortiumError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw failure("reading", path) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw failure("reading", path) }
        return names.sorted()
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
  }

  static func failure(_ doing: String, _ path: String) -> ConsortiumError {
    let reason = unsafe String(cString: strerror(errno))
    return ConsortiumError(.journalFailed, "\(doing) \(path): \(reason)")
  }
}
