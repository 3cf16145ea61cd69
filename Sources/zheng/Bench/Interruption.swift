import Foundation
import Synchronization

/// What is still to be done when the process is told to end: by Ctrl-C, or by a signal that asks for it.
enum Interruption {
  private struct State {
    var cleanUps: [(number: Int, body: @Sendable () -> Void)] = []
    var last = 0
  }

  private static let state = Mutex(State())
  /// They stay for as long as the process does, and nobody touches them.
  private nonisolated(unsafe) static let sources = [SIGINT, SIGTERM, SIGHUP].map { signal in
    let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
    source.setEventHandler {
      let cleanUps = state.withLock { $0.cleanUps }
      for cleanUp in cleanUps.reversed() { cleanUp.body() }
      _exit(128 + signal)
    }
    source.resume()
    return source
  }

  /// Gives what `body` gives. Where the process is told to end before that, `cleanUp` is called, those of inner calls first, and
  /// the process ends with 128 and the signal's number as its status.
  static func with<Value>(
    cleaningUp cleanUp: @escaping @Sendable () -> Void, _ body: () throws -> Value
  ) rethrows -> Value {
    _ = sources
    let number = state.withLock { state in
      state.last += 1
      state.cleanUps.append((state.last, cleanUp))
      return state.last
    }
    defer { state.withLock { $0.cleanUps.removeAll { $0.number == number } } }
    return try body()
  }
}
