import Foundation

/// A file that has to be there after a power cut, since something on the ledger is worth nothing without it.
enum KeptFile {
  /// Writes a new file whole and durably, name and all; never in the place of another.
  static func create(_ path: String, _ bytes: [UInt8], permissions: mode_t) throws {
    try Files.create(path, bytes, permissions: permissions)
    let folder = parent(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      let error = CommandError(
        .inputOutput, "io", "\(folder): fsync: \(String(cString: strerror(errno)))")
      unlink(path)
      throw error
    }
  }

  /// Whether what is, or will be, at `path` lies in the directory `folder` or is it; symbolic links are followed.
  static func lies(_ path: String, within folder: String) -> Bool {
    guard let folder = resolved(folder) else { return false }
    guard let path = resolved(path) ?? resolved(parent(of: path)) else { return false }
    return path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
