import Foundation

/// Runs the commands of the story as a shell does, so that what is shown is what was done.
struct DemoShell {
  /// What a command gave.
  struct Outcome {
    let lines: [String]
    let status: Int32
  }

  /// The folder in the story's own in which is kept what was signed last.
  static let stateFolder = "state"

  /// The `zheng` that is run.
  let binary: String

  /// Runs `command` in `folder`. Standard output and standard error are taken together, as they appear on a screen.
  func run(_ command: String, in folder: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "zheng() { \"$ZHENG_DEMO_BINARY\" \"$@\"; }\n\(command)"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["ZHENG_DEMO_BINARY"] = binary
    environment["ZHENG_STATE"] = "\(folder)/\(DemoShell.stateFolder)"
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw CommandError(
        .inputOutput, "io", localized("/bin/sh: can't be run: \(error.localizedDescription)"))
    }
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return Outcome(
      lines: output.isEmpty ? [] : output.hasSuffix("\n") ? lines.dropLast() : lines,
      status: process.terminationStatus)
  }
}
