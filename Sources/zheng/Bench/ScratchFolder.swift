import Foundation

/// A folder for what a measurement writes.
enum ScratchFolder {
  /// Gives `body` a new folder, which is removed when `body` ends, and where the process is told to end before that.
  ///
  /// - Parameter parent: where it is made; nil for the system's place for temporary files.
  static func with<Value>(in parent: String?, _ body: (_ path: String) throws -> Value) throws -> Value {
    try Interruption.with(
      beginning: { try make(in: parent ?? FileManager.default.temporaryDirectory.path) }, ending: remove, body
    )
  }

  private static func make(in parent: String) throws -> String {
    var template = Array("\(parent)/zheng-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandError.cannotCreate("\(parent): \(String(cString: strerror(errno)))")
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  @Sendable private static func remove(_ path: String) {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      Diagnostics.note("\(path): can't be removed: \(error.localizedDescription)")
    }
  }
}
