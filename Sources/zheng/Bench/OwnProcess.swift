import Foundation

/// `zheng` as another process, for what can't be measured within this one.
enum OwnProcess {
  /// Runs `zheng` with `arguments`, and gives what `body` gives; its errors are seen where this one's are. It does not outlive
  /// `body`, nor this process where that is told to end.
  ///
  /// - Parameters:
  ///   - environment: variables beside those of this process, or in their place.
  ///   - output: where its results go.
  static func run<Value>(
    _ arguments: [String], with environment: [String: String] = [:], to output: Any,
    _ body: (Process) throws -> Value
  ) throws -> Value {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try unblockingSignals { try process.run() }
    let number = process.processIdentifier
    return try Interruption.with(cleaningUp: { kill(number, SIGKILL) }) {
      defer {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
      }
      return try body(process)
    }
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
