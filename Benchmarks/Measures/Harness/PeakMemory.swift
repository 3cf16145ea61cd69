import Foundation
import Workflows

/// The memory that a process takes for itself alone, as Linux counts it.
enum PeakMemory {
  /// The most anonymous memory, in bytes, that this program is seen to have, every 2 ms, where it runs with `arguments`.
  static func ofRunning(_ arguments: [String]) throws -> UInt64 {
    let most = try OwnProcess.run(arguments, to: FileHandle.nullDevice) { process in
      var most: UInt64 = 0
      while process.isRunning {
        most = max(most, anonymous(process.processIdentifier) ?? 0)
        usleep(2000)
      }
      return most
    }
    guard most > 0 else {
      throw WorkflowError(.inputOutput, "io", "zheng \(arguments.joined(separator: " ")) was over at once")
    }
    return most
  }

  /// The anonymous memory, in bytes, that this process has now.
  static func ofThisProcess() -> Int { Int(anonymous(getpid()) ?? 0) }

  /// `RssAnon` of /proc/PID/status; nil where there is none any more.
  private static func anonymous(_ process: Int32) -> UInt64? {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { UInt64($0) }.map {
      $0 * 1024
    }
  }
}
