import Foundation

/// An open folder: whatever is in it is reached from its descriptor, so that nobody can lead a writer elsewhere by moving the folder
/// or putting a symbolic link in the place of a file.
package final class Directory: Sendable {
  /// How the folder was named, for messages.
  package let path: String
  private let descriptor: Int32

  /// Opens the folder at `path`, which a person has named: a symbolic link is followed there.
  package init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = Foundation.open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure("open", path) }
  }

  private init(_ name: String, in parent: Directory) throws(Failure) {
    path = parent.path(of: name)
    descriptor = openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor < 0 else { return }
    let number = errno
    guard parent.isLink(name) else { throw Failure("open", path, errorNumber: number) }
    throw Failure("open", path, errorNumber: ELOOP, reason: File.linkReason)
  }

  deinit { File.release(descriptor) }

  /// The path of what is called `name` here, for messages.
  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// The folder called `name`, which must not be a symbolic link.
  func folder(_ name: String) throws(Failure) -> Directory { try Directory(name, in: self) }

  /// The folder called `name`, made where there is none.
  func makeFolder(_ name: String, permissions: mode_t = 0o755) throws(Failure) -> Directory {
    if mkdirat(descriptor, name, permissions) == 0 {
      try sync()
    } else if errno != EEXIST {
      throw Failure("mkdir", path(of: name))
    }
    return try folder(name)
  }

  /// Whether anything is called `name` here, be it a symbolic link that leads nowhere.
  func exists(_ name: String) -> Bool { status(name) != nil }

  /// Whether `name` is a folder here, and no symbolic link to one.
  func isFolder(_ name: String) -> Bool { status(name).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

  private func isLink(_ name: String) -> Bool {
    status(name).map { $0.st_mode & S_IFMT == S_IFLNK } ?? false
  }

  func status(_ name: String) -> stat? {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
  }

  /// Fails where `name` is there and can't be a file of this user's ledger; for files that a library opens.
  package func requireOrdinary(_ name: String, isOwn: Bool) throws(Failure) {
    guard let status = status(name) else { return }
    try File.requireOrdinary(status, path(of: name), isOwn: isOwn)
  }

  /// Opens the file called `name`.
  func open(_ name: String, _ flags: Int32, _ permissions: mode_t) -> Int32 {
    openat(descriptor, name, flags, permissions)
  }

  /// The names in it, sorted.
  package func names() throws(Failure) -> [String] {
    // A descriptor of its own: the place in a listing belongs to it.
    let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0, let stream = fdopendir(own) else {
      let number = errno
      if own >= 0 { close(own) }
      throw Failure("readdir", path, errorNumber: number)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw Failure("readdir", path) }
    return names.sorted()
  }

  /// Puts its names on the disk, so that a file that was made or renamed here stays.
  func sync() throws(Failure) {
    guard fsync(descriptor) == 0 else { throw Failure("fsync", path) }
  }

  /// Writes a new file whole and durably; fails where there is one already.
  func create(_ name: String, _ bytes: [UInt8], permissions: mode_t = 0o644) throws(Failure) {
    let file = try File(name, in: self, .create, permissions: permissions)
    do {
      try file.write(bytes, at: 0)
      try file.sync()
    } catch {
      // Half a file would be taken for a whole one.
      unlinkat(descriptor, name, 0)
      throw error
    }
    try sync()
  }

  /// The whole file called `name`, at most `limit` bytes.
  func read(_ name: String, limit: Int) throws(Failure) -> [UInt8] {
    try File(name, in: self, .read).contents(limit: limit)
  }

  /// Moves `name` from here to `other`, durably, in the place of what is called `name` there.
  package func move(_ name: String, to other: Directory) throws(Failure) {
    guard renameat(descriptor, name, other.descriptor, name) == 0 else {
      throw Failure("rename", path(of: name))
    }
    try other.sync()
  }

  /// Gives `name` the name `other`, durably, in the place of what is called that.
  func rename(_ name: String, to other: String) throws(Failure) {
    guard renameat(descriptor, name, descriptor, other) == 0 else { throw Failure("rename", path(of: name)) }
    try sync()
  }

  /// Removes what is called `name`, with all that is in it; what is not there is removed already. No symbolic link is followed.
  package func remove(_ name: String) throws(Failure) {
    if unlinkat(descriptor, name, 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw Failure("remove", path(of: name)) }
    let folder = try folder(name)
    for inner in try folder.names() { try folder.remove(inner) }
    guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 else { throw Failure("remove", path(of: name)) }
  }

  /// Keeps others who ask in the same way from taking it, as long as this is open; false where somebody has.
  func lock() throws(Failure) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw Failure("flock", path) }
    return false
  }
}
