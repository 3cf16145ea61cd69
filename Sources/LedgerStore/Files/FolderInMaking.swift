import Foundation

/// A folder that is made beside its place and moved there whole, so that a crash leaves all of it or nothing.
package struct FolderInMaking {
  /// Its place.
  package let path: String
  /// What is done, as a part of the name that it has until then: `founding`.
  package let doing: String

  /// A folder at `path` that is made by `doing`.
  package init(path: String, doing: String) { (self.path, self.doing) = (path, doing) }

  private var mark: String { ".\(doing)-" }

  /// Makes the folder: `fill` is given the path that it has until it is whole.
  ///
  /// - Parameter permissions: those of the folder.
  /// - Throws: what `fill` throws, a `Failure` with the place for its path; then nothing is left.
  package func make<Result>(
    permissions: mode_t = 0o755, _ fill: (_ scratch: String) throws -> Result
  ) throws -> Result {
    let scratch = "\(path)\(mark)\(getpid())"
    guard mkdir(scratch, permissions) == 0 else { throw Failure("mkdir", scratch) }
    do {
      try FileSystem.syncFolder(FileSystem.parent(of: scratch))
      // It tells others that somebody is at work here.
      let directory = try Directory(scratch)
      guard try directory.lock() else { throw Failure("flock", scratch, errorNumber: EWOULDBLOCK) }
      defer { withExtendedLifetime(directory) {} }
      let result = try fill(scratch)
      try FileSystem.rename(scratch, path)
      return result
    } catch {
      try FileSystem.remove(scratch)
      throw (error as? Failure)?.moved(from: scratch, to: path) ?? error
    }
  }

  /// Removes what others have left who were killed at it.
  ///
  /// - Returns: the paths.
  package func removeAbandoned() throws -> [String] {
    let folder = FileSystem.parent(of: path)
    let parent = try Directory(folder.isEmpty ? "." : folder)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var removed: [String] = []
    for found in try parent.names() where found.hasPrefix(name + mark) {
      guard Int32(found.dropFirst(name.count + mark.count)) != nil, try parent.folder(found).lock() else {
        continue
      }
      try parent.remove(found)
      removed.append(parent.path(of: found))
    }
    return removed
  }
}
