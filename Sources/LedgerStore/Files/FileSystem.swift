import Foundation

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
    try File(path, .read).contents(limit: limit)
  }
}
