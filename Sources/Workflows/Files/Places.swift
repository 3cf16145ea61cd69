import Foundation
import LedgerStore

/// Directories that must not lie in one another.
package enum Places {
  /// Sees that `folder`, which need not be there yet, is apart from the ledger in `ledger`: neither lies in the other, also
  /// not by way of symbolic links or mounts.
  ///
  /// - Parameter what: what the folder is, for the complaint.
  package static func require(_ folder: String, _ what: String, apartFrom ledger: String) throws {
    // A part of a ledger may lie elsewhere, with a link in its place.
    let parts = [ledger] + ["entries", "tiles", "keys", "aside"].map { "\(ledger)/\($0)" }
    for part in parts where Files.exists(part) {
      if try lies(folder, in: part) {
        throw WorkflowError.usage(
          "\(folder): lies in the ledger's directory, which everybody gets to read; \(what) is a directory of its own"
        )
      }
      if try lies(part, in: folder) {
        throw WorkflowError.usage(
          "\(folder): the ledger \(ledger) lies in it; \(what) is a directory of its own, beside the ledger")
      }
    }
  }

  /// Whether `path` is `folder` or lies in it. Of `path` only the beginning need be there.
  package static func lies(_ path: String, in folder: String) throws -> Bool {
    var target = stat()
    guard stat(folder, &target) == 0 else { return false }
    var place = try resolved(path)
    while true {
      var status = stat()
      if stat(place, &status) == 0, status.st_dev == target.st_dev, status.st_ino == target.st_ino {
        return true
      }
      if place == "/" { return false }
      place = Files.parent(of: place)
    }
  }

  /// `path` from the root on, without links; what is not there yet stays as it is written.
  static func resolved(_ path: String) throws -> String {
    var (existing, missing) = (path, "")
    while true {
      if let buffer = realpath(existing, nil) {
        defer { free(buffer) }
        return String(cString: buffer) + missing
      }
      guard errno == ENOENT else { throw Failure("open", path) }
      // A link that leads nowhere: what will be made there can't be told.
      guard !Files.exists(existing) else {
        throw WorkflowError.usage("\(path): \(existing) is a symbolic link to what is not there")
      }
      existing = Files.trimmed(existing)
      let name = Files.name(of: existing)
      guard name != "..", name != "." else {
        throw WorkflowError.usage("\(path): goes through a directory that is not there")
      }
      missing = "/\(name)\(missing)"
      existing = Files.parent(of: existing)
    }
  }
}
