import Foundation

/// A folder for what a measurement writes.
enum ScratchFolder {
  /// Gives `body` a new folder, which is removed when `body` ends, and where the process is told to end before that.
  ///
  /// - Parameter parent: where it is made; nil for the system's place for temporary files.
  static func with<Value>(in parent: String?, _ body: (_ path: String) throws -> Value) throws -> Value {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    var template = Array("\(parent)/zheng-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandError.cannotCreate("\(parent): \(String(cString: strerror(errno)))")
    }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    return try Interruption.with(cleaningUp: { remove(path) }) {
      defer { remove(path) }
      return try body(path)
    }
  }

  private static func remove(_ path: String) {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      Diagnostics.note("\(path): can't be removed: \(error.localizedDescription)")
    }
  }
}
