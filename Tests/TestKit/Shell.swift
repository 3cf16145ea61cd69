import Foundation
import Synchronization

/// Runs other programs, so that a test can ask software that is not ours. No thread that tasks share waits for them.
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

  /// Runs `program`, found in the search path, until it ends.
  ///
  /// Input and output go by files, so that no amount of either can make the two wait for each other.
  ///
  /// - Parameters:
  ///   - arguments: given as they are; no shell reads them.
  ///   - input: all of standard input.
  ///   - folder: where it runs; a temporary one where nil.
  ///   - environment: added to that of the tests.
  ///   - timeLimit: in seconds; a program that runs longer is killed.
  /// - Throws: `RunningProgram.TimeLimitExceeded`, or `POSIXError` where the program cannot be started. A
  ///   status that is not 0 is a result.
  public static func run(
    _ program: String, _ arguments: [String] = [], input: [UInt8] = [], in folder: URL? = nil,
    environment: [String: String] = [:], timeLimit: TimeInterval = 300
  ) async throws -> Output {
    try await withTemporaryFolder { temporary in
      let files = ["in", "out", "err"].map { temporary.appending(path: $0) }
      try Data(input).write(to: files[0])
      for file in files[1...] { try Data().write(to: file) }
      let running = try RunningProgram(
        program, arguments, in: (folder ?? temporary).path, environment: environment,
        input: FileHandle(forReadingFrom: files[0]), output: FileHandle(forWritingTo: files[1]),
        errors: FileHandle(forWritingTo: files[2]))
      let status = try await running.ended(within: timeLimit)
      return Output(
        standardOutput: try [UInt8](Data(contentsOf: files[1])),
        standardError: try [UInt8](Data(contentsOf: files[2])), status: status)
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
  public static func withTemporaryFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "zheng-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
      do { try FileManager.default.removeItem(at: folder) } catch {
        print("left behind: \(folder.path): \(error)")
      }
    }
    return try await body(folder)
  }
}

/// A program that runs beside a test. Every process that the tests start is one of these, and is counted.
public final class RunningProgram: Sendable {
  /// A program that did not end in time, and was killed.
  public struct TimeLimitExceeded: Error, CustomStringConvertible {
    /// The command line and the limit.
    public let description: String
  }

  private final class End: Sendable {
    let state = Mutex(State())
  }

  private struct State {
    var status: Int32?
    var isLate = false
    var waiting: [CheckedContinuation<Int32, Never>] = []
  }

  /// How many processes this run of the tests has started, and a line that says so at its end.
  private static let count: Mutex<Int> = {
    atexit { print("processes started by the tests: \(RunningProgram.count.withLock { $0 })") }
    return Mutex(0)
  }()

  /// Its process id.
  public let processIdentifier: Int32
  private let toInput: FileHandle?
  private let fromOutput: FileHandle?
  private let commandLine: String
  private let end = End()

  /// Starts `program`, found in the search path.
  ///
  /// - Parameters:
  ///   - folder: its working directory.
  ///   - environment: added to that of the tests.
  ///   - input: its standard input; a pipe that `write` fills where nil.
  ///   - output: its standard output; a pipe that `line` reads where nil.
  ///   - errors: its standard error.
  public init(
    _ program: String, _ arguments: [String], in folder: String, environment: [String: String] = [:],
    input: FileHandle? = nil, output: FileHandle? = nil, errors: FileHandle = .nullDevice
  ) throws {
    commandLine = ([program] + arguments).joined(separator: " ")
    let (inputPipe, outputPipe) = (input == nil ? Pipe() : nil, output == nil ? Pipe() : nil)
    (toInput, fromOutput) = (inputPipe?.fileHandleForWriting, outputPipe?.fileHandleForReading)
    let nothing = try FileHandle(forUpdating: URL(filePath: "/dev/null"))
    let streams = [
      inputPipe?.fileHandleForReading ?? input!, outputPipe?.fileHandleForWriting ?? output!, errors,
    ].map { $0 === FileHandle.nullDevice ? nothing : $0 }
    RunningProgram.count.withLock { $0 += 1 }
    processIdentifier = try withExtendedLifetime(streams) {
      try Spawning.start(
        ["/usr/bin/env", program] + arguments,
        // What tests read is English, wherever they run.
        environment: ProcessInfo.processInfo.environment
          .merging(["ZHENG_LANG": "en"]) { $1 }.merging(environment) { $1 },
        in: folder, descriptors: streams.map(\.fileDescriptor))
    }
    try inputPipe?.fileHandleForReading.close()
    try outputPipe?.fileHandleForWriting.close()
    Spawning.wait(for: processIdentifier) { [end, processIdentifier] in
      let (status, waiting) = end.state.withLock { end in
        let status = Spawning.reap(processIdentifier)
        end.status = status
        return (status, end.waiting)
      }
      for continuation in waiting { continuation.resume(returning: status) }
    }
  }

  deinit { if end.state.withLock({ $0.status == nil }) { kill(processIdentifier, SIGKILL) } }

  /// Whether it has not ended yet.
  public var isRunning: Bool { end.state.withLock { $0.status == nil } }

  /// Waits until it has ended; the exit status, or 128 and the number of the signal that ended it.
  ///
  /// A test whose own time is over kills it.
  ///
  /// - Throws: `TimeLimitExceeded`; then it was killed.
  public func ended(within seconds: TimeInterval = 300) async throws -> Int32 {
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + seconds)
    timer.setEventHandler { [end, pid = processIdentifier] in
      end.state.withLock { end in
        guard end.status == nil else { return }
        end.isLate = true
        kill(pid, SIGKILL)
      }
    }
    timer.activate()
    defer { timer.cancel() }
    let status = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let status = end.state.withLock { end in
          if end.status == nil { end.waiting.append(continuation) }
          return end.status
        }
        if let status { continuation.resume(returning: status) }
      }
    } onCancel: {
      send(SIGKILL)
    }
    if end.state.withLock({ $0.isLate }) {
      throw TimeLimitExceeded(description: "still running after \(seconds) s: \(commandLine)")
    }
    return status
  }

  /// Sends SIGTERM.
  public func terminate() { send(SIGTERM) }

  /// Sends `signal`, where it still runs.
  public func send(_ signal: Int32) {
    end.state.withLock { if $0.status == nil { kill(processIdentifier, signal) } }
  }

  /// Writes to the pipe that is its standard input.
  public func write(_ text: String) throws { try toInput!.write(contentsOf: Data(text.utf8)) }

  /// Closes the pipe that is its standard input.
  public func closeInput() throws { try toInput!.close() }

  /// The next line of its standard output, without the newline; nil at the end. A test whose own time is over kills it.
  public func line() async throws -> String? {
    let output = fromOutput!
    return try await withTaskCancellationHandler {
      try await OwnThread.run {
        var line: [UInt8] = []
        while let byte = try output.read(upToCount: 1)?.first {
          if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
          line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
      }
    } onCancel: {
      send(SIGKILL)
    }
  }
}
