import Foundation
import Synchronization

/// What is still to be ended when the process is told to end: by Ctrl-C, or by a signal that asks for it.
package enum Interruption {
  private struct State {
    var ends: [(number: Int, body: @Sendable () -> Void)] = []
    var last = 0
  }

  private static let state = Mutex(State())
  /// They stay for as long as the process does, and nobody touches them.
  private nonisolated(unsafe) static let sources = [SIGINT, SIGTERM, SIGHUP].map { signal in
    let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
    let isRegistered = DispatchSemaphore(value: 0)
    source.setRegistrationHandler { isRegistered.signal() }
    source.setEventHandler {
      // Whoever would begin or end anything from now on waits for ever: what an end breaks is no failure, and no other status.
      state.withLock {
        for end in $0.ends.reversed() { end.body() }
        _exit(128 + signal)
      }
    }
    source.resume()
    // Until then a signal would end the process at once.
    isRegistered.wait()
    return source
  }

  /// Gives what `body` makes of what `begin` began, and ends that with `end`, once: where `body` is left, or where the process is
  /// told to end before that. It then ends with 128 and the signal's number as its status, once all is ended, what was begun last
  /// first.
  ///
  /// No signal comes between while `begin` or `end` is called; neither of them may call this.
  package static func with<Begun: Sendable, Value>(
    beginning begin: () throws -> Begun, ending end: @escaping @Sendable (Begun) -> Void,
    _ body: (Begun) throws -> Value
  ) throws -> Value {
    _ = sources
    let (begun, number) = try state.withLock { state in
      let begun = try begin()
      state.last += 1
      state.ends.append((state.last, { end(begun) }))
      return (begun, state.last)
    }
    defer {
      state.withLock { state in
        state.ends.removeAll { $0.number == number }
        end(begun)
      }
    }
    return try body(begun)
  }
}
