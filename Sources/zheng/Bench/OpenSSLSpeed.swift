import Foundation

/// `openssl speed`, run for the figures that people know.
struct OpenSSLSpeed {
  /// Why there are no figures, or nil.
  private(set) var absence: String?

  /// The time in ns that `openssl speed -evp sha256` takes for messages of `byteCount` bytes, measured for a second; nil where
  /// the command is not there or can't do it, and then `absence` says why.
  mutating func nanoseconds(_ byteCount: Int) -> Double? {
    guard absence == nil else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "openssl", "speed", "-mr", "-seconds", "1", "-bytes", "\(byteCount)", "-evp", "sha256",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do {
      try OpenSSLSpeed.unblockingSignals { try process.run() }
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      if process.terminationStatus == 127 {
        throw CommandError.noInput("the openssl command is not installed")
      }
      guard process.terminationStatus == 0, let rate = OpenSSLSpeed.bytesPerSecond(output) else {
        throw CommandError.noInput("the openssl command gave no figure")
      }
      return Double(byteCount) / rate * 1e9
    } catch {
      absence = (error as? CommandError)?.detail ?? "the openssl command can't be run"
      return nil
    }
  }

  /// Runs `body` with no signal blocked: threads of a pool block all of them, a process inherits that, and `openssl speed`
  /// would never hear the alarm that ends it.
  private static func unblockingSignals(_ body: () throws -> Void) rethrows {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  /// The figure of a line `+F:22:sha256:123456.78`, in bytes a second.
  static func bytesPerSecond(_ output: Data) -> Double? {
    for line in String(decoding: output, as: UTF8.self).split(separator: "\n") where line.hasPrefix("+F:") {
      if let last = line.split(separator: ":").last, let rate = Double(last), rate > 0 { return rate }
    }
    return nil
  }
}
