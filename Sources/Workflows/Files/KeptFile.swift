import Foundation

/// A file that has to be there after a power cut, since something on the ledger is worth nothing without it.
package enum KeptFile {
  /// Writes a new file whole and durably, name and all; never in the place of another.
  package static func create(_ path: String, _ bytes: [UInt8], permissions: mode_t) throws {
    try Files.create(path, bytes, permissions: permissions)
    let folder = Files.parent(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      let error = WorkflowError(
        .inputOutput, "io", "\(folder): fsync: \(String(cString: strerror(errno)))")
      unlink(path)
      throw error
    }
  }

  /// Whether what is, or will be, at `path` lies in the directory `folder` or is it; symbolic links are followed.
  package static func lies(_ path: String, within folder: String) -> Bool {
    guard let folder = resolved(folder) else { return false }
    guard let path = resolved(path) ?? resolved(Files.parent(of: path)) else { return false }
    // By bytes: a file's name may begin with a mark that is one of Swift's characters with the slash before it.
    return path.utf8.elementsEqual(folder.utf8)
      || path.utf8.starts(with: (folder == "/" ? "/" : folder + "/").utf8)
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
