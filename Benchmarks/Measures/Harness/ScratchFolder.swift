import Foundation
import Workflows

/// A folder for what a measurement writes.
enum ScratchFolder {
  /// Gives `body` a new folder, which is removed when `body` ends, and where the process is told to end before that.
  ///
  /// - Parameters:
  ///   - parent: where it is made; nil for the system's place for temporary files.
  ///   - note: is told where it can't be removed.
  static func with<Value>(
    in parent: String?, _ note: @escaping @Sendable (String) -> Void, _ body: (_ path: String) throws -> Value
  ) throws -> Value {
    try Interruption.with(
      beginning: { try make(in: parent ?? FileManager.default.temporaryDirectory.path) },
      ending: { remove($0, note) }, body
    )
  }

  private static func make(in parent: String) throws -> String {
    var template = Array("\(parent)/zheng-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw WorkflowError.cannotCreate("\(parent): \(String(cString: strerror(errno)))")
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Removes it although somebody may still write there, for a signal comes at any moment: he doesn't find it any more, and what
  /// he was about to add is removed in the next try.
  private static func remove(_ path: String, _ note: (String) -> Void) {
    let aside = "\(path).removed"
    guard rename(path, aside) == 0 else {
      return note("\(path): can't be removed: \(String(cString: strerror(errno)))")
    }
    for isLast in [false, false, true] {
      do { return try FileManager.default.removeItem(atPath: aside) } catch {
        if isLast { note("\(aside): can't be removed: \(error.localizedDescription)") }
      }
    }
  }
}
