import Foundation
import LedgerStore

/// Files and folders that nobody but their owner may read, made and destroyed so that it lasts.
enum PrivateFiles {
  /// Makes the folder `path`, which must not be there.
  static func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o700) == 0 else { throw Failure("mkdir", path) }
    try FileSystem.syncFolder(Files.parent(of: path))
  }

  /// Makes a folder in `folder` under a name that nobody has, which begins with `prefix`.
  static func makeScratchFolder(in folder: String, prefix: String) throws -> String {
    var template = Array("\(folder)/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("mkdir", folder) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Copies what `source` gives into a new file, and returns when it is on the disk; half a file is destroyed again.
  static func copy(_ source: Files.Input, to path: String) throws {
    let descriptor = try create(path)
    do {
      while true {
        let part = try source.read(upTo: 1 << 20)
        if part.isEmpty { break }
        try Files.write(part, to: descriptor, path: path)
      }
      guard fsync(descriptor) == 0 else { throw Failure("fsync", path) }
    } catch {
      close(descriptor)
      try destroy(path)
      throw error
    }
    close(descriptor)
  }

  /// Writes a new file, and returns when it is on the disk; half a file is destroyed again.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = try create(path)
    do { try Files.write(bytes, to: descriptor, path: path, closing: true) } catch {
      try destroy(path)
      throw error
    }
  }

  /// Adds `bytes` at the end of the file at `path`, which is made where it is missing.
  static func append(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure("open", path) }
    try Files.write(bytes, to: descriptor, path: path, closing: true)
    try FileSystem.syncFolder(Files.parent(of: path))
  }

  /// Destroys the file at `path`, if there is one: its bytes are overwritten where they lie, and then it is removed.
  ///
  /// On a disk that writes in place nothing is left. An SSD may keep what was there in blocks that it has not yet cleared,
  /// and so may a file system that never overwrites, a snapshot or a backup.
  static func destroy(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor < 0 {
      switch errno {
      case ENOENT: return
      // A symbolic link: what it leads to is no file of ours.
      case ELOOP: break
      default: throw Failure("open", path)
      }
    } else {
      do { try overwrite(descriptor, path) } catch {
        close(descriptor)
        throw error
      }
      try finish(descriptor, path)
    }
    guard unlink(path) == 0 else { throw Failure("unlink", path) }
  }

  private static func overwrite(_ descriptor: Int32, _ path: String) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure("fstat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { return }
    var left = Int(status.st_size)
    let zeros = [UInt8](repeating: 0, count: min(left, 1 << 20))
    while left > 0 {
      try Files.write(left < zeros.count ? Array(zeros.prefix(left)) : zeros, to: descriptor, path: path)
      left -= min(left, zeros.count)
    }
  }

  /// Opens the ordinary file at `path` for reading; nil where nothing is there. A symbolic link is not followed.
  static func input(_ path: String) throws -> Files.Input? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else { throw Failure("lstat", path) }
      return nil
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try Files.Input(path)
  }

  /// Puts a file whole and durably at `name` in `folder`, in the place of one that is there.
  static func replace(_ name: String, in folder: String, _ bytes: [UInt8]) throws {
    let scratch = try makeScratchFolder(in: folder, prefix: ".new-")
    try write(bytes, to: "\(scratch)/\(name)")
    guard rename("\(scratch)/\(name)", "\(folder)/\(name)") == 0, rmdir(scratch) == 0 else {
      throw Failure("rename", "\(folder)/\(name)")
    }
    try FileSystem.syncFolder(folder)
  }

  /// The names in the folder `path`, sorted.
  static func names(in path: String) throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw Failure("readdir", path, reason: error.localizedDescription)
    }
  }

  private static func create(_ path: String) throws -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST {
        throw WorkflowError.cannotCreate("\(path): is there already, and nothing is ever overwritten")
      }
      throw Failure("create", path)
    }
    return descriptor
  }

  private static func finish(_ descriptor: Int32, _ path: String) throws {
    let isSynced = fsync(descriptor) == 0
    let failure = Failure("fsync", path)
    close(descriptor)
    if !isSynced { throw failure }
  }
}
