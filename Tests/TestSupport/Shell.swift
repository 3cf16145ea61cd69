import Foundation

/// Runs other programs, so that a test can ask software that is not ours.
public enum Shell {
  /// What a program left behind.
  public struct Output: Sendable {
    /// All that it wrote to standard output.
    public let standardOutput: [UInt8]
    /// All that it wrote to standard error.
    public let standardError: [UInt8]
    /// Its exit status, or 128 and the number of the signal that ended it.
    public let status: Int32

    /// Standard output as UTF-8.
    public var text: String { String(decoding: standardOutput, as: UTF8.self) }
    /// Standard error as UTF-8.
    public var errorText: String { String(decoding: standardError, as: UTF8.self) }
  }

  /// A program that did not end in time, and was killed.
  public struct TimeLimitExceeded: Error, CustomStringConvertible {
    /// The command line and the limit.
    public let description: String
  }

  /// Runs `program`, found in the search path, until it ends.
  ///
  /// Input and output go by files, so that no amount of either can make the two wait for each other.
  ///
  /// - Parameters:
  ///   - arguments: given as they are; no shell reads them.
  ///   - input: all of standard input.
  ///   - folder: where it runs; a temporary one where nil.
  ///   - timeLimit: in seconds; a program that runs longer is killed.
  /// - Throws: `TimeLimitExceeded`, or what Foundation throws where the program cannot be started. A status that is
  ///   not 0 is a result.
  public static func run(
    _ program: String, _ arguments: [String] = [], input: [UInt8] = [], in folder: URL? = nil,
    timeLimit: TimeInterval = 300
  ) throws -> Output {
    try withTemporaryFolder { temporary in
      let files = ["in", "out", "err"].map { temporary.appending(path: $0) }
      try Data(input).write(to: files[0])
      for file in files[1...] { try Data().write(to: file) }
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = [program] + arguments
      process.currentDirectoryURL = folder ?? temporary
      process.standardInput = try FileHandle(forReadingFrom: files[0])
      process.standardOutput = try FileHandle(forWritingTo: files[1])
      process.standardError = try FileHandle(forWritingTo: files[2])
      let ended = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in ended.signal() }
      try process.run()
      guard ended.wait(timeout: .now() + timeLimit) == .success else {
        kill(process.processIdentifier, SIGKILL)
        ended.wait()
        let command = ([program] + arguments).joined(separator: " ")
        throw TimeLimitExceeded(description: "still running after \(timeLimit) s: \(command)")
      }
      let signalled: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
      return Output(
        standardOutput: try [UInt8](Data(contentsOf: files[1])),
        standardError: try [UInt8](Data(contentsOf: files[2])),
        status: signalled + process.terminationStatus)
    }
  }

  /// True where `program` is in the search path.
  public static func has(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// Gives `body` a fresh empty folder, which is gone afterwards.
  public static func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "zheng-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
