import Foundation
import Workflows

/// This program as another process, for what can't be measured within this one.
package enum OwnProcess {
  /// Runs this program with `arguments`, waits for its end, and gives what `body` gave meanwhile; its errors are seen where this one's
  /// are. It does not outlive this process where that is told to end.
  ///
  /// - Parameters:
  ///   - environment: variables beside those of this process, or in their place.
  ///   - output: where its results go.
  /// - Throws: where its status is not 0.
  package static func run<Value>(
    _ arguments: [String], with environment: [String: String] = [:], to output: Any,
    _ body: (Process) -> Value
  ) throws -> Value {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    let value = try Interruption.with(
      beginning: {
        try unblockingSignals { try process.run() }
        return process
      }, ending: { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
    ) { process in
      let value = body(process)
      process.waitUntilExit()
      return value
    }
    guard process.terminationStatus == 0 else {
      throw WorkflowError(.inputOutput, "io", "zheng \(arguments.joined(separator: " ")) failed")
    }
    return value
  }

  /// Runs `body` with no signal blocked: threads of a pool block all of them, and a process inherits that and could not be
  /// interrupted.
  private static func unblockingSignals(_ body: () throws -> Void) rethrows {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }
}
