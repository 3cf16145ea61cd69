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
}
