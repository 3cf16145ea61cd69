import Foundation

/// The ordinary files under a directory, found without following symbolic links.
package struct FolderWalk {
  /// Something under the directory that is no ordinary file, or that can't be read.
  package struct LeftOut: Sendable {
    /// Where it lies.
    package let path: String
    /// What it is.
    package let reason: String
  }

  /// The directory, without slashes at its end.
  package let root: String
  /// The paths of the files in it, with `/` between their parts, in the order of their bytes.
  package private(set) var files: [String] = []
  /// What can't be part of it, in the same order.
  package private(set) var leftOut: [LeftOut] = []

  /// Walks the directory at `root`; a symbolic link there is followed, since it was named.
  ///
  /// - Throws: no input, where it can't be opened.
  package init(_ root: String) throws {
    self.root = Files.trimmed(root)
    guard let names = FolderWalk.names(in: self.root) else { throw FolderWalk.noInput(self.root) }
    var waiting = [("", names)]
    while let (folder, names) = waiting.popLast() {
      for name in names {
        guard let name = name.text else {
          leftOut.append(LeftOut(path: path(to: folder + name.shown), reason: "its name is not UTF-8"))
          continue
        }
        try visit(folder + name, &waiting)
      }
    }
    files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    leftOut.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Where the file `relative` lies.
  package func path(to relative: String) -> String { root == "/" ? "/" + relative : "\(root)/\(relative)" }

  private mutating func visit(_ relative: String, _ waiting: inout [(String, [Name])]) throws {
    let path = path(to: relative)
    func leaveOut(_ reason: String) { leftOut.append(LeftOut(path: path, reason: reason)) }
    var status = stat()
    guard lstat(path, &status) == 0 else { return leaveOut(String(cString: strerror(errno))) }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      guard access(path, R_OK) == 0 else { return leaveOut(String(cString: strerror(errno))) }
      files.append(relative)
    case S_IFDIR:
      guard let names = FolderWalk.names(in: path) else { return leaveOut(String(cString: strerror(errno))) }
      waiting.append((relative + "/", names))
    case S_IFLNK: leaveOut("a symbolic link")
    case S_IFIFO: leaveOut("a named pipe")
    case S_IFSOCK: leaveOut("a socket")
    default: leaveOut("a device")
    }
  }

  /// A name as the file system has it.
  private struct Name {
    /// Nil where it is not UTF-8: Swift would repair it, and a repaired name is another name.
    let text: String?
    /// For people.
    let shown: String
  }

  /// The names in the directory `path`; nil, with `errno` set, where it can't be read.
  private static func names(in path: String) -> [Name]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [Name] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else { return errno == 0 ? names : nil }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name))
        {
          Name(text: String(validatingCString: $0), shown: String(cString: $0))
        }
      }
      if name.text != ".", name.text != ".." { names.append(name) }
    }
  }

  private static func noInput(_ path: String) -> WorkflowError {
    .noInput("\(path): \(String(cString: strerror(errno)))")
  }
}
