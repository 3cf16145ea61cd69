import Foundation
import Synchronization

/// Runs what is asynchronous from where nothing is.
enum Blocking {
  /// Waits for what `body` gives. Not for use on a thread of the pool that tasks run on.
  static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let shared = Shared<Value>()
    Task.detached {
      let outcome: Result<Value, any Error>
      do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
      shared.result.withLock { $0 = outcome }
      shared.isDone.signal()
    }
    shared.isDone.wait()
    guard let outcome = shared.result.withLock({ $0 }) else { preconditionFailure("it has ended") }
    return try outcome.get()
  }

  private final class Shared<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let isDone = DispatchSemaphore(value: 0)
  }
}
